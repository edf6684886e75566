import type { Slot } from '../component.js';
import { SLOT_MS } from '../usage.js';
import { orderFaults, readSeries, type Series } from './read-series.js';
import { isRefused, millionthsOf, refused, type Read, type Row, type TableFault } from './table.js';
import { instantsOf } from './times.js';

export interface UsageOptions {
  /** Of times without an offset. */
  readonly zone: string;
  /** The billing period, which the rows must cover whole. */
  readonly startMs: number;
  readonly endMs: number;
  readonly unit?: 'kWh' | 'Wh';
  /** Names in the header, where they are not found by themselves. */
  readonly timeColumn?: string;
  readonly importColumn?: string;
  readonly exportColumn?: string;
}

export interface ReadUsage {
  /** Quarter-hours of the billing period. */
  readonly slots: readonly Slot[];
  /** Quarter-hours before it. */
  readonly before: readonly Slot[];
  /** As taken: stated by the header or by the options, or guessed by the size of the values. */
  readonly unit: 'kWh' | 'Wh';
}

/**
 * Reads metered energy: a row an interval of 1 to 60 minutes, named by its start, with the energy
 * that was taken (and fed in) within it. Nothing is taken from a table that has a fault.
 */
export function readUsage(rows: readonly Row[], options: UsageOptions): Read<ReadUsage> {
  const columns = columnsOf(rows, options);
  if (isRefused(columns)) return columns;
  const { timeAt, importAt, exportAt, body } = columns;
  const read = readSeries(body, timeAt, options.zone);
  if (isRefused(read)) return read;
  const { series } = read;
  const faults = [
    ...orderFaults(series, timeAt),
    ...valueFaults(body, [importAt, ...(exportAt === null ? [] : [exportAt])]),
    ...coverageFaults(series, options),
  ];
  if (faults.length > 0) return refused([...faults].sort((a, b) => a.line - b.line));
  const unit = options.unit ?? columns.unit ?? guessedUnit(series, importAt);
  const imports = wholeWh(series, importAt, unit);
  const exports = exportAt === null ? [] : wholeWh(series, exportAt, unit);
  const slots = quarterHours(series, imports, exports);
  return {
    ok: true,
    unit,
    slots: slots.filter(({ startMs }) => startMs >= options.startMs && startMs < options.endMs),
    before: slots.filter(({ startMs }) => startMs < options.startMs),
  };
}

interface Columns {
  readonly timeAt: number;
  readonly importAt: number;
  readonly exportAt: number | null;
  readonly unit: 'kWh' | 'Wh' | null;
  readonly body: readonly Row[];
}

const exportNames = /export|inject|feed|einspeis|teruglever|retour|soutir.*inv|return|produc/i;
const timeNames = /^ts?$|time|date|datum|zeit|start|heure|tijd|from|일시|시간/i;
const importNames = /import|consum|usage|use|afname|verbruik|bezug|verbrauch|energy|wh|사용/i;

/** By the header, or by position where the first row is one of values. */
function columnsOf(rows: readonly Row[], options: UsageOptions): Read<Columns> {
  const [first] = rows;
  if (!first) return refused([{ line: 1, column: 1, message: 'the file is empty' }]);
  if (first.cells[0] && instantsOf(first.cells[0].text, options.zone).length > 0) {
    const exportAt = first.cells.length > 2 ? 2 : null;
    return { ok: true, timeAt: 0, importAt: 1, exportAt, unit: null, body: rows };
  }
  const names = first.cells.map(({ text }) => text.trim());
  const find = (wanted: string | undefined, pattern: RegExp, taken: readonly number[]): number =>
    names.findIndex((name, i) =>
      wanted === undefined ? !taken.includes(i) && pattern.test(name) : name === wanted,
    );
  const timeAt = find(options.timeColumn, timeNames, []);
  const exportAt = find(options.exportColumn, exportNames, [timeAt]);
  const importAt = find(options.importColumn, importNames, [timeAt, exportAt]);
  const missing = [
    ['time', timeAt],
    ['import', importAt],
  ].filter(([, at]) => at === -1);
  if (missing.length > 0) {
    const message = `no column for ${missing.map(([name]) => name).join(' and ')} among: ${names.join(', ')}`;
    return refused([{ line: first.line, column: 1, message }]);
  }
  return {
    ok: true,
    timeAt,
    importAt,
    exportAt: exportAt === -1 ? null : exportAt,
    unit: unitIn(names[importAt] ?? ''),
    body: rows.slice(1),
  };
}

