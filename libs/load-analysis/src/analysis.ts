import type { Medium, Reading, Role } from '@wattbus/energy-model';
import {
  closeApplianceDay,
  initialAppliances,
  nextAppliances,
  type ApplianceState,
  type DeviceRun,
} from './appliance/appliance.js';
import type { AnomalyFinding } from './anomaly/open-anomalies.js';
import type { Intensity } from './carbon/carbon.js';
import { nextCarbonBooks, type CarbonBooks } from './carbon/carbon-books.js';
import {
  initialConsumption,
  nextConsumption,
  notePower,
  type ConsumptionState,
} from './consumption.js';
import type { CostState, Site } from './cost/cost-state.js';
import { nextCost } from './cost/cost.js';
import { initialDemand, nextDemand, type DemandState } from './demand/demand.js';
import type { PvPowerAt } from './forecast/pv.js';
import type { TemperatureAt } from './forecast/weather.js';
import { initialLedger, nextLedger, type LedgerResult, type LedgerState } from './ledger/ledger.js';
import { amountOf } from './ledger/periods.js';
import { nextPhaseEnergy, type PhaseEnergyState } from './ledger/phase-energy.js';
import type { Quarter } from './ledger/quarters.js';
import { bookStatedQuarter } from './ledger/stated-quarter.js';
import { initialPhases, nextPhases, type PhaseEvent, type PhasesState } from './phases/phases.js';
import { NOMINAL_VOLTAGE_V } from './phases/voltage.js';

/**
 * Everything that is known of one meter after its newest reading. Plain JSON: saved and loaded at
 * any point, the analysis goes on to the same bytes.
 */
export interface AnalysisState {
  readonly v: typeof ANALYSIS_STATE_VERSION;
  readonly ledger: LedgerState;
  /** Electricity only. */
  readonly demand: DemandState | null;
  /** The grid meter only: what flows behind it is not billed. */
  readonly cost: CostState | null;
  /** Electricity, but for batteries: they have no habits of their own. */
  readonly consumption: ConsumptionState | null;
  readonly appliances: ApplianceState | null;
  readonly phases: PhasesState | null;
  /** There once the meter has stated the power of a phase. */
  readonly phaseEnergy: PhaseEnergyState | null;
  /** The grid meter only, where the site knows the grid's intensity. */
  readonly carbon: CarbonBooks | null;
}

export const ANALYSIS_STATE_VERSION = 3;

export const initialAnalysis: AnalysisState = {
  v: ANALYSIS_STATE_VERSION,
  ledger: initialLedger,
  demand: null,
  cost: null,
  consumption: null,
  appliances: null,
  phases: null,
  phaseEnergy: null,
  carbon: null,
};

/** The site, and what it may know beyond tariff and calendar. The same instant, the same answer. */
export interface AnalysisSite extends Site {
  readonly intensityAt?: (startMs: number) => Intensity;
  /** Nobody is at home: nothing of it is usual, and a low load is no wonder. */
  readonly awayAt?: (atMs: number) => boolean;
  /** Outdoors, of an hour past or to come. */
  readonly temperatureAt?: TemperatureAt;
  /** Of all panels, at an instant past or to come. */
  readonly pvPowerAt?: PvPowerAt;
  readonly nominalVoltageV?: number;
}

/** Something worth telling that a reading brought to light. */
export type Finding =
  | { readonly kind: 'anomaly'; readonly anomaly: AnomalyFinding }
  | { readonly kind: 'appliance-run'; readonly run: DeviceRun }
  | { readonly kind: 'phase-event'; readonly event: PhaseEvent };

export interface AnalysisStep {
  readonly state: AnalysisState;
  readonly results: readonly LedgerResult[];
  readonly findings: readonly Finding[];
}

/**
 * The analysis of a meter: takes one reading and returns what is known then, and what the reading
 * closed for good. Deterministic; time is the reading's own.
 */
