import type { ControlSettings, ControlState } from './control-state.js';
import {
  chooseShed,
  deficitW,
  demandAfter,
  hasRoomFor,
  isTimeToRestore,
  notYetInMeanW,
  predictedW,
  RESTORE_DISTANCE_MS_MIN,
  SHED_ELAPSED_MS_MIN,
  type RunningDemand,
} from './demand-limit.js';
import { isReachable, type DeviceControl, type DeviceSettings } from './device.js';
import { freshnessOf, type Freshness } from './fail-safe.js';
import { anything, isDecided, narrow, type Feasible, type Wish } from './feasible.js';

interface Candidate {
  readonly settings: DeviceSettings;
  readonly device: DeviceControl;
  readonly feasible: Feasible;
}

/** Demand older than this is not worked with: the analysis has stopped. */
const DEMAND_MS_MAX = 60_000;

/** What all rules look at. */
interface Situation {
  readonly state: ControlState;
  readonly nowMs: number;
  readonly freshness: Freshness;
  readonly settings: ControlSettings;
  /** The limit with its margin kept free. */
  readonly limitW: number;
}

/** Decides what every device shall do now. Rules in order of precedence; the first to choose wins. */
export function decide(
  state: ControlState,
  nowMs: number,
  settings: ControlSettings,
): ControlState {
  const { silentAfterMs, limitW, marginW } = settings;
  const freshness = freshnessOf({ ...state, silentAfterMs }, nowMs);
  const now: Situation = { state, nowMs, freshness, settings, limitW: limitW - marginW };
  const candidates = state.devices.map((device, i) =>
    candidateOf(device, settings.devices[i]!, now),
  );
  const demand = demandNow(candidates, now);
  const limited = demand
    ? limitDemand(candidates, demand, now)
    : { candidates, room: {}, restoredAtMs: state.restoredAtMs };
  return {
    ...state,
    room: limited.room,
    restoredAtMs: limited.restoredAtMs,
    devices: limited.candidates.map((candidate) => decided(candidate, demand, limitW)),
  };
}

/** A device after the rules that go before the demand limit. */
function candidateOf(
  device: DeviceControl,
  settings: DeviceSettings,
  { state, nowMs, freshness }: Situation,
): Candidate {
  const feasible = [
    silentWish(settings, freshness, nowMs - state.heardAtMs),
    minimumTimeWish(settings, device, nowMs),
    overrideWish(device, nowMs),
  ].reduce(narrow, anything);
  return { settings, device: { ...device, override: current(device, nowMs) }, feasible };
}

function decided(
  { device, feasible }: Candidate,
  demand: RunningDemand | null,
  limitW: number,
): DeviceControl {
  const decision = narrow(feasible, targetWish(device, demand, limitW));
  // Switched off by an earlier rule, it comes back as a device that was shed.
  const switchesOff = decision.on === false && device.reported === true;
  return { ...device, decision, target: switchesOff ? false : device.target };
}

function silentWish(
  { safeState }: DeviceSettings,
  freshness: Freshness,
  ageMs: number,
): Wish | null {
  if (freshness !== 'silent' || safeState === 'keep') return null;
  const reason = `no reading for ${Math.floor(ageMs / 1000)} s`;
  return { on: safeState === 'on', by: 'meter-silent', reason };
}

function minimumTimeWish(
  { minOffMs, minOnMs }: DeviceSettings,
  { reported, changedAtMs }: DeviceControl,
  nowMs: number,
): Wish | null {
  if (reported === null || changedAtMs === null) return null;
  const untilMs = changedAtMs + (reported ? minOnMs : minOffMs);
  if (nowMs >= untilMs) return null;
  const reason = `stays ${reported ? 'on' : 'off'} for its minimum time`;
  return { on: reported, by: 'minimum-time', reason, untilMs };
}

const current = ({ override }: DeviceControl, nowMs: number): DeviceControl['override'] =>
  override && nowMs < override.untilMs ? override : null;

function overrideWish(device: DeviceControl, nowMs: number): Wish | null {
  const override = current(device, nowMs);
  return override && { ...override, by: 'user' };
}

