import { HOURS_OF_DAY } from './local-hours.js';

/** The newest hours of load without holes, in order of the wall clock. */
export interface LoadSeries {
  /** The slot after the newest hour. */
  readonly endSlot: number;
  readonly valuesWh: readonly number[];
}

export const HOURS_OF_WEEK = 7 * HOURS_OF_DAY;
/** A week for the forecast's features, and a day more for hours that are missing. */
export const SERIES_HOURS_MAX = 8 * HOURS_OF_DAY;

export const emptySeries: LoadSeries = { endSlot: 0, valuesWh: [] };

/**
 * Adds an hour. A missing one takes the value of a week before, else of a day before. The hour
 * that a clock set back repeats is the mean of both.
 */
export function addHour(series: LoadSeries, slot: number, wh: number | null): LoadSeries {
  const { endSlot, valuesWh } = series;
  if (valuesWh.length === 0 || slot - endSlot >= SERIES_HOURS_MAX) {
    return wh === null ? series : { endSlot: slot + 1, valuesWh: [wh] };
  }
  if (slot < endSlot) {
    if (slot !== endSlot - 1 || wh === null) return series;
    const mean = (valuesWh.at(-1)! + wh) / 2;
    return { endSlot, valuesWh: [...valuesWh.slice(0, -1), mean] };
  }
  const values = [...valuesWh];
  for (let missing = endSlot; missing < slot; missing += 1) values.push(fillOf(values));
  values.push(wh ?? fillOf(values));
  return { endSlot: slot + 1, valuesWh: values.slice(-SERIES_HOURS_MAX) };
}

const fillOf = (values: readonly number[]): number =>
  values.at(-HOURS_OF_WEEK) ?? values.at(-HOURS_OF_DAY) ?? values.at(-1) ?? 0;
