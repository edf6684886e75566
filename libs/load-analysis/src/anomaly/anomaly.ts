import type { Role } from '@wattbus/energy-model';
import { HOUR_MS, slotOf, type LoadHour } from '../forecast/local-hours.js';
import {
  initialShift,
  initialSpike,
  initialSustained,
  lowestW,
  nextShift,
  nextSpike,
  nextSustained,
  type Alarm,
  type ShiftState,
  type SpikeState,
  type SustainedState,
} from './detectors.js';
import {
  noAnomalies,
  updateAnomaly,
  type AnomalyFinding,
  type OpenAnomalies,
  type OpenAnomaly,
} from './open-anomalies.js';
import type { AnomalyKind, Reason } from './reasons.js';
import {
  addDaylight,
  BUSY_HOURS_MIN,
  busyHours,
  closeDaylight,
  dayEnergy,
  initialRules,
  isDead,
  nightExport,
  REVERSED_DAYS_MIN,
  type RuleState,
} from './rules.js';
import { initialRollingLow, nextRollingLow, type RollingLow } from './rolling-low.js';
import { initialUsualLoad, learnUsual, usualOf, type UsualLoad } from './usual-load.js';

/** What is unusual about a load. Plain JSON; steps at the end of hours and days. */
export interface AnomalyState {
  readonly days: number;
  readonly usual: UsualLoad;
  readonly low: RollingLow;
  readonly spike: SpikeState;
  readonly sustained: SustainedState;
  readonly shift: ShiftState;
  readonly rules: RuleState;
  /** Measured hours of the open day. */
  readonly todayWh: readonly number[];
  readonly anomalies: OpenAnomalies;
}

export const initialAnomaly: AnomalyState = {
  days: 0,
  usual: initialUsualLoad,
  low: initialRollingLow,
  spike: initialSpike,
  sustained: initialSustained,
  shift: initialShift,
  rules: initialRules,
  todayWh: [],
  anomalies: noAnomalies,
};

/** The circumstances of an hour or a day. */
export interface Circumstances {
  readonly role: Role;
  /** When the hour or day ended. */
  readonly endMs: number;
  /** Nobody is at home: little is usual then, and nothing is learned. */
  readonly away: boolean;
  /** Null until it is known, or where the meter does not show the home's load. */
  readonly baseloadW: number | null;
}

export interface AnomalyStep {
  readonly state: AnomalyState;
  readonly findings: readonly AnomalyFinding[];
}

/** Two weeks of silence while everything is new, two more of modest confidence. */
export const SILENT_DAYS = 14;
export const LOW_CONFIDENCE_DAYS = 28;
const KNOWN_HOURS_MIN = 20;
const HOURS_MAX = 25;

/** Takes a closed hour. */
export function nextAnomalyHour(
  state: AnomalyState,
  hour: LoadHour,
  circumstances: Circumstances,
): AnomalyStep {
  if (hour.wh === null) return { state, findings: [] };
  const { role } = circumstances;
  const flow = { importWh: hour.wh, exportWh: hour.exportWh };
  if (role === 'pv') {
    return { state: { ...state, rules: addDaylight(state.rules, hour.hour, flow) }, findings: [] };
  }
  const draft = new Draft(state, circumstances);
  compareHour(draft, hour, hour.wh);
  ruleHour(draft, hour, hour.wh);
  if (role === 'grid') {
    const night = nightExport(draft.state.rules, hour, flow.exportWh);
    draft.state = { ...draft.state, rules: night.state };
    const parameters = { exportWh: Math.round(night.state.nightExportWh) };
    draft.report('night-export', night.on, { hours: 1, excessW: 0, parameters });
  }
  const todayWh = [...draft.state.todayWh, hour.wh].slice(-HOURS_MAX);
  draft.state = { ...draft.state, todayWh };
  return draft.step();
}

/** Ends a local day. */
export function closeAnomalyDay(state: AnomalyState, circumstances: Circumstances): AnomalyStep {
  const draft = new Draft({ ...state, todayWh: [] }, circumstances);
  if (circumstances.role === 'pv') {
    const rules = closeDaylight(state.rules);
    draft.state = { ...draft.state, rules };
    const on = rules.reversedDays >= REVERSED_DAYS_MIN;
    const hours = rules.reversedDays * 24;
    draft.report('reversed', on, { hours, excessW: 0, parameters: { days: rules.reversedDays } });
  } else if (state.todayWh.length >= KNOWN_HOURS_MIN) {
    closeLoadDay(draft, state.todayWh);
  } else {
    return draft.step();
  }
  draft.state = { ...draft.state, days: state.days + 1 };
  return draft.step();
}

/** The state while a step is made; nothing but the step leaves the functions. */
class Draft {
  state: AnomalyState;
  readonly circumstances: Circumstances;
  readonly #findings: AnomalyFinding[] = [];

