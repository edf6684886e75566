import type { Medium, Reading, Role } from '@wattbus/energy-model';
import {
  initialAnalysis,
  loadAnalysis,
  nextAnalysis,
  nextAnalysisOfQuarter,
  nextCounters,
  type AnalysisSite,
  type AnalysisState,
  type AnalysisStep,
  type Counters,
  type DayBook,
  type Finding,
  type LedgerResult,
  type StatedQuarter,
} from '@wattbus/load-analysis';
import type { AnalyzerSnapshot } from '@wattbus/mqtt-contract';
import type { Cost } from '@wattbus/tariffs';
import { nextChanges, type Changes } from './insights/index.js';

/** The newest reading that a result is made from. */
export interface Stamp {
  readonly epoch: string;
  readonly seq: number;
  readonly at: string;
}

/** Whose reading it is, and which. */
export interface MeterStamp extends Stamp {
  readonly meter: string;
  readonly medium: Medium;
  readonly role: Role;
}

/** What a replica keeps of a meter that it owns. Plain JSON. */
export interface MeterState extends MeterStamp {
  readonly analysis: AnalysisState;
  /** Absent in a state that was saved before there were any. */
  readonly counters?: Counters;
  /** The reading that closed the last local day. */
  readonly dayClosedBy: Stamp | null;
  /** What each insight is now, and the reading that made it so. */
  readonly changes: Changes;
}

/** A local day that a reading closed. The cost is known of the last one only. */
export interface ClosedDay {
  readonly day: DayBook;
  readonly cost: Cost | null;
}

export interface MeterStep {
  readonly state: MeterState;
  readonly days: readonly ClosedDay[];
  readonly results: readonly LedgerResult[];
  readonly findings: readonly Finding[];
}

/** Takes the next reading of a meter. */
export const nextMeterState = (
  state: MeterState | null,
  reading: Reading,
  site: AnalysisSite,
): MeterStep =>
  stepOf(state, reading, nextAnalysis(state?.analysis ?? initialAnalysis, reading, site));

/** Takes the next quarter-hour of a history that has no readings. */
export const nextMeterStateOfQuarter = (
  state: MeterState | null,
  stated: StatedQuarter & MeterStamp,
  site: AnalysisSite,
): MeterStep =>
  stepOf(state, stated, nextAnalysisOfQuarter(state?.analysis ?? initialAnalysis, stated, site));

function stepOf(
  before: MeterState | null,
  { meter, medium, role, epoch, seq, at }: MeterStamp,
  { state: analysis, results, findings }: AnalysisStep,
): MeterStep {
  const days = results.flatMap((result) => (result.kind === 'day' ? [result.day] : []));
  return {
    state: {
      meter,
      medium,
      role,
      epoch,
      seq,
      at,
      analysis,
      counters: nextCounters(before?.counters ?? {}, analysis.ledger, results, medium),
      dayClosedBy: days.length > 0 ? { epoch, seq, at } : (before?.dayClosedBy ?? null),
      changes: nextChanges(before?.changes ?? {}, analysis, { epoch, seq, at }),
    },
    days: days.map((day, i) => ({
      day,
      cost: i === days.length - 1 ? (analysis.cost?.closedDay ?? null) : null,
    })),
    results,
    findings,
  };
}

/** The state in a snapshot, or why it is of no use. */
export function fromSnapshot(
  { meter, epoch, seq, state }: AnalyzerSnapshot,
  { calendar }: AnalysisSite,
): MeterState | { readonly fault: string } {
  const saved = state as unknown as MeterState;
  const analysis = loadAnalysis(saved.analysis, calendar);
  if ('fault' in analysis) return analysis;
  if (saved.meter !== meter || saved.epoch !== epoch || saved.seq !== seq) {
    return { fault: 'the saved state is of another reading than its snapshot' };
  }
  // One that was saved before insights were said has none.
  return { ...saved, analysis, changes: (saved as Partial<MeterState>).changes ?? {} };
}

export const toSnapshot = (state: MeterState, savedAt: Date): AnalyzerSnapshot => ({
  v: 1,
  meter: state.meter,
  epoch: state.epoch,
  seq: state.seq,
  savedAt: savedAt.toISOString(),
  state: { ...state },
});