/** The reason stays the same while the decision does, so that it is said once. */
function targetWish(
  { target, reported }: DeviceControl,
  demand: RunningDemand | null,
  limitW: number,
): Wish | null {
  if (target === null) return null;
  const limit = `the limit is ${kW(limitW)}`;
  const predicted = demand ? `the quarter-hour is to end at ${kW(predictedW(demand))}, ` : '';
  const off = reported ? `${predicted}${limit}` : `waits for room under the limit of ${kW(limitW)}`;
  const on = `there is room for it again, ${limit}`;
  return { on: target, by: 'demand-limit', reason: target ? on : off };
}

const kW = (powerW: number): string => `${(powerW / 1000).toFixed(1)} kW`;

/** Demand now, with what was switched a moment ago and the mean power does not show yet. */
function demandNow(
  candidates: readonly Candidate[],
  { state, nowMs, freshness, settings: { marginW, silentAfterMs } }: Situation,
): RunningDemand | null {
  if (!state.demand || freshness === 'silent') return null;
  const { takenAtMs, ...taken } = state.demand;
  const ageMs = nowMs - takenAtMs;
  if (ageMs > Math.max(DEMAND_MS_MAX, silentAfterMs)) return null;
  const switchedW = candidates.reduce((sum, candidate) => sum + lagOf(candidate, nowMs), 0);
  const unknownW = freshness === 'fresh' ? 0 : marginW;
  const meanPowerW = Math.max(0, taken.meanPowerW + unknownW + switchedW);
  return demandAfter({ ...taken, meanPowerW }, ageMs);
}

function lagOf({ device, settings }: Candidate, nowMs: number): number {
  if (device.pending) return device.pending.on ? settings.powerW : -settings.powerW;
  if (device.switchedAtMs === null) return 0;
  const lagW = notYetInMeanW(settings.powerW, nowMs - device.switchedAtMs);
  return device.reported ? lagW : -lagW;
}

interface Limited {
  readonly candidates: readonly Candidate[];
  readonly room: ControlState['room'];
  readonly restoredAtMs: number | null;
}

function limitDemand(
  candidates: readonly Candidate[],
  demand: RunningDemand,
  now: Situation,
): Limited {
  const { limitW } = now;
  const unchanged = { candidates, room: {}, restoredAtMs: now.state.restoredAtMs };
  if (predictedW(demand) > limitW) {
    if (demand.elapsedMs < SHED_ELAPSED_MS_MIN) return unchanged;
    const sheddable = candidates.filter(isSheddable).map((candidate) => candidate.settings);
    const shed = new Set(chooseShed(sheddable, deficitW(demand, limitW)).map(({ name }) => name));
    return { ...unchanged, candidates: withTarget(candidates, shed, false) };
  }
  return now.freshness === 'fresh' ? restore(candidates, demand, now) : unchanged;
}

/** Gives room that lasts to the most important device that was shed, one at a time. */
function restore(
  candidates: readonly Candidate[],
  demand: RunningDemand,
  { state, nowMs, limitW }: Situation,
): Limited {
  const fitting = candidates
    .filter(isRestorable)
    .filter(({ settings }) => hasRoomFor(demand, limitW, settings.powerW))
    .sort((a, b) => b.settings.priority - a.settings.priority);
  const room = Object.fromEntries(
    fitting.map(({ device: { name } }) => [name, state.room[name] ?? nowMs]),
  );
  const waiting = { candidates, room, restoredAtMs: state.restoredAtMs };
  if (nowMs - (state.restoredAtMs ?? -Infinity) < RESTORE_DISTANCE_MS_MIN) return waiting;
  const next = fitting.find(({ device: { name } }) => isTimeToRestore(demand, room[name]!, nowMs));
  if (!next) return waiting;
  const restored = new Set([next.device.name]);
  return { candidates: withTarget(candidates, restored, true), room, restoredAtMs: nowMs };
}

const isSheddable = ({ device, feasible }: Candidate): boolean =>
  isReachable(device) &&
  device.reported === true &&
  device.target !== false &&
  !isDecided(feasible);

const isRestorable = ({ device, feasible }: Candidate): boolean =>
  isReachable(device) &&
  device.reported === false &&
  device.target === false &&
  !device.pending &&
  !isDecided(feasible);

const withTarget = (
  candidates: readonly Candidate[],
  names: ReadonlySet<string>,
  target: boolean,
): readonly Candidate[] =>
  candidates.map((candidate) =>
    names.has(candidate.device.name)
      ? { ...candidate, device: { ...candidate.device, target } }
      : candidate,
  );
