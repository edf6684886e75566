import { RECENT_DAYS_MAX, type RecentDay } from '@wattbus/mqtt-contract';

/**
 * Two lists of a meter's closed days as one: the newest days, in order, each as its newest final.
 * The same in whichever order lists come and however often, so replicas that have a meter one after
 * the other, or both for a moment, agree on it. Prices may make two finals with one reading: then
 * what is known counts.
 */
export function mergeDays(
  known: readonly RecentDay[],
  more: readonly RecentDay[],
): readonly RecentDay[] {
  const byDate = new Map(known.map((day) => [day.date, day]));
  for (const day of more) {
    const before = byDate.get(day.date);
    if (before === undefined || isNewer(day, before)) byDate.set(day.date, day);
  }
  const dates = [...byDate.keys()].sort().slice(-RECENT_DAYS_MAX);
  return dates.map((date) => byDate.get(date)!);
}

/** Days that both lists have are the same finals, and neither has one that the other lacks. */
export const areSame = (one: readonly RecentDay[], other: readonly RecentDay[]): boolean =>
  one.length === other.length &&
  one.every(({ date, epoch, seq, cost }, i) => {
    const there = other[i]!;
    const isSameFinal = there.epoch === epoch && there.seq === seq && there.cost === cost;
    return there.date === date && isSameFinal;
  });

/** A journal that was made anew counts from 1 again; then the later meter time is the newer one. */
const isNewer = (day: RecentDay, before: RecentDay): boolean =>
  day.epoch === before.epoch ? day.seq > before.seq : Date.parse(day.at) > Date.parse(before.at);