function unitIn(name: string): 'kWh' | 'Wh' | null {
  if (/kwh/i.test(name)) return 'kWh';
  return /wh\b|wh$|_wh/i.test(name) ? 'Wh' : null;
}

function valueFaults(rows: readonly Row[], columns: readonly number[]): TableFault[] {
  return rows.flatMap((row) =>
    columns.flatMap((at) => {
      const cell = row.cells[at];
      const place = { line: row.line, column: cell?.column ?? 1 };
      if (!cell || cell.text.trim() === '') return [{ ...place, message: 'a value is missing' }];
      const value = millionthsOf(cell.text);
      if (value === null) return [{ ...place, message: `"${cell.text}" is no number` }];
      return value < 0n ? [{ ...place, message: 'energy must not be negative' }] : [];
    }),
  );
}

function coverageFaults(series: Series, { startMs, endMs }: UsageOptions): TableFault[] {
  const [first, last] = [series.rows[0]!, series.rows.at(-1)!];
  const iso = (ms: number): string => new Date(ms).toISOString();
  const faults: TableFault[] = [];
  if (first.atMs > startMs) {
    const message = `rows are missing from ${iso(startMs)}, where the bill begins`;
    faults.push({ line: first.row.line, column: 1, message });
  }
  if (last.atMs + series.intervalMs < endMs) {
    const message = `rows are missing after this one: the bill ends at ${iso(endMs)}`;
    faults.push({ line: last.row.line, column: 1, message });
  }
  return faults;
}

/** No home takes 60 kW on end, so larger numbers without a unit are Wh. */
const HOME_KW_MAX = 60n;
const HOUR_MS = 3_600_000n;

function guessedUnit({ rows, intervalMs }: Series, column: number): 'kWh' | 'Wh' {
  const limit = (HOME_KW_MAX * 1_000_000n * BigInt(intervalMs)) / HOUR_MS;
  return rows.some(({ row }) => valueAt(row, column) > limit) ? 'Wh' : 'kWh';
}

const valueAt = (row: Row, column: number): bigint =>
  millionthsOf(row.cells[column]?.text ?? '') ?? 0n;

/** Differences of the rounded sums, so that no rounding adds up. */
function wholeWh({ rows }: Series, column: number, unit: 'kWh' | 'Wh'): number[] {
  const perWh = unit === 'kWh' ? 1_000n : 1_000_000n;
  let sum = 0n;
  return rows.map(({ row }) => {
    const before = (sum * 2n + perWh) / (perWh * 2n);
    sum += valueAt(row, column);
    return Number((sum * 2n + perWh) / (perWh * 2n) - before);
  });
}

/** Longer intervals are spread evenly over their quarter-hours, shorter ones are added up. */
function quarterHours(
  { rows, intervalMs }: Series,
  imports: readonly number[],
  exports: readonly number[],
): Slot[] {
  const slots = new Map<
    number,
    { startMs: number; energyImportWh: number; energyExportWh: number }
  >();
  const parts = Math.max(1, intervalMs / SLOT_MS);
  rows.forEach(({ atMs }, i) => {
    for (let part = 0; part < parts; part += 1) {
      const startMs = Math.floor(atMs / SLOT_MS) * SLOT_MS + part * SLOT_MS;
      const slot = slots.get(startMs) ?? { startMs, energyImportWh: 0, energyExportWh: 0 };
      slot.energyImportWh += partOf(imports[i] ?? 0, part, parts);
      slot.energyExportWh += partOf(exports[i] ?? 0, part, parts);
      slots.set(startMs, slot);
    }
  });
  return [...slots.values()];
}

const partOf = (energyWh: number, part: number, parts: number): number =>
  Math.floor((energyWh * (part + 1)) / parts) - Math.floor((energyWh * part) / parts);
