import { medianOf } from '../forecast/features.js';

/**
 * What a home draws when nobody uses anything: the level that the lowest twentieth of a day's
 * quarter-hours stays under. A day's minimum would be a glitch of the meter; the median of two
 * weeks stands where one day was odd. Plain JSON.
 */
export interface BaseloadState {
  /** Mean power of the measured quarter-hours of the open day, W. */
  readonly todayW: readonly number[];
  /** The newest last. */
  readonly days: readonly BaseloadDay[];
  /** A running estimate between days; null before the first of them. */
  readonly liveW: number | null;
}

export interface BaseloadDay {
  readonly day: number;
  readonly baseloadW: number;
  readonly meanW: number;
}

export interface Baseload {
  /** Median of the last 14 days, W. */
  readonly baseloadW: number;
  readonly liveW: number;
  /** By how much the last 14 days lie above the 14 before; null until there are 28. */
  readonly trendW: number | null;
  /** The baseload's part of all energy of those days, 0 to 1. */
  readonly standbyShare: number;
  /** What it takes in a year; times a price it is what standby costs. */
  readonly yearWh: number;
  readonly days: number;
}

export const initialBaseload: BaseloadState = { todayW: [], days: [], liveW: null };

const LEVEL = 0.05;
export const MEDIAN_DAYS = 14;
const DAYS_MAX = 28;
/** A night: with solar panels the day may be unknown. */
const QUARTERS_MIN = 24;
const QUARTERS_MAX = 100;
/** Step of the running estimate a quarter-hour, W. */
const LIVE_STEP_W = 5;
const HOURS_OF_YEAR = 8760;

/** Takes the mean power of a measured quarter-hour. */
export function addBaseloadQuarter(state: BaseloadState, powerW: number): BaseloadState {
  const { liveW, todayW } = state;
  return {
    ...state,
    todayW: [...todayW, powerW].slice(-QUARTERS_MAX),
    liveW: liveW === null ? null : stepQuantile(liveW, powerW, LIVE_STEP_W),
  };
}

/** Ends a local day. */
export function closeBaseloadDay(state: BaseloadState, day: number): BaseloadState {
  const { todayW, days, liveW } = state;
  if (todayW.length < QUARTERS_MIN) return { ...state, todayW: [] };
  const baseloadW = quantileOf(todayW, LEVEL);
  const meanW = todayW.reduce((sum, powerW) => sum + powerW, 0) / todayW.length;
  return {
    todayW: [],
    days: [...days, { day, baseloadW, meanW }].slice(-DAYS_MAX),
    liveW: liveW ?? baseloadW,
  };
}

/** Null before the first whole day. */
export function baseloadOf({ days, liveW }: BaseloadState): Baseload | null {
  if (days.length === 0 || liveW === null) return null;
  const recent = days.slice(-MEDIAN_DAYS);
  const before = days.slice(-DAYS_MAX, -MEDIAN_DAYS);
  const baseloadW = medianOf(recent.map((day) => day.baseloadW));
  const meanW = recent.reduce((sum, day) => sum + day.meanW, 0) / recent.length;
  return {
    baseloadW,
    liveW,
    trendW:
      before.length < MEDIAN_DAYS ? null : baseloadW - medianOf(before.map((d) => d.baseloadW)),
    standbyShare: meanW > 0 ? Math.min(1, baseloadW / meanW) : 0,
    yearWh: Math.round(baseloadW * HOURS_OF_YEAR),
    days: days.length,
  };
}

/** A step of stochastic gradient towards the level under which a twentieth of the values lies. */
export const stepQuantile = (quantile: number, value: number, step: number): number =>
  quantile + step * (LEVEL - (value < quantile ? 1 : 0));

/** The level under which a share of the values lies, between two values where it falls there. */
export function quantileOf(values: readonly number[], level: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * level;
  const low = sorted[Math.floor(at)]!;
  return low + (sorted[Math.ceil(at)]! - low) * (at - Math.floor(at));
}
