import { delimiterIn } from '@wattbus/service-config';
import { createCalendar, millionthsOf } from '@wattbus/tariffs';
import { clockTimeOf, createZoneClock, orderOf, type DateOrder } from '../commands/load-clock.js';
import {
  HISTORY_FAULTS_MAX,
  HISTORY_ROWS_MAX,
  factorOf,
  unitOf,
  type History,
  type HistoryFault,
  type HistoryPart,
  type HistoryRow,
  type Values,
} from './history.js';
import { layoutOf, type Layout, type LayoutColumn, type LayoutOptions } from './layouts.js';
import { columnOfCell, csvRows, firstLineOf, type CsvRow } from './read-rows.js';

export interface TableOptions extends LayoutOptions {
  /** Of times without an offset. */
  readonly zone: string;
}

export type ReadHistory =
  | { readonly ok: true; readonly history: History }
  | { readonly ok: false; readonly faults: readonly HistoryFault[] };

/** What stands for no value in the exports of many programs. */
const missing: ReadonlySet<string> = new Set([
  '',
  '?',
  '-',
  'NA',
  'N/A',
  'NaN',
  'nan',
  'null',
  'unknown',
  'unavailable',
]);

/** Reads a CSV file whole; nothing is taken from one that has a fault. */
export async function readHistoryTable(path: string, options: TableOptions): Promise<ReadHistory> {
  const header = await firstLineOf(path);
  const delimiter = delimiterIn(header);
  const order = await dateOrderOf(path, delimiter, options);
  const reader = new TableReader(delimiter, order, options);
  try {
    for await (const row of csvRows(path, delimiter)) {
      if (!reader.take(row)) break;
    }
  } catch (error) {
    const { lines = 1, message } = error as { lines?: number; message: string };
    const hint = delimiter === ',' ? '; numbers with a decimal comma need quotes' : '';
    return { ok: false, faults: [{ line: lines, column: 1, message: `${message}${hint}` }] };
  }
  return reader.end();
}

/** Of all dates, one that can be only one way tells how the others are meant. */
async function dateOrderOf(
  path: string,
  delimiter: string,
  options: TableOptions,
): Promise<DateOrder> {
  let time: readonly number[] | undefined;
  try {
    for await (const { cells } of csvRows(path, delimiter)) {
      if (!time) {
        const layout = layoutOf(cells, options);
        if ('fault' in layout) break;
        ({ time } = layout);
        continue;
      }
      const text = time.map((at) => cells[at] ?? '').join(' ');
      const order = orderOf(text);
      if (order) return order;
      // Dates with the year in front are never two ways.
      if (/^\d{4}\D|^\d{9,}/.test(text)) break;
    }
  } catch {
    // Reading it whole tells where the table breaks off.
  }
  return 'day-first';
}

class TableReader {
  readonly #delimiter: string;
  readonly #order: DateOrder;
  readonly #options: TableOptions;
  readonly #clock: ReturnType<typeof createZoneClock>;
  readonly #faults: HistoryFault[] = [];
  readonly #rows = new Map<string, { medium: HistoryPart['medium']; rows: HistoryRow[] }>();
  /** Ids of series that nobody said what they hold. */
  readonly #unknownIds = new Set<string>();
  #layout: Layout | null = null;
  #count = 0;
  /** By series: the time of the row before. */
  readonly #before = new Map<string, number>();

  constructor(delimiter: string, order: DateOrder, options: TableOptions) {
    this.#delimiter = delimiter;
    this.#order = order;
    this.#options = options;
    this.#clock = createZoneClock(createCalendar(options.zone));
  }

  /** False once there are faults enough. */
  take(row: CsvRow): boolean {
    if (!this.#layout) return this.#takeHeader(row);
    this.#count += 1;
    if (this.#count > HISTORY_ROWS_MAX) {
      this.#fault(row, 0, `more than ${HISTORY_ROWS_MAX} rows: split the file`);
      return false;
    }
    const { time, ids } = this.#layout;
    const series = ids ? (row.cells[ids.at] ?? '') : '';
    const atMs = this.#timeOf(time.map((at) => row.cells[at] ?? '').join(' '), series);
    if (atMs === null) {
      const text = row.cells[time[0]!] ?? '';
      this.#fault(
        row,
        time[0]!,
        `"${text}" is no time that the clock of ${this.#options.zone} shows`,
      );
    } else {
      this.#takeValues(row, atMs, this.#layout);
    }
    return this.#faults.length < HISTORY_FAULTS_MAX;
  }

