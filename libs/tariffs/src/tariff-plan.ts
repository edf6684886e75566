import type { Calendar, LocalSpan } from './calendar.js';
import { ordinaryDays, type DayTypes } from './day-types.js';
import type { Tariff } from './tariff.js';

/** A tariff from a local day on, until the next one of the plan. */
export interface PlannedTariff {
  /** `2026-03-29`; since ever where left out. */
  readonly from?: string;
  readonly tariff: Tariff;
  readonly dayTypes: DayTypes;
}

/** The tariffs of a home, oldest first. A change prices what comes after it only. */
export type TariffPlan = readonly PlannedTariff[];

/** The plan of a home that has one tariff. */
export const planOf = (tariff: Tariff, dayTypes: DayTypes = ordinaryDays): TariffPlan => [
  { tariff, dayTypes },
];

/** A billing period, or the part of it that one tariff bills. */
export interface BilledPeriod extends LocalSpan {
  readonly planned: PlannedTariff;
}

/**
 * The bill that an instant is on: a change of tariff ends one bill and begins another. Null before
 * the first tariff.
 */
export function billedPeriodOf(
  atMs: number,
  plan: TariffPlan,
  calendar: Calendar,
): BilledPeriod | null {
  const day = calendar.dayOf(atMs).name;
  const index = plan.findLastIndex(({ from }) => from === undefined || from <= day);
  const planned = plan[index];
  if (!planned) return null;
  const period = calendar.billingPeriodOf(atMs);
  const ownMs = dayStart(planned.from, calendar) ?? -Infinity;
  const nextMs = dayStart(plan[index + 1]?.from, calendar) ?? Infinity;
  const startMs = Math.max(period.startMs, ownMs);
  return {
    planned,
    name: calendar.dayOf(startMs).name,
    startMs,
    endMs: Math.min(period.endMs, nextMs),
  };
}

const dayStart = (name: string | undefined, calendar: Calendar): number | null =>
  name === undefined ? null : (calendar.dayNamed(name)?.startMs ?? null);
