import type { HistoryReply } from '@wattbus/mqtt-contract';

/** How much of the past the chart shows, and in which steps. */
export const ranges = {
  hour: { spanMs: 3_600_000, resolutionS: 10 },
  day: { spanMs: 86_400_000, resolutionS: 60 },
} as const;
export type RangeName = keyof typeof ranges;

/** Live steps that are kept; beyond that the oldest go, history has them by then. */
const LIVE_STEPS_MAX = 10_000;

interface Step {
  readonly startMs: number;
  readonly sumW: number;
  readonly count: number;
}

/** Power over time: what the historian stored, and what has come since. */
export interface PowerSeries {
  readonly range: RangeName;
  /** Names the request whose replies are taken; others are late. */
  readonly requestId: string | null;
  /** One entry a grid meter; null until its reply is there. */
  readonly stored: readonly (HistoryReply | null)[];
  readonly live: readonly Step[];
  readonly newest: { readonly atMs: number; readonly powerW: number } | null;
  readonly error: string | null;
}

/** Columns for the chart; null marks a gap, import is positive. */
export interface Columns {
  readonly atMs: number[];
  readonly powerW: (number | null)[];
}

export const emptySeries: PowerSeries = {
  range: 'day',
  requestId: null,
  stored: [],
  live: [],
  newest: null,
  error: null,
};

/** A new request is under way for `meters` meters; what is shown stays until the reply. */
export const requested = (series: PowerSeries, requestId: string): PowerSeries => ({
  ...series,
  requestId,
});

export const withRange = (series: PowerSeries, range: RangeName): PowerSeries =>
  series.range === range ? series : { ...emptySeries, range, newest: series.newest };

/** Takes a reply with the id `{requestId}.{index of the meter}.{number of meters}`. */
export function withReply(series: PowerSeries, reply: HistoryReply): PowerSeries {
  const [requestId, index, count] = reply.id.split('.');
  if (requestId !== series.requestId || reply.resolutionS !== resolutionOf(series)) return series;
  if (reply.error !== undefined) return { ...series, error: reply.error };
  const stored = Array.from({ length: Number(count) }, (_, i) =>
    i === Number(index) ? reply : (series.stored[i] ?? null),
  );
  return { ...series, stored, error: null };
}

export function withPower(series: PowerSeries, atMs: number, powerW: number): PowerSeries {
  if (series.newest && atMs <= series.newest.atMs) return series;
  const stepMs = resolutionOf(series) * 1_000;
  const startMs = Math.floor(atMs / stepMs) * stepMs;
  const last = series.live.at(-1);
  const live =
    last?.startMs === startMs
      ? [...series.live.slice(0, -1), { startMs, sumW: last.sumW + powerW, count: last.count + 1 }]
      : [...series.live.slice(-LIVE_STEPS_MAX), { startMs, sumW: powerW, count: 1 }];
  return { ...series, live, newest: { atMs, powerW } };
}

/**
 * Everything from `fromMs` on. A step stands at its middle, since it is a mean; the running step
 * is left out, and the newest reading ends the line, so that the chart moves with each reading.
 */
export function columnsOf(series: PowerSeries, fromMs: number): Columns {
  const stepMs = resolutionOf(series) * 1_000;
  const endMs = series.newest?.atMs ?? Infinity;
  const means = new Map<number, number>();
  for (const part of series.stored) {
    for (const [i, startMs] of (part?.atMs ?? []).entries()) {
      const mean = part?.mean?.[i];
      if (mean !== undefined) means.set(startMs, (means.get(startMs) ?? 0) + mean);
    }
  }
  const storedUntilMs = Math.max(-Infinity, ...lastStarts(series));
  for (const { startMs, sumW, count } of series.live) {
    // The last stored step was still running when it was read.
    if (startMs >= storedUntilMs) means.set(startMs, sumW / count);
  }
  const rows = [...means]
    .filter(([startMs]) => startMs >= fromMs && startMs + stepMs <= endMs)
    .map(([startMs, powerW]) => ({ atMs: startMs + stepMs / 2, powerW }))
    .sort((one, other) => one.atMs - other.atMs);
  if (series.newest && series.newest.atMs >= fromMs) rows.push(series.newest);
  return withGaps(rows, stepMs);
}

const resolutionOf = ({ range }: PowerSeries): number => ranges[range].resolutionS;

const lastStarts = ({ stored }: PowerSeries): number[] =>
  stored.flatMap((part) => part?.atMs.at(-1) ?? []);

/** Fewer distances do not tell how often values come. */
const DISTANCES_MIN = 3;

/** A line must not bridge missing data; what counts as missing depends on how often values come. */
function withGaps(rows: readonly { atMs: number; powerW: number }[], stepMs: number): Columns {
  const distances = rows.slice(1).map(({ atMs }, i) => atMs - rows[i]!.atMs);
  const usualMs =
    distances.length < DISTANCES_MIN
      ? stepMs
      : [...distances].sort((a, b) => a - b)[(distances.length - 1) >> 1]!;
  const gapMs = 3 * Math.max(stepMs, usualMs);
  const columns: Columns = { atMs: [], powerW: [] };
  for (const { atMs, powerW } of rows) {
    const previousMs = columns.atMs.at(-1);
    if (previousMs !== undefined && atMs - previousMs > gapMs) {
      columns.atMs.push(previousMs + stepMs);
      columns.powerW.push(null);
    }
    columns.atMs.push(atMs);
    columns.powerW.push(powerW);
  }
  return columns;
}