  end(): ReadHistory {
    if (!this.#layout) {
      if (this.#faults.length === 0) this.#faults.push(emptyFault);
      return { ok: false, faults: this.#faults };
    }
    const ids = [...this.#unknownIds].join(', ');
    if (this.#layout.ids && this.#rows.size === 0 && this.#faults.length === 0) {
      const message = `say what the series hold by --column ID=QUANTITY; in the file are ${ids}`;
      this.#faults.push({ line: 1, column: 1, message });
    }
    if (this.#faults.length > 0) return { ok: false, faults: this.#faults };
    const { format, timeAt, registersAtEnd = false } = this.#layout;
    // A table that may hold several media, but does not, is all of the meter that was named.
    const single = format === 'csv' && this.#rows.size === 1;
    const parts = [...this.#rows].map(([suffix, { medium, rows }]) => ({
      suffix: single ? '' : suffix,
      medium,
      rows,
    }));
    return { ok: true, history: { format, timeAt, registersAtEnd, parts } };
  }

  #takeHeader(row: CsvRow): boolean {
    const layout = layoutOf(row.cells, this.#options);
    if ('fault' in layout) {
      this.#faults.push({ line: row.line, column: 1, message: layout.fault });
      return false;
    }
    this.#layout = layout;
    return true;
  }

  /** In the hour that the clock shows twice, the order of the rows tells which is meant. */
  #timeOf(text: string, series: string): number | null {
    const clockTime = clockTimeOf(text.trim(), this.#order);
    const instants = clockTime ? this.#clock.instantsOf(clockTime) : [];
    const beforeMs = this.#before.get(series) ?? -Infinity;
    const atMs =
      instants.find((instant) => instant > beforeMs) ??
      instants.findLast((instant) => instant < beforeMs) ??
      instants[0];
    if (atMs === undefined) return null;
    this.#before.set(series, atMs);
    return atMs;
  }

  #takeValues(row: CsvRow, atMs: number, layout: Layout): void {
    const columns = layout.ids ? this.#columnsOfId(row, layout) : layout.columns;
    const taken = new Map<string, Taken>();
    for (const column of columns) {
      const text = row.cells[column.at] ?? '';
      if (missing.has(text)) continue;
      const value = valueOf(text, column);
      if (value === null) this.#fault(row, column.at, `"${text}" is no number`);
      else add(taken, column, value);
    }
    for (const [suffix, { medium, values }] of taken) {
      const part = this.#rows.get(suffix) ?? { medium, rows: [] };
      this.#rows.set(suffix, part);
      part.rows.push({ line: row.line, atMs, values });
    }
  }

  #columnsOfId(row: CsvRow, { ids }: Layout): readonly LayoutColumn[] {
    const { at, unitAt, valueAt } = ids!;
    const id = row.cells[at] ?? '';
    const target = this.#options.columns.get(id);
    if (target === undefined) {
      if (this.#unknownIds.size < HISTORY_FAULTS_MAX) this.#unknownIds.add(id);
      return [];
    }
    const unit = unitAt === null ? (this.#options.unit ?? 'kWh') : (row.cells[unitAt] ?? '');
    const factor = factorOf(target, unit);
    if (factor === undefined) {
      this.#fault(row, unitAt ?? valueAt, `"${unit}" is no unit of ${target}; give --unit`);
      return [];
    }
    const medium = unitOf(target) === 'L' ? 'gas' : 'electricity';
    return [{ at: valueAt, target, factor, suffix: medium === 'gas' ? '-gas' : '', medium }];
  }

  #fault({ line, raw }: CsvRow, cell: number, message: string): void {
    this.#faults.push({ line, column: columnOfCell(raw, cell, this.#delimiter), message });
  }
}

const emptyFault: HistoryFault = { line: 1, column: 1, message: 'the file is empty' };

/** In millionths of the target's unit, exactly as written; null where the text is no number. */
function valueOf(text: string, { factor }: { readonly factor: number }): number | null {
  const exact = millionthsOf(text);
  if (exact !== null) return Number(exact * BigInt(factor));
  const value = /^[-+]?\d+(\.\d*)?([eE][-+]?\d+)?$/.test(text) ? Number(text) : NaN;
  return Number.isFinite(value) ? Math.round(value * 1e6 * factor) : null;
}

interface Taken {
  readonly medium: HistoryPart['medium'];
  readonly values: Values;
}

function add(
  taken: Map<string, Taken>,
  { suffix, medium, target }: LayoutColumn,
  value: number,
): void {
  const values: Values = taken.get(suffix)?.values ?? {};
  taken.set(suffix, { medium, values });
  values[target] = (values[target] ?? 0) + value;
}
