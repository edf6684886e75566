import { logarithmic } from './domain.js';
import { HOURS_OF_DAY } from './local-hours.js';

/**
 * How far the load of an hour of the day lies from its forecast: levels below which it stays so
 * often, learned by stochastic gradient on the logarithmic scale. Plain JSON.
 */
export interface LoadQuantiles {
  /** By hour of the day, then in the order of `quantileLevels`. */
  readonly shifts: readonly (readonly number[])[];
  /** Usual absolute residual by hour of the day. */
  readonly scales: readonly number[];
}

export const quantileLevels = [0.1, 0.5, 0.9] as const;

const SHIFT_SHARE = 0.12;
const SCALE_SHARE = 0.05;
const SCALE_START = 0.4;
/** Where the levels of a normal distribution lie, as a first guess. */
const SHIFTS_START = [-0.4, 0, 0.5];

export const initialQuantiles: LoadQuantiles = {
  shifts: Array.from({ length: HOURS_OF_DAY }, () => SHIFTS_START),
  scales: Array<number>(HOURS_OF_DAY).fill(SCALE_START),
};

/** The levels around a forecast, in order; they never cross. */
export function quantilesOf({ shifts }: LoadQuantiles, hour: number, load: number): number[] {
  const centre = logarithmic.into(load);
  return shifts[hour]!.map((shift) => logarithmic.from(centre + shift)).sort((a, b) => a - b);
}

/** Learns what the load of an hour was. */
export function learnQuantiles(
  { shifts, scales }: LoadQuantiles,
  hour: number,
  forecast: number,
  load: number,
): LoadQuantiles {
  const residual = logarithmic.into(load) - logarithmic.into(forecast);
  const scale = scales[hour]!;
  const moved = shifts[hour]!.map((shift, i) => {
    const above = residual <= shift ? 1 : 0;
    return shift + SHIFT_SHARE * scale * 2 * (quantileLevels[i]! - above);
  });
  return {
    shifts: shifts.with(hour, moved),
    scales: scales.with(hour, scale + SCALE_SHARE * (Math.abs(residual) - scale)),
  };
}