  constructor(state: AnomalyState, circumstances: Circumstances) {
    this.state = state;
    this.circumstances = circumstances;
  }

  /** Says whether an anomaly is there now, and what of it. */
  report(kind: AnomalyKind, on: boolean, { hours, excessW, parameters }: Report): void {
    if (this.state.days < SILENT_DAYS && kind !== 'reversed') return;
    const { endMs } = this.circumstances;
    const reason: Reason = { key: kind, parameters };
    const anomaly: Omit<OpenAnomaly, 'kind'> = {
      fromMs: endMs - hours * HOUR_MS,
      reason,
      excessWhPerDay: Math.round(excessW * (continuous.has(kind) ? 24 : hours)),
      confidence: this.state.days < LOW_CONFIDENCE_DAYS ? 'low' : 'normal',
    };
    const update = updateAnomaly(this.state.anomalies, kind, on ? anomaly : null, endMs);
    this.state = { ...this.state, anomalies: update.state };
    this.#findings.push(...update.findings);
  }

  step(): AnomalyStep {
    return { state: this.state, findings: this.#findings };
  }
}

interface Report {
  /** For how long it has been so. */
  readonly hours: number;
  readonly excessW: number;
  readonly parameters: Readonly<Record<string, number>>;
}

/** What goes on until somebody ends it takes a day's worth each day; the others happen once. */
const continuous: ReadonlySet<AnomalyKind> = new Set(['sustained', 'baseload-shift', 'always-on']);

function compareHour(draft: Draft, hour: LoadHour, loadWh: number): void {
  const { state, circumstances } = draft;
  const slot = slotOf(hour);
  const load = loadWh / 1000;
  const usual = usualOf(state.usual, slot);
  const low = nextRollingLow(state.low, slot, loadWh, !circumstances.away);
  const learned = circumstances.away ? state.usual : learnUsual(state.usual, slot, load);
  draft.state = { ...state, usual: learned, low: low.state };
  if (!usual) return;
  const expectedWh = usual.expected * 1000;
  const compared = { slot, usual, excessWh: loadWh - expectedWh };
  const spike = nextSpike(state.spike, compared);
  const sustained = nextSustained(state.sustained, compared, low.compared);
  draft.state = { ...draft.state, spike: spike.state, sustained: sustained.state };
  draft.report('spike', spike.alarm.on, {
    ...spike.alarm,
    parameters: { ...excessParameters(spike.alarm), loadW: Math.round(loadWh) },
  });
  draft.report('sustained', sustained.alarm.on, {
    ...sustained.alarm,
    parameters: excessParameters(sustained.alarm),
  });
}

function ruleHour(draft: Draft, { quartersWh }: LoadHour, loadWh: number): void {
  const { baseloadW, away } = draft.circumstances;
  if (baseloadW === null) return;
  const { rules } = draft.state;
  const dead = isDead(loadWh, baseloadW) && !away;
  const deadHours = dead ? rules.deadHours + 1 : 0;
  const quarterMinW = 4 * Math.min(...quartersWh.map((wh) => wh ?? 0));
  const busy = busyHours(rules.busyHours, quarterMinW, baseloadW);
  draft.state = { ...draft.state, rules: { ...rules, deadHours, busyHours: busy } };
  draft.report('no-load', dead, {
    hours: deadHours,
    excessW: 0,
    parameters: { loadW: Math.round(loadWh), baseloadW: Math.round(baseloadW) },
  });
  const excessW = quarterMinW - baseloadW;
  draft.report('always-on', busy >= BUSY_HOURS_MIN, {
    hours: busy,
    excessW,
    parameters: { hours: busy, excessW: Math.round(excessW) },
  });
}

function closeLoadDay(draft: Draft, hoursWh: readonly number[]): void {
  const { state, circumstances } = draft;
  const dayW = lowestW(hoursWh);
  const shift = nextShift(state.shift, dayW, !circumstances.away);
  const dayWh = hoursWh.reduce((sum, wh) => sum + wh, 0);
  const energy = dayEnergy(state.rules, dayWh);
  draft.state = { ...state, shift: shift.state, rules: energy.state };
  draft.report('baseload-shift', shift.alarm.on, {
    ...shift.alarm,
    parameters: {
      usualW: Math.round(dayW - shift.alarm.excessW),
      nowW: Math.round(dayW),
    },
  });
  const usualMaxWh = energy.over?.usualMaxWh ?? dayWh;
  draft.report('day-energy', energy.over !== null, {
    hours: 24,
    excessW: (dayWh - usualMaxWh) / 24,
    parameters: { dayKwh: kwh(dayWh), usualKwh: kwh(usualMaxWh) },
  });
}

const excessParameters = ({ hours, excessW }: Alarm): Readonly<Record<string, number>> => ({
  hours,
  excessW: Math.round(excessW),
});

const kwh = (wh: number): number => Math.round(wh / 100) / 10;
