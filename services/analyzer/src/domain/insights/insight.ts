import type { AnalysisSite, AnalysisState } from '@wattbus/load-analysis';
import type { Reasons, Topic } from '@wattbus/mqtt-contract';
import type { Calendar, LocalSpan } from '@wattbus/tariffs';
import type { MeterState, Stamp } from '../meter-state.js';

/**
 * A result that changes a few times an hour at most. It is said when its version changes, with
 * the stamp of the reading that changed it: so what it holds is decided by its version alone, and
 * a replica that takes over says the same bytes.
 */
export interface Insight<Payload> {
  readonly topic: Topic<Payload>;
  /** What the version is made from: where none of it is another one, the version is the same. */
  readonly parts: (analysis: AnalysisState) => readonly unknown[];
  /** Null while there is nothing to say. */
  readonly version: (analysis: AnalysisState) => string | null;
  readonly make: (subject: Subject, site: AnalysisSite) => Payload | null;
}

export interface Subject {
  readonly state: MeterState;
  readonly stamp: Stamp;
}

export interface Explanation {
  readonly fromMs: number;
  readonly toMs: number;
  readonly coverage: number;
  readonly reasons: Reasons;
}

/** What every such result says beside its own. */
export const explained = (
  { state: { meter, medium, role }, stamp: { at, epoch, seq } }: Subject,
  { fromMs, toMs, coverage, reasons }: Explanation,
) => ({
  ...{ v: 1 as const, meter, medium, role, at, epoch, seq },
  from: instant(fromMs),
  to: instant(toMs),
  coverage: rounded(Math.min(1, Math.max(0, coverage)), 4),
  reasons,
});

export const instant = (atMs: number): string => new Date(atMs).toISOString();

export const rounded = (value: number, decimals = 0): number =>
  Math.round(value * 10 ** decimals) / 10 ** decimals;

const DAY_MS = 86_400_000;

/** The local day that models count by its date, in days from 1970-01-01. */
export function dayNumbered(calendar: Calendar, day: number): LocalSpan {
  const midnightMs = day * DAY_MS;
  return (
    calendar.dayNamed(new Date(midnightMs).toISOString().slice(0, 10)) ?? calendar.dayOf(midnightMs)
  );
}
