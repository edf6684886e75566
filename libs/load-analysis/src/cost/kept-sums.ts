import {
  sumsOfDay,
  type BilledPeriod,
  type Calendar,
  type DaySums,
  type Slot,
  type Surroundings,
  type Tariff,
} from '@wattbus/tariffs';
import { slotsOfDay, type KeptDay, type KeptDays } from './kept-days.js';

/** What a kept day comes to, for as long as it and its prices are as they were. */
interface Known {
  readonly planned: BilledPeriod['planned'];
  readonly calendar: Calendar;
  readonly prices: unknown;
  readonly exportPrices: unknown;
  readonly sums: DaySums;
}

const known = new WeakMap<KeptDay, Known>();

/** A day is summed up once: a bill of a month then adds up its days, not its quarter-hours. */
export function sumsOfKeptDay(
  day: KeptDay,
  planned: BilledPeriod['planned'],
  around: Surroundings,
): DaySums {
  const { calendar, prices, exportPrices } = around;
  const before = known.get(day);
  const isSame =
    before?.planned === planned &&
    before.calendar === calendar &&
    before.prices === prices &&
    before.exportPrices === exportPrices;
  if (isSame) return before.sums;
  const sums = sumsOfSlots(day.startMs, slotsOfDay(day), planned, around);
  known.set(day, { planned, calendar, prices, exportPrices, sums });
  return sums;
}

/** The kept days of a time; one that is cut by its end is summed up anew. */
export function sumsBetween(
  days: KeptDays,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  planned: BilledPeriod['planned'],
  around: Surroundings,
): DaySums[] {
  const within = days.filter(({ startMs }) => startMs >= fromMs && startMs < toMs);
  return within.map((day) => {
    if (around.calendar.dayOf(day.startMs).endMs <= toMs) {
      return sumsOfKeptDay(day, planned, around);
    }
    const slots = slotsOfDay(day).filter(({ startMs }) => startMs < toMs);
    return sumsOfSlots(day.startMs, slots, planned, around);
  });
}

/** Quarter-hours of any days, by the day. */
export function sumsOfSlots(
  dayMs: number,
  slots: readonly Slot[],
  { tariff }: BilledPeriod['planned'],
  around: Surroundings,
): DaySums {
  return sumsOfDay(tariff, around.calendar.dayOf(dayMs), slots, around);
}

/** Whether prices of the market have a part in a tariff. */
export const isOfMarket = ({ components }: Tariff): boolean =>
  components.some((one) => one.kind === 'dynamic' && one.spotPerKWh === undefined);
