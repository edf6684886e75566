import { medianOf } from '../forecast/features.js';
import { clip, nextCusum } from './cusum.js';
import type { LowComparison } from './rolling-low.js';
import type { Usual } from './usual-load.js';

/** What a detector makes of a step: nothing, or that its alarm is on and by how much. */
export interface Alarm {
  readonly on: boolean;
  /** Mean power above what is usual while it has been on, W. */
  readonly excessW: number;
  /** Hours that it looks back on. */
  readonly hours: number;
}

/** Of a normal distribution, standard over mean absolute and over median absolute deviation. */
const NORMAL_OF_MEAN = 1.2533;
const NORMAL_OF_MEDIAN = 1.4826;

const quiet: Alarm = { on: false, excessW: 0, hours: 0 };

/** An hour compared with what is usual for it. */
export interface ComparedHour {
  readonly slot: number;
  readonly usual: Usual;
  readonly excessWh: number;
}

/**
 * Two hours in a row far above what is usual. One hour alone is what kettles, ovens and washing
 * machines do: a limit that spares people from those finds only half as many faults. The measure
 * lies between the hour's own deviation and that of all hours.
 */
const SPIKE_ALARM = 3.9;
const SPIKE_WH_MIN = 500;

export interface SpikeState {
  readonly on: boolean;
  /** The hour before, when its excess is known. */
  readonly before: {
    readonly slot: number;
    readonly height: number;
    readonly excessWh: number;
  } | null;
  /** While it is on. */
  readonly hours: number;
  readonly excessWh: number;
}
export const initialSpike: SpikeState = { on: false, before: null, hours: 0, excessWh: 0 };

export function nextSpike(
  state: SpikeState,
  { slot, usual, excessWh }: ComparedHour,
): { state: SpikeState; alarm: Alarm } {
  const height = excessWh / 1000 / Math.sqrt(usual.deviation * usual.overall) / NORMAL_OF_MEAN;
  const { before } = state;
  const both = before?.slot === slot - 1 ? Math.min(before.height, height) : 0;
  const on = state.on ? both >= SPIKE_ALARM / 2 : both > SPIKE_ALARM && excessWh > SPIKE_WH_MIN;
  const now = { slot, height, excessWh };
  if (!on) return { state: { ...initialSpike, before: now }, alarm: quiet };
  const begins = state.on ? state : { hours: 1, excessWh: before?.excessWh ?? 0 };
  const next = { on, before: now, hours: begins.hours + 1, excessWh: begins.excessWh + excessWh };
  return { state: next, alarm: { on, excessW: next.excessWh / next.hours, hours: next.hours } };
}

/**
 * More than usual for many hours: something was left on. Found by hours that add up, within half
 * a day where the load is large, or by the lowest hours of the last day.
 */
const SUSTAINED_ALARM = 16;
const SUSTAINED_CLIP = 2;
const SUSTAINED_CLIP_LOW = -3;
const SUSTAINED_DRIFT = 0.5;
const SUSTAINED_SUM_MAX = 60;
const LOW_ALARM = 6.4;
/** The lowest of the last day rise a day after what lifted them. */
const LOW_HOURS = 24;

export interface SustainedState {
  readonly sum: number;
  readonly on: boolean;
  readonly lowOn: boolean;
  /** Since the sum left zero. */
  readonly hours: number;
  readonly excessWh: number;
}
export const initialSustained: SustainedState = {
  sum: 0,
  on: false,
  lowOn: false,
  hours: 0,
  excessWh: 0,
};

export function nextSustained(
  state: SustainedState,
  { usual, excessWh }: ComparedHour,
  low: LowComparison | null,
): { state: SustainedState; alarm: Alarm } {
  const z = excessWh / 1000 / usual.deviation / NORMAL_OF_MEAN;
  const value = clip(z, SUSTAINED_CLIP, SUSTAINED_CLIP_LOW);
  const sum = Math.min(SUSTAINED_SUM_MAX, nextCusum(state.sum, value, SUSTAINED_DRIFT));
  const on = sum > (state.on ? SUSTAINED_ALARM / 2 : SUSTAINED_ALARM);
  const lowOn = low !== null && low.z > (state.lowOn ? LOW_ALARM / 2 : LOW_ALARM);
  const rising = sum > 0;
  const next = {
    sum,
    on,
    lowOn,
    hours: rising ? state.hours + 1 : 0,
    excessWh: rising ? state.excessWh + excessWh : 0,
  };
  if (on)
    return { state: next, alarm: { on, excessW: next.excessWh / next.hours, hours: next.hours } };
  if (!lowOn) return { state: next, alarm: quiet };
  return { state: next, alarm: { on: true, excessW: low!.excessWh, hours: LOW_HOURS } };
}

/** The lowest hours of the day have risen: a new consumer that never rests. */
const SHIFT_ALARM = 2;
const SHIFT_OVER = 1.8;
const SHIFT_CLIP = 2;
const SHIFT_DRIFT = 1;
const SHIFT_DAYS = 28;
const SHIFT_DAYS_MIN = 14;
const SHIFT_W_MIN = 30;
const LOWEST_HOURS = 5;

export interface ShiftState {
  readonly daysW: readonly number[];
  readonly sum: number;
  readonly on: boolean;
  readonly days: number;
}
export const initialShift: ShiftState = { daysW: [], sum: 0, on: false, days: 0 };

/** Mean of the lowest hours of a day, W. */
export const lowestW = (hoursWh: readonly number[]): number =>
  [...hoursWh]
    .sort((a, b) => a - b)
    .slice(0, LOWEST_HOURS)
    .reduce((sum, wh) => sum + wh / LOWEST_HOURS, 0);

/** Takes a day's lowest level. `learn` is false while nobody is at home. */
export function nextShift(
  state: ShiftState,
  dayW: number,
  learn: boolean,
): { state: ShiftState; alarm: Alarm } {
  const daysW = learn ? [...state.daysW, dayW].slice(-SHIFT_DAYS) : state.daysW;
  if (state.daysW.length < SHIFT_DAYS_MIN) return { state: { ...state, daysW }, alarm: quiet };
  const usualW = medianOf(state.daysW);
  const spreadW = NORMAL_OF_MEDIAN * medianOf(state.daysW.map((one) => Math.abs(one - usualW)));
  const z = clip((dayW - usualW) / Math.max(SHIFT_W_MIN, spreadW), SHIFT_CLIP);
  const sum = Math.min(SHIFT_ALARM, nextCusum(state.sum, z, SHIFT_DRIFT));
  const on = sum >= (state.on ? SHIFT_OVER : SHIFT_ALARM);
  const days = sum > 0 ? state.days + 1 : 0;
  return {
    state: { daysW, sum, on, days },
    alarm: { on, excessW: dayW - usualW, hours: days * 24 },
  };
}
