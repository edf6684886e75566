import { delimiterIn } from '@wattbus/service-config';
import { QUARTER_MS, quarterStart, type LoadQuarter } from '@wattbus/load-analysis';
import { createCalendar, isZone } from '@wattbus/tariffs';
import { csvRows, firstLineOf } from '../history/read-rows.js';
import { clockTimeOf, createZoneClock, orderOf, type DateOrder } from './load-clock.js';
import { UserFault } from './tariff-files.js';

export interface LoadFile {
  readonly path: string;
  /** Names as in the header; `Date+Time` where a time is in two columns. */
  readonly timeColumn: string;
  readonly energyColumn: string;
  readonly unit: 'kWh' | 'Wh';
  readonly zone: string;
}

export interface ReadLoad {
  /** Without holes from the first to the last; `wh` is null where the file has nothing. */
  readonly quarters: readonly LoadQuarter[];
  readonly rows: number;
  readonly stepMinutes: number;
  /** Rows whose time another row has as well, or that no clock of the zone shows. */
  readonly ignored: number;
}

/** Twenty years of minutes. */
const ROWS_MAX = 12_000_000;
const QUARTERS_MAX = 1_000_000;
const FAULTS_MAX = 10;
const MINUTE_MS = 60_000;
/** A quarter-hour of which fewer of its minutes are there is not known. */
const COVERED_MIN = 0.8;
const missing: ReadonlySet<string> = new Set(['', '?', '-', 'NA', 'N/A', 'NaN', 'nan', 'null']);

/** Reads a load from a CSV file; throws a UserFault with `file:line: …` where it cannot. */
export async function readLoad(file: LoadFile): Promise<ReadLoad> {
  if (!isZone(file.zone)) throw new UserFault(`--zone: there is no time zone "${file.zone}"`);
  const rows = await readRows(file);
  const { samples, ignored } = samplesOf(rows, file);
  if (samples.length < 2) throw new UserFault(`${file.path}: fewer than two rows with a value`);
  const stepMs = stepOf(samples);
  const whole = stepMs >= QUARTER_MS ? stepMs % QUARTER_MS === 0 : QUARTER_MS % stepMs === 0;
  if (!whole) {
    const minutes = stepMs / MINUTE_MS;
    throw new UserFault(`${file.path}: rows are ${minutes} min apart, which fits no quarter-hour`);
  }
  return {
    quarters: withoutHoles(quartersOf(samples, stepMs), file.path),
    rows: rows.length,
    stepMinutes: stepMs / MINUTE_MS,
    ignored,
  };
}

interface LoadRow {
  readonly line: number;
  readonly time: string;
  readonly energy: string;
}

interface Sample {
  readonly atMs: number;
  readonly wh: number;
}

async function readRows(file: LoadFile): Promise<LoadRow[]> {
  const first = await firstLineOf(file.path).catch((error: Error) => {
    throw new UserFault(error.message);
  });
  const rows: LoadRow[] = [];
  let columns: { readonly time: readonly number[]; readonly energy: number } | null = null;
  try {
    for await (const { line, cells } of csvRows(file.path, delimiterIn(first))) {
      if (!columns) {
        columns = columnsOf(cells, file);
        continue;
      }
      const time = columns.time.map((at) => cells[at]!).join(' ');
      rows.push({ line, time, energy: cells[columns.energy]! });
      if (rows.length > ROWS_MAX) throw new UserFault(`${file.path}: more than ${ROWS_MAX} rows`);
    }
  } catch (error) {
    if (error instanceof UserFault) throw error;
    throw new UserFault(`${file.path}: ${(error as Error).message}`);
  }
  return rows;
}

function columnsOf(header: readonly string[], { path, timeColumn, energyColumn }: LoadFile) {
  const find = (name: string): number => {
    const at = header.indexOf(name);
    if (at >= 0) return at;
    throw new UserFault(
      `${path}:1: there is no column "${name}"; columns are ${header.join(', ')}`,
    );
  };
  const time = header.includes(timeColumn) ? [timeColumn] : timeColumn.split('+');
  return { time: time.map(find), energy: find(energyColumn) };
}

