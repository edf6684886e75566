import { QUARTER_MS, quarterStart } from '@wattbus/load-analysis';
import type { Calendar } from '@wattbus/tariffs';
import {
  HISTORY_FAULTS_MAX,
  usageNames,
  type HistoryFault,
  type HistoryRow,
  type UsageName,
} from './history.js';

/** A quarter-hour as a file states it, in rows of so many minutes. Whole Wh or litres. */
export interface UsageQuarter {
  readonly startMs: number;
  readonly amounts: { readonly [name in UsageName]?: number };
  readonly rowMinutes: number;
}

export type UsageQuarters =
  | { readonly ok: true; readonly quarters: readonly UsageQuarter[]; readonly rowMinutes: number }
  | { readonly ok: false; readonly faults: readonly HistoryFault[] };

export interface UsageOptions {
  readonly calendar: Calendar;
  readonly timeAt: 'start' | 'end';
  /** Missing rows are unknown; without it they are a fault. */
  readonly gaps: boolean;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
/** Days on which the clock is changed. */
const changedDaysMinutes: ReadonlySet<number> = new Set([DAY_MINUTES - 60, DAY_MINUTES + 60]);
const intervalsMinutes: ReadonlySet<number> = new Set([1, 2, 5, 10, 15, 20, 30, 60, DAY_MINUTES]);

/**
 * Usage of intervals → quarter-hours whose sums are those of the rows, to the last Wh. Quarter-hours
 * that rows cover in part only are left out.
 */
export function usageQuarters(rows: readonly HistoryRow[], options: UsageOptions): UsageQuarters {
  const rowMinutes = intervalOf(rows);
  if (!intervalsMinutes.has(rowMinutes)) {
    const known = [...intervalsMinutes].join(', ');
    const message = `rows are ${rowMinutes} minutes apart; known are ${known}`;
    return { ok: false, faults: [{ line: rows[1]?.line ?? 1, column: 1, message }] };
  }
  const spans = rows.map((row) => spanOf(row, rowMinutes, options));
  const faults = [...negativeFaults(rows), ...(options.gaps ? [] : gapFaults(spans, rows))];
  if (faults.length > 0) return { ok: false, faults: faults.slice(0, HISTORY_FAULTS_MAX) };
  const quarters = quartersOf(spans).map((quarter) => ({ ...quarter, rowMinutes }));
  return { ok: true, quarters, rowMinutes };
}

interface Span {
  readonly startMs: number;
  readonly endMs: number;
  readonly values: HistoryRow['values'];
}

/** The step that most rows are from the one before, in minutes. */
export function intervalOf(rows: readonly HistoryRow[]): number {
  const counts = new Map<number, number>();
  for (const [i, { atMs }] of rows.entries()) {
    if (i === 0) continue;
    const stepMinutes = (atMs - rows[i - 1]!.atMs) / MINUTE_MS;
    const minutes = changedDaysMinutes.has(stepMinutes) ? DAY_MINUTES : stepMinutes;
    counts.set(minutes, (counts.get(minutes) ?? 0) + 1);
  }
  const [most] = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  return most?.[0] ?? 0;
}

/** Days are those of the clock, of 23 to 25 hours. */
function spanOf(
  { atMs, values }: HistoryRow,
  rowMinutes: number,
  { calendar, timeAt }: UsageOptions,
): Span {
  if (rowMinutes === DAY_MINUTES) {
    const { startMs, endMs } = calendar.dayOf(timeAt === 'start' ? atMs : atMs - 1);
    return { startMs, endMs, values };
  }
  const startMs = timeAt === 'start' ? atMs : atMs - rowMinutes * MINUTE_MS;
  return { startMs, endMs: startMs + rowMinutes * MINUTE_MS, values };
}

const negativeFaults = (rows: readonly HistoryRow[]): HistoryFault[] =>
  rows.flatMap(({ line, values }) =>
    usageNames.some((name) => (values[name] ?? 0) < 0)
      ? [{ line, column: 1, message: 'what was used must not be negative' }]
      : [],
  );

const gapFaults = (spans: readonly Span[], rows: readonly HistoryRow[]): HistoryFault[] =>
  spans.flatMap(({ startMs }, i) => {
    const before = spans[i - 1];
    if (!before || startMs === before.endMs) return [];
    const missing = Math.round((startMs - before.endMs) / (before.endMs - before.startMs));
    const message =
      missing > 0
        ? `${missing} row${missing > 1 ? 's' : ''} missing after line ${rows[i - 1]!.line}; ` +
          'give --gaps to import without'
        : `the interval of line ${rows[i - 1]!.line} ends after this one begins`;
    return [{ line: rows[i]!.line, column: 1, message }];
  });

function quartersOf(spans: readonly Span[]): Omit<UsageQuarter, 'rowMinutes'>[] {
  const millionths = new Map<number, { coveredMs: number; values: HistoryRow['values'] }>();
  for (const { startMs, endMs, values } of spans) {
    for (let ms = quarterStart(startMs); ms < endMs; ms += QUARTER_MS) {
      const coveredMs = Math.min(endMs, ms + QUARTER_MS) - Math.max(startMs, ms);
      const quarter = millionths.get(ms) ?? { coveredMs: 0, values: {} };
      millionths.set(ms, quarter);
      quarter.coveredMs += coveredMs;
      for (const name of usageNames) {
        const value = values[name];
        if (value === undefined) continue;
        const share = (value * coveredMs) / (endMs - startMs);
        quarter.values[name] = (quarter.values[name] ?? 0) + share;
      }
    }
  }
  const whole = [...millionths].filter(([, { coveredMs }]) => coveredMs === QUARTER_MS);
  return withWholeAmounts(whole.map(([startMs, { values }]) => ({ startMs, values })));
}

/** Rounds the running sums, so that what one quarter-hour loses the next one has. */
function withWholeAmounts(
  quarters: readonly { readonly startMs: number; readonly values: HistoryRow['values'] }[],
): Omit<UsageQuarter, 'rowMinutes'>[] {
  const sums = new Map<UsageName, number>();
  return quarters.map(({ startMs, values }) => {
    const amounts: { [name in UsageName]?: number } = {};
    for (const name of usageNames) {
      const value = values[name];
      if (value === undefined) continue;
      const before = sums.get(name) ?? 0;
      sums.set(name, before + value);
      amounts[name] = wholeOf(before + value) - wholeOf(before);
    }
    return { startMs, amounts };
  });
}

/** Shares of quarter-hours leave fractions of a millionth, which are none. */
const wholeOf = (millionths: number): number => Math.round(Math.round(millionths) / 1e6);
