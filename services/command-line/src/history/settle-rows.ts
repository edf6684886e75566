import { HISTORY_FAULTS_MAX, isUsageName, type HistoryFault, type HistoryRow } from './history.js';

export type Settled =
  | { readonly ok: true; readonly rows: readonly HistoryRow[] }
  | { readonly ok: false; readonly faults: readonly HistoryFault[] };

/**
 * Rows in order of time, one an instant: the newest first is as good, and rows of several series
 * are put together. Anything else is shuffled or doubled, and refused.
 */
export function settleRows(rows: readonly HistoryRow[], hasSeries: boolean): Settled {
  const ordered = hasSeries ? byTime(rows) : isDescending(rows) ? rows.toReversed() : rows;
  const settled: HistoryRow[] = [];
  const faults: HistoryFault[] = [];
  for (const row of ordered) {
    const before = settled.at(-1);
    const merged = before && before.atMs === row.atMs && hasSeries ? merge(before, row) : null;
    if (merged) {
      settled[settled.length - 1] = merged;
      continue;
    }
    settled.push(row);
    if (!before || row.atMs > before.atMs) continue;
    const what =
      row.atMs === before.atMs
        ? `the time of line ${before.line} again: rows are doubled`
        : `a time before that of line ${before.line}: rows are shuffled`;
    faults.push({ line: row.line, column: 1, message: what });
    if (faults.length >= HISTORY_FAULTS_MAX) break;
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, rows: settled };
}

const byTime = (rows: readonly HistoryRow[]): HistoryRow[] =>
  rows.toSorted((a, b) => a.atMs - b.atMs || a.line - b.line);

const isDescending = (rows: readonly HistoryRow[]): boolean =>
  rows.length > 1 && rows.every((row, i) => i === 0 || row.atMs < rows[i - 1]!.atMs);

/** Null where both state the same. */
function merge(a: HistoryRow, b: HistoryRow): HistoryRow | null {
  const doubled = Object.keys(b.values).some((name) => name in a.values);
  return doubled ? null : { ...a, values: { ...a.values, ...b.values } };
}

export type HistoryKind = 'register' | 'usage';

/** So many rows that never fall, and so many of them that rise, are a register's. */
const REGISTER_ROWS_MIN = 25;
const REGISTER_RISES_MIN = 5;

/**
 * Whether energy is a register's or that of intervals, where the columns do not say: no home uses
 * more, or as much, in every interval than in the one before.
 */
export function kindOf(rows: readonly HistoryRow[]): HistoryKind {
  const values = rows.flatMap(({ values: { importWh } }) =>
    importWh === undefined ? [] : [importWh],
  );
  if (values.length < REGISTER_ROWS_MIN) return 'usage';
  let rises = 0;
  for (const [i, value] of values.entries()) {
    const before = values[i - 1] ?? value;
    if (value < before) return 'usage';
    if (value > before) rises += 1;
  }
  return rises >= REGISTER_RISES_MIN ? 'register' : 'usage';
}

/** Energy of columns that turned out to be registers, under the registers' names. */
export const asRegisters = (rows: readonly HistoryRow[]): HistoryRow[] =>
  rows.map(({ values: { importWh, exportWh, ...values }, ...row }) => ({
    ...row,
    values: {
      ...values,
      ...(importWh === undefined ? {} : { energyImportWh: importWh }),
      ...(exportWh === undefined ? {} : { energyExportWh: exportWh }),
    },
  }));

export const hasUsage = (rows: readonly HistoryRow[]): boolean =>
  rows.some(({ values }) => Object.keys(values).some(isUsageName));