function samplesOf(
  rows: readonly LoadRow[],
  { path, unit, zone }: LoadFile,
): { samples: Sample[]; ignored: number } {
  const order = dateOrder(rows);
  const clock = createZoneClock(createCalendar(zone));
  const factor = unit === 'kWh' ? 1000 : 1;
  const byTime = new Map<number, number>();
  const faults: string[] = [];
  let ignored = 0;
  for (const { line, time, energy } of rows) {
    const at = clockTimeOf(time, order);
    const value = numberOf(energy);
    if (at === null) faults.push(`${path}:${line}: "${time}" is no time`);
    if (value === undefined) faults.push(`${path}:${line}: "${energy}" is no number`);
    if (faults.length >= FAULTS_MAX) break;
    if (at === null || value === undefined || value === null) continue;
    // The hour that a clock shows twice is the earlier one first.
    const instant = clock.instantsOf(at).find((ms) => !byTime.has(ms));
    if (instant === undefined) ignored += 1;
    else byTime.set(instant, value * factor);
  }
  if (faults.length > 0) throw new UserFault(faults.join('\n'));
  const samples = [...byTime].map(([atMs, wh]) => ({ atMs, wh })).sort((a, b) => a.atMs - b.atMs);
  return { samples, ignored };
}

/** Of all dates, one that can be only one way tells how the others are meant. */
function dateOrder(rows: readonly LoadRow[]): DateOrder {
  for (const { time } of rows) {
    const order = orderOf(time);
    if (order) return order;
  }
  return 'day-first';
}

/** With a decimal point or comma; null where the file says that there is none. */
function numberOf(text: string): number | null | undefined {
  if (missing.has(text)) return null;
  const value = Number(text.includes('.') ? text : text.replace(',', '.'));
  return Number.isFinite(value) ? value : undefined;
}

/** The distance that most rows have from the one before. */
function stepOf(samples: readonly Sample[]): number {
  const counts = new Map<number, number>();
  for (let i = 1; i < samples.length; i += 1) {
    const stepMs = samples[i]!.atMs - samples[i - 1]!.atMs;
    counts.set(stepMs, (counts.get(stepMs) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]![0];
}

/** Energy of each quarter-hour; long rows are spread evenly, short ones added. */
function quartersOf(samples: readonly Sample[], stepMs: number): Map<number, number> {
  const sums = new Map<number, { wh: number; count: number }>();
  const parts = Math.max(1, stepMs / QUARTER_MS);
  for (const { atMs, wh } of samples) {
    for (let part = 0; part < parts; part += 1) {
      const startMs = quarterStart(atMs) + part * QUARTER_MS;
      const { wh: before, count } = sums.get(startMs) ?? { wh: 0, count: 0 };
      sums.set(startMs, { wh: before + wh / parts, count: count + 1 });
    }
  }
  const expected = Math.max(1, QUARTER_MS / stepMs);
  const known = [...sums].filter(([, { count }]) => count / expected >= COVERED_MIN);
  return new Map(known.map(([startMs, { wh, count }]) => [startMs, (wh * expected) / count]));
}

function withoutHoles(known: ReadonlyMap<number, number>, path: string): LoadQuarter[] {
  const starts = [...known.keys()].sort((a, b) => a - b);
  const count = (starts.at(-1)! - starts[0]!) / QUARTER_MS + 1;
  if (count > QUARTERS_MAX) throw new UserFault(`${path}: spans more than 28 years`);
  return Array.from({ length: count }, (_, i) => {
    const startMs = starts[0]! + i * QUARTER_MS;
    return { startMs, wh: known.get(startMs) ?? null, exportWh: 0 };
  });
}
