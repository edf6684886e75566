import type { Domain } from './domain.js';
import { HOURS_OF_WEEK, type LoadSeries } from './load-series.js';
import { recentOf, slowOf, weekOf, type LoadProfile, type ProfileCounts } from './load-profile.js';
import { dayOfSlot, HOURS_OF_DAY } from './local-hours.js';

/** What the features of a forecast are made from. */
export interface FeatureSource {
  readonly series: LoadSeries;
  readonly profile: LoadProfile;
  readonly counts: ProfileCounts;
  readonly unitWh: number;
  readonly domain: Domain;
}

/** In this order; the first eight are those of the linear models. */
export const featureNames = [
  'one',
  'profile',
  'dayBefore',
  'meanOfDay',
  'meanOfSevenDays',
  'weekBefore',
  'recentDeviation',
  'weekProfile',
  'medianOfSevenDays',
  'slowProfile',
  'meanOfWeek',
  'neighbours',
] as const;
export const FEATURES_LINEAR = 8;
export const FEATURES_ALL = featureNames.length;

/** Position of a feature in a row. */
export const featureAt = (name: (typeof featureNames)[number]): number =>
  featureNames.indexOf(name);

const RECENT_HOURS = 3;
/** Hours after which what happens now matters 1/e for the load. */
const RECENT_DECAY_H = 4;

export const hasFeatures = ({ valuesWh }: LoadSeries): boolean => valuesWh.length >= HOURS_OF_WEEK;

/**
 * One row of features for each step after the series' end, a week at most. A step looks back by
 * whole days, so that all it needs is known at the end of the series.
 */
export function featureRows(source: FeatureSource, steps: number): number[][] {
  const { series, unitWh, domain } = source;
  const values = series.valuesWh.slice(-HOURS_OF_WEEK).map((wh) => domain.into(wh / unitWh));
  const profileAt = (slot: number): number =>
    recentOf(source.profile, source.counts, slot) ?? values.at(-1)!;
  const meanOfDay = mean(values.slice(-HOURS_OF_DAY));
  const meanOfWeek = mean(values);
  let deviation = 0;
  for (let back = 1; back <= RECENT_HOURS; back += 1) {
    deviation += (values.at(-back)! - profileAt(series.endSlot - back)) / RECENT_HOURS;
  }
  return Array.from({ length: steps }, (_, step) => {
    const slot = series.endSlot + step;
    const back = HOURS_OF_DAY * Math.ceil((step + 1) / HOURS_OF_DAY);
    const sameHours: number[] = [];
    for (let at = values.length + step - back; at >= 0; at -= HOURS_OF_DAY) {
      sameHours.push(values[at]!);
    }
    const profile = profileAt(slot);
    return [
      1,
      profile,
      sameHours[0]!,
      meanOfDay,
      mean(sameHours),
      values[step]!,
      Math.exp(-step / RECENT_DECAY_H) * deviation,
      weekOf(source.profile, source.counts, slot) ?? profile,
      medianOf(sameHours),
      slowOf(source.profile, source.counts, slot) ?? profile,
      meanOfWeek,
      (profileAt(sameDay(slot, -1)) + profileAt(sameDay(slot, 1))) / 2,
    ];
  });
}

/** The hour before or after, on a clock face of the same day. */
function sameDay(slot: number, shift: number): number {
  const day = dayOfSlot(slot);
  const first = day * HOURS_OF_DAY;
  return first + ((slot - first + shift + HOURS_OF_DAY) % HOURS_OF_DAY);
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The middle value, the mean of the middle two; `NaN` of none. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  if (sorted.length === 0) return NaN;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
