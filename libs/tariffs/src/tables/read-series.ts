import { instantsOf } from './times.js';
import { refused, type Read, type Row, type TableFault } from './table.js';

/** A row with its time told apart from those before it. */
export interface TimedRow {
  readonly row: Row;
  readonly atMs: number;
}

export interface Series {
  readonly rows: readonly TimedRow[];
  readonly intervalMs: number;
}

const MINUTE_MS = 60_000;
const INTERVALS_MIN: ReadonlySet<number> = new Set([1, 5, 10, 15, 30, 60]);

/** Reads the times of a table and finds its interval: the most frequent step. */
export function readSeries(
  rows: readonly Row[],
  timeColumn: number,
  zone: string,
): Read<{ readonly series: Series }> {
  const faults: TableFault[] = [];
  const timed: TimedRow[] = [];
  for (const row of rows) {
    const cell = row.cells[timeColumn];
    const instants = cell ? instantsOf(cell.text, zone) : [];
    const before = timed.at(-1)?.atMs ?? -Infinity;
    // In the hour that the clock shows twice, the order of the rows tells which is meant.
    const atMs = instants.find((instant) => instant > before) ?? instants[0];
    if (atMs === undefined) {
      const text = cell?.text ?? '';
      const message = `"${text}" is no time that the clock of ${zone} shows`;
      faults.push({ line: row.line, column: cell?.column ?? 1, message });
    } else {
      timed.push({ row, atMs });
    }
  }
  if (faults.length > 0) return refused(faults);
  if (timed.length < 2) {
    return refused([{ line: rows[0]?.line ?? 1, column: 1, message: 'needs at least two rows' }]);
  }
  const intervalMs = mostFrequentStep(timed);
  if (!INTERVALS_MIN.has(intervalMs / MINUTE_MS)) return refused([badInterval(timed, intervalMs)]);
  return { ok: true, series: { rows: timed, intervalMs } };
}

/** Rows that are shuffled, doubled, missing or off the interval. */
export function orderFaults({ rows, intervalMs }: Series, timeColumn: number): TableFault[] {
  return rows.flatMap(({ row, atMs }, i) => {
    const before = rows[i - 1];
    const stepMs = before ? atMs - before.atMs : intervalMs;
    if (stepMs === intervalMs) return [];
    const line = before?.row.line ?? 0;
    const message = orderMessage(stepMs, intervalMs, line);
    return [{ line: row.line, column: row.cells[timeColumn]?.column ?? 1, message }];
  });
}

function orderMessage(stepMs: number, intervalMs: number, line: number): string {
  if (stepMs === 0) return `the time of line ${line} again: rows are doubled`;
  if (stepMs < 0) return `a time before that of line ${line}: rows are shuffled`;
  const missing = stepMs / intervalMs - 1;
  return stepMs % intervalMs === 0
    ? `${missing} row${missing > 1 ? 's' : ''} missing after line ${line}`
    : `${stepMs / MINUTE_MS} minutes after line ${line} in a table of ${intervalMs / MINUTE_MS}`;
}

function mostFrequentStep(rows: readonly TimedRow[]): number {
  const counts = new Map<number, number>();
  for (let i = 1; i < rows.length; i += 1) {
    const stepMs = rows[i]!.atMs - rows[i - 1]!.atMs;
    if (stepMs > 0) counts.set(stepMs, (counts.get(stepMs) ?? 0) + 1);
  }
  const [first] = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  return first?.[0] ?? 0;
}

const badInterval = (rows: readonly TimedRow[], intervalMs: number): TableFault => ({
  line: rows[1]?.row.line ?? 1,
  column: 1,
  message: `rows are ${intervalMs / MINUTE_MS} minutes apart; known are ${[...INTERVALS_MIN].join(', ')}`,
});