export function nextAnalysis(
  state: AnalysisState,
  reading: Reading,
  site: AnalysisSite,
): AnalysisStep {
  const ledger = nextLedger(state.ledger, reading, site.calendar);
  const { results } = ledger;
  if (reading.medium !== 'electricity') {
    const books = { ...state, ledger: ledger.state, demand: null, cost: null };
    return { state: { ...books, v: ANALYSIS_STATE_VERSION }, results, findings: none };
  }
  const atMs = Date.parse(reading.at);
  const nominalV = site.nominalVoltageV ?? NOMINAL_VOLTAGE_V;
  const phases = nextPhases(state.phases ?? initialPhases, reading, atMs, nominalV);
  const appliances = nextAppliances(state.appliances ?? initialAppliances, reading, atMs);
  const before = state.consumption ?? initialConsumption;
  // Field by field, as in every step that a reading takes: a copy with `...` costs fifty times that.
  const next: AnalysisState = {
    v: ANALYSIS_STATE_VERSION,
    ledger: ledger.state,
    demand: nextDemand(state.demand ?? initialDemand, reading, ledger, site.calendar),
    cost: reading.role === 'grid' ? nextCost(state.cost, results, site) : null,
    consumption: reading.role === 'battery' ? null : notePower(before, reading, atMs, ledger.state),
    appliances: appliances.state,
    phases: phases.state,
    phaseEnergy: nextPhaseEnergy(state.phaseEnergy, reading, atMs, site.calendar),
    carbon: state.carbon,
  };
  const findings = findingsOf(phases.events, appliances.runs);
  if (results.length === 0) return { state: next, results, findings };
  const load = results.reduce<LoadStep>((step, result) => takeClosed(step, reading, result, site), {
    state: next,
    findings,
  });
  return { state: load.state, results, findings: load.findings };
}

const none: readonly never[] = [];

function findingsOf(events: readonly PhaseEvent[], runs: readonly DeviceRun[]): readonly Finding[] {
  if (events.length === 0 && runs.length === 0) return none;
  return [
    ...events.map((event) => ({ kind: 'phase-event' as const, event })),
    ...runs.map((run) => ({ kind: 'appliance-run' as const, run })),
  ];
}

/** A quarter-hour that was stated without readings. */
export interface StatedQuarter {
  readonly medium: Medium;
  readonly role: Role;
  readonly quarter: Quarter;
  /** The hour that it lies in is a measurement, though its quarters may not be. */
  readonly isHourMeasured: boolean;
}

/** The same analysis of a history that has no readings: each step takes a quarter-hour. */
export function nextAnalysisOfQuarter(
  state: AnalysisState,
  { medium, role, quarter, isHourMeasured }: StatedQuarter,
  site: AnalysisSite,
): AnalysisStep {
  const ledger = bookStatedQuarter(state.ledger, quarter, site.calendar);
  const electric = medium === 'electricity';
  const booked: AnalysisState = {
    ...state,
    v: ANALYSIS_STATE_VERSION,
    ledger: ledger.state,
    cost: electric && role === 'grid' ? nextCost(state.cost, ledger.results, site) : null,
    consumption: electric && role !== 'battery' ? (state.consumption ?? initialConsumption) : null,
  };
  const quality = isHourMeasured ? 'measured' : quarter.quality;
  const asMeasured = (result: LedgerResult): LedgerResult =>
    result.kind === 'quarter' ? { ...result, quarter: { ...result.quarter, quality } } : result;
  const load = electric
    ? ledger.results.reduce<LoadStep>(
        (step, result) => takeClosed(step, { role }, asMeasured(result), site),
        { state: booked, findings: [] },
      )
    : { state: booked, findings: [] };
  return { ...load, results: ledger.results };
}

type LoadStep = Omit<AnalysisStep, 'results'>;

function takeClosed(
  { state, findings }: LoadStep,
  { role }: { readonly role: Role },
  result: LedgerResult,
  site: AnalysisSite,
): LoadStep {
  if (result.kind !== 'quarter') return { state, findings };
  const { quarter } = result;
  const { calendar, intensityAt } = site;
  let next = state;
  if (role === 'grid' && intensityAt) {
    const { startMs, amounts } = quarter;
    const importWh = amountOf(amounts, 'importWh');
    const flow = { startMs, importWh, exportWh: amountOf(amounts, 'exportWh') };
    next = { ...next, carbon: nextCarbonBooks(next.carbon, flow, intensityAt(startMs), calendar) };
  }
  if (!next.consumption) return { state: next, findings };
  const away = site.awayAt?.(quarter.startMs) ?? false;
  const { temperatureAt, pvPowerAt } = site;
  const around = { role, calendar, away, temperatureAt, pvPowerAt };
  const consumed = nextConsumption(next.consumption, quarter, around);
  return {
    state: {
      ...next,
      consumption: consumed.state,
      appliances:
        consumed.daysClosed > 0 && next.appliances
          ? closeApplianceDay(next.appliances)
          : next.appliances,
    },
    findings: [
      ...findings,
      ...consumed.findings.map((anomaly) => ({ kind: 'anomaly' as const, anomaly })),
    ],
  };
}
