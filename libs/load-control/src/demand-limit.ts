import type { DeviceSettings } from './device.js';

const QUARTER_MS = 900_000;
const HOUR_MS = 3_600_000;
/** The time constant of the mean power in the analysis. */
const MEAN_POWER_TAU_MS = 60_000;

/** Earlier in a quarter-hour a prediction says little. */
export const SHED_ELAPSED_MS_MIN = 120_000;
/** Room for a device, and a tenth more, must have been there for so long … */
export const RESTORE_ROOM_MS_MIN = 60_000;
/** … and be of use for so long; */
export const RESTORE_REST_MS_MIN = 60_000;
/** or a new quarter-hour must have begun for so long. */
export const RESTORE_NEW_QUARTER_MS_MIN = 15_000;
export const RESTORE_DISTANCE_MS_MIN = 15_000;
const RESTORE_ROOM_FACTOR = 1.1;

/** The quarter-hour under way, at an instant. */
export interface RunningDemand {
  readonly elapsedMs: number;
  readonly energyWh: number;
  /** Mean import power of the last minute or so. */
  readonly meanPowerW: number;
}

/** The same quarter-hour, or the next one, when time has passed and power has stayed. */
export function demandAfter(demand: RunningDemand, passedMs: number): RunningDemand {
  const totalMs = demand.elapsedMs + passedMs;
  const elapsedMs = totalMs % QUARTER_MS;
  const sameQuarter = totalMs < QUARTER_MS;
  const energyWh = sameQuarter
    ? demand.energyWh + (demand.meanPowerW * passedMs) / HOUR_MS
    : (demand.meanPowerW * elapsedMs) / HOUR_MS;
  return { ...demand, elapsedMs, energyWh };
}

/** The mean demand at the quarter-hour's end if power stays as it is. */
export function predictedW({ elapsedMs, energyWh, meanPowerW }: RunningDemand): number {
  return ((energyWh + (meanPowerW * (QUARTER_MS - elapsedMs)) / HOUR_MS) * HOUR_MS) / QUARTER_MS;
}

/** The power that may flow for the rest of the quarter-hour to end at the limit. */
export function allowedW({ elapsedMs, energyWh }: RunningDemand, limitW: number): number {
  const restWh = (limitW * QUARTER_MS) / HOUR_MS - energyWh;
  return (restWh * HOUR_MS) / (QUARTER_MS - elapsedMs);
}

/** How much too much flows, if anything. */
export const deficitW = (demand: RunningDemand, limitW: number): number =>
  demand.meanPowerW - allowedW(demand, limitW);

/**
 * What the mean power still holds of a device that was switched off, or lacks of one switched on:
 * an exponential mean forgets a step at its own time constant.
 */
export const notYetInMeanW = (powerW: number, sinceMs: number): number =>
  powerW * Math.exp(-Math.max(0, sinceMs) / MEAN_POWER_TAU_MS);

/**
 * Which devices to shed: by priority, and among equals the smallest that covers what is left of
 * the deficit, else the largest.
 */
export function chooseShed(
  devices: readonly DeviceSettings[],
  deficit: number,
): readonly DeviceSettings[] {
  const left = [...devices].sort((a, b) => a.priority - b.priority || a.powerW - b.powerW);
  const chosen: DeviceSettings[] = [];
  for (let rest = deficit; rest > 0 && left.length > 0;) {
    const equals = left.filter(({ priority }) => priority === left[0]!.priority);
    const next = equals.find(({ powerW }) => powerW >= rest) ?? equals.at(-1)!;
    left.splice(left.indexOf(next), 1);
    chosen.push(next);
    rest -= next.powerW;
  }
  return chosen;
}

/** Whether there is room for a device in the rest of the quarter-hour. */
export const hasRoomFor = (demand: RunningDemand, limitW: number, powerW: number): boolean =>
  allowedW(demand, limitW) - demand.meanPowerW >= RESTORE_ROOM_FACTOR * powerW;

/** Whether room that began at `sinceMs` is to be used now. */
export function isTimeToRestore(demand: RunningDemand, sinceMs: number, nowMs: number): boolean {
  const { elapsedMs } = demand;
  const lasting = nowMs - sinceMs >= RESTORE_ROOM_MS_MIN;
  const useful = QUARTER_MS - elapsedMs > RESTORE_REST_MS_MIN;
  const newQuarter = elapsedMs >= RESTORE_NEW_QUARTER_MS_MIN && elapsedMs < SHED_ELAPSED_MS_MIN;
  return (lasting && useful) || newQuarter;
}
