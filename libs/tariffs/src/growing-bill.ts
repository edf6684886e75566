import { billOf, billOfParts, type Bill } from './bill.js';
import type { Calendar } from './calendar.js';
import type { BillFault, Slot, Surroundings } from './component.js';
import { sumsOfDay, type DaySums } from './day-sums.js';
import { settledDemand } from './demand.js';
import { summedPeriods, withSlots, type PeriodBasis, type SummedUsage } from './period-of-usage.js';
import type { Tariff } from './tariff.js';
import { groupedBy, type Usage } from './usage.js';

/** The bill with some quarter-hours more. Their demand does not count: they are not over. */
export type GrowingBill = (slots: readonly Slot[]) => Bill | BillFault;

/** Whether a quarter-hour that is added can change what one that is summed up comes to. */
export const needsSlots = ({ netting }: Tariff): boolean => netting === 'hour';

/**
 * The bill of a period that is under way. The quarter-hours of the usage are summed up once and
 * forgotten, so that the bill with some more costs little and nothing large is kept.
 */
export function growingBill(tariff: Tariff, usage: Usage, around: Surroundings): GrowingBill {
  if (!needsSlots(tariff)) return billOfDays(tariff, summedUsage(tariff, usage, around), around);
  const none = billOf(tariff, usage, around);
  return rememberLast((slots) =>
    slots.length === 0
      ? none
      : billOf(tariff, { ...usage, slots: [...usage.slots, ...slots] }, around),
  );
}

/** The same for days that are summed up already. */
export function billOfDays(tariff: Tariff, usage: SummedUsage, around: Surroundings): GrowingBill {
  const bases = basesOf(tariff, usage, around.calendar);
  if ('fault' in bases) return () => bases;
  const first = billOfParts(tariff, bases, around);
  if ('fault' in first) return () => first;
  // The bill has found the demand that it asks for; the quarter-hours of it can go.
  const settled = bases.map((basis) => ({ ...basis, demand: settledDemand(basis.demand) }));
  return rememberLast((slots) =>
    slots.length === 0
      ? first
      : billOfParts(
          tariff,
          settled.map((basis) => withSlots(basis, slots)),
          around,
        ),
  );
}

export function basesOf(
  tariff: Tariff,
  usage: SummedUsage,
  calendar: Calendar,
  isExact = false,
): readonly PeriodBasis[] | BillFault {
  const missing = usage.days.find(({ fault }) => fault)?.fault;
  return missing ?? summedPeriods(tariff, usage, calendar, isExact);
}

/** A usage by the day. */
export function summedUsage(tariff: Tariff, usage: Usage, around: Surroundings): SummedUsage {
  const { startMs, endMs, slots, demand } = usage;
  const before = (demand?.slots ?? []).filter((slot) => slot.startMs < startMs);
  const days = daySums(tariff, slots, around);
  return {
    startMs,
    endMs,
    days,
    demand: demandOfDays([...daySums(tariff, before, around), ...days], demand?.monthPeaksW),
  };
}

/** What is known of demand by some days, and otherwise. */
export const demandOfDays = (
  days: readonly DaySums[],
  monthPeaksW: ReadonlyMap<string, number> = new Map(),
): SummedUsage['demand'] => ({ slots: days.flatMap(({ highest }) => highest), monthPeaksW });

function daySums(tariff: Tariff, slots: readonly Slot[], around: Surroundings): DaySums[] {
  const { dayOf } = around.calendar;
  const sorted = [...slots].sort((a, b) => a.startMs - b.startMs);
  return [...groupedBy(sorted, ({ startMs }) => dayOf(startMs))].map(([day, own]) =>
    sumsOfDay(tariff, day, own, around),
  );
}

/** The same quarter-hours are asked for more than once in a row: today, the month, the bill. */
function rememberLast(bill: GrowingBill): GrowingBill {
  let last: { readonly slots: readonly Slot[]; readonly bill: Bill | BillFault } | null = null;
  return (slots) => {
    if (last?.slots !== slots) last = { slots, bill: bill(slots) };
    return last.bill;
  };
}
