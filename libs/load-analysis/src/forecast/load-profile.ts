import type { Domain } from './domain.js';
import { dayOfSlot, hourOfSlot, HOURS_OF_DAY, isWeekend, weekdayOf } from './local-hours.js';

/** Means by hour of the clock that forget; values are of a domain. Plain JSON. */
export interface LoadProfile {
  /** Hour × {weekday, weekend}: a memory of some five days of the kind, and one of twenty. */
  readonly recent: readonly number[];
  readonly slow: readonly number[];
  /** Hour of the week. */
  readonly week: readonly number[];
}

/** How often each hour of a profile was learned; the same for profiles of all domains. */
export interface ProfileCounts {
  readonly kinds: readonly number[];
  readonly week: readonly number[];
}

const RECENT_SHARE = 0.2;
const SLOW_SHARE = 0.05;
const KINDS = 2 * HOURS_OF_DAY;
const WEEK = 7 * HOURS_OF_DAY;

const zeros = (length: number): number[] => Array<number>(length).fill(0);

export const emptyProfile: LoadProfile = {
  recent: zeros(KINDS),
  slow: zeros(KINDS),
  week: zeros(WEEK),
};
export const emptyCounts: ProfileCounts = { kinds: zeros(KINDS), week: zeros(WEEK) };

/** One step of an exponentially weighted mean. */
export const ewMean = (mean: number, value: number, share: number): number =>
  mean + share * (value - mean);

export const kindBin = (slot: number): number =>
  (isWeekend(dayOfSlot(slot)) ? HOURS_OF_DAY : 0) + hourOfSlot(slot);

const weekBin = (slot: number): number =>
  weekdayOf(dayOfSlot(slot)) * HOURS_OF_DAY + hourOfSlot(slot);

/** A measured hour, by its slot. */
export interface MeasuredHour {
  readonly slot: number;
  readonly load: number;
}

export function countHours(counts: ProfileCounts, hours: readonly MeasuredHour[]): ProfileCounts {
  const next = { kinds: [...counts.kinds], week: [...counts.week] };
  for (const { slot } of hours) {
    next.kinds[kindBin(slot)]! += 1;
    next.week[weekBin(slot)]! += 1;
  }
  return next;
}

/** Learns hours; `counts` are those after them, each hour being there once. */
export function learnProfile(
  profile: LoadProfile,
  counts: ProfileCounts,
  hours: readonly MeasuredHour[],
  domain: Domain,
): LoadProfile {
  const next = {
    recent: [...profile.recent],
    slow: [...profile.slow],
    week: [...profile.week],
  };
  for (const { slot, load } of hours) {
    const value = domain.into(load);
    const kind = kindBin(slot);
    const ofWeek = weekBin(slot);
    const first = 1 / counts.kinds[kind]!;
    next.recent[kind] = ewMean(next.recent[kind]!, value, Math.max(RECENT_SHARE, first));
    next.slow[kind] = ewMean(next.slow[kind]!, value, Math.max(SLOW_SHARE, first));
    const share = Math.max(RECENT_SHARE, 1 / counts.week[ofWeek]!);
    next.week[ofWeek] = ewMean(next.week[ofWeek]!, value, share);
  }
  return next;
}

/** The recent mean of an hour's kind, or of the other kind until there was one; else null. */
export function recentOf(profile: LoadProfile, counts: ProfileCounts, slot: number): number | null {
  const bin = knownBin(counts, slot);
  return bin === null ? null : profile.recent[bin]!;
}

/** The same of the longer memory. */
export function slowOf(profile: LoadProfile, counts: ProfileCounts, slot: number): number | null {
  const bin = knownBin(counts, slot);
  return bin === null ? null : profile.slow[bin]!;
}

function knownBin({ kinds }: ProfileCounts, slot: number): number | null {
  const bin = kindBin(slot);
  if (kinds[bin]! > 0) return bin;
  const other = (bin + HOURS_OF_DAY) % KINDS;
  return kinds[other]! > 0 ? other : null;
}

/** The mean of the hour of the week, null until there was one. */
export const weekOf = (profile: LoadProfile, counts: ProfileCounts, slot: number): number | null =>
  counts.week[weekBin(slot)]! > 0 ? profile.week[weekBin(slot)]! : null;
