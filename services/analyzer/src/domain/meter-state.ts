import type { Medium, Reading, Role } from '@wattbus/energy-model';
import {
  costOfClosedDay,
  initialAnalysis,
  keptDays,
  nextAnalysis,
  nextAnalysisOfQuarter,
  nextCounters,
  priceCost,
  type AnalysisSite,
  type AnalysisState,
  type AnalysisStep,
  type BilledMeter,
  type Counters,
  type DayBook,
  type DayCost,
  type Finding,
  type LedgerResult,
  type StatedQuarter,
} from '@wattbus/load-analysis';
import type { PriceDirection } from '@wattbus/mqtt-contract';
import type { PriceSlot } from '@wattbus/tariffs';
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
  /** The reading that closed the last quarter-hour. */
  readonly quarterClosedBy?: Stamp | null;
  /** What each insight is now, and the reading that made it so. */
  readonly changes: Changes;
}

/** A local day that a reading closed, and its cost; null where that is not known. */
export interface ClosedDay {
  readonly day: DayBook;
  readonly cost: DayCost | null;
  /** It closed before, and prices that came late have changed its cost. */
  readonly repriced?: true;
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
): MeterStep => stepOf(state, reading, site, nextAnalysis);

/** Takes the next quarter-hour of a history that has no readings. */
export const nextMeterStateOfQuarter = (
  state: MeterState | null,
  stated: StatedQuarter & MeterStamp,
  site: AnalysisSite,
): MeterStep => stepOf(state, stated, site, nextAnalysisOfQuarter);

function stepOf<Input extends MeterStamp>(
  before: MeterState | null,
  input: Input,
  site: AnalysisSite,
  next: (state: AnalysisState, input: Input, site: AnalysisSite) => AnalysisStep,
): MeterStep {
  const { meter, medium, role, epoch, seq, at } = input;
  const step = next(before?.analysis ?? initialAnalysis, input, site);
  const { state: analysis, results, findings } = step;
  const isClosing = results.length > 0;
  const days = isClosing ? results.flatMap((one) => (one.kind === 'day' ? [one.day] : [])) : none;
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
      quarterClosedBy:
        isClosing && results.some(({ kind }) => kind === 'quarter')
          ? { epoch, seq, at }
          : (before?.quarterClosedBy ?? null),
      changes: nextChanges(before, analysis, { epoch, seq, at }),
    },
    days: days.length === 0 ? none : days.map((day) => closedDay(analysis, day, site)),
    results,
    findings,
  };
}

const none: readonly never[] = [];

const closedDay = (analysis: AnalysisState, day: DayBook, site: AnalysisSite): ClosedDay => ({
  day,
  cost: dayCostOf(analysis, day, site),
});

/** The meter's books for its bills; null for one that is not billed. */
export function billedMeterOf({ cost, ledger, demand }: AnalysisState): BilledMeter | null {
  return cost && { cost, ledger, peaks: demand?.peaks ?? noPeaks };
}

/** The same one each time: bills are kept by what they are made of. */
const noPeaks: BilledMeter['peaks'] = [];

export function dayCostOf(
  analysis: AnalysisState,
  day: DayBook,
  site: AnalysisSite,
): DayCost | null {
  const meter = billedMeterOf(analysis);
  return meter && costOfClosedDay(meter, day, site);
}

export interface PricedState {
  readonly state: MeterState;
  /** Closed days that cost something else than before, or are certain now; oldest first. */
  readonly days: readonly ClosedDay[];
}

/** Takes prices of the market; null where they change nothing. */
export function priceMeterState(
  state: MeterState,
  direction: PriceDirection,
  slots: readonly PriceSlot[],
  site: AnalysisSite,
): PricedState | null {
  const { analysis } = state;
  if (!analysis.cost) return null;
  const { state: cost, changed } = priceCost(analysis.cost, direction, slots, Date.parse(state.at));
  if (!changed) return null;
  const priced = { ...analysis, cost };
  const days = keptDays(cost, analysis.ledger, changed, site).flatMap((day): ClosedDay[] => {
    const [before, after] = [dayCostOf(analysis, day, site), dayCostOf(priced, day, site)];
    return after && JSON.stringify(before) !== JSON.stringify(after)
      ? [{ day, cost: after, repriced: true }]
      : [];
  });
  return { state: { ...state, analysis: priced }, days };
}
