import { billOf, billOfParts, type Bill } from './bill.js';
import { isValidOn, type BillFault, type Slot, type Surroundings } from './component.js';
import { kindOf } from './component-kinds.js';
import { settledDemand } from './demand.js';
import type { Segment, SlotSum } from './period.js';
import { periodOf, periodsOf, withSlots, type PeriodBasis } from './period-of-usage.js';
import type { Tariff } from './tariff.js';
import type { Netting, Usage } from './usage.js';

/** The bill with some quarter-hours more. Their demand does not count: they are not over. */
export type GrowingBill = (slots: readonly Slot[]) => Bill | BillFault;

/** Where what one quarter-hour costs depends on others. */
const nettingsOverSlots: ReadonlySet<Netting> = new Set<Netting>(['hour', 'month', 'year']);

/**
 * The bill of a period that is under way. The quarter-hours of the usage are summed up once and
 * forgotten, so that the bill with some more costs little and nothing large is kept.
 */
export function growingBill(tariff: Tariff, usage: Usage, around: Surroundings): GrowingBill {
  const { calendar } = around;
  if (nettingsOverSlots.has(tariff.netting ?? 'none')) {
    const none = billOf(tariff, usage, around);
    return rememberLast((slots) =>
      slots.length === 0
        ? none
        : billOf(tariff, { ...usage, slots: [...usage.slots, ...slots] }, around),
    );
  }
  const summed = periodsOf(tariff, usage, calendar).map((part) =>
    withSums(tariff, periodOf(tariff, part, calendar), around),
  );
  const first = billOfParts(tariff, summed, around);
  if ('fault' in first) return () => first;
  // The bill has found the demand that it asks for; the quarter-hours of it can go.
  const settled = summed.map((basis) => ({ ...basis, demand: settledDemand(basis.demand) }));
  return rememberLast((slots) => {
    if (slots.length === 0) return first;
    const grown = settled.map((basis) => withSlots(basis, slots, calendar));
    return billOfParts(tariff, grown, around);
  });
}

/** The same quarter-hours are asked for more than once in a row: today, the month, the bill. */
function rememberLast(bill: GrowingBill): GrowingBill {
  let last: { readonly slots: readonly Slot[]; readonly bill: Bill | BillFault } | null = null;
  return (slots) => {
    if (last?.slots !== slots) last = { slots, bill: bill(slots) };
    return last.bill;
  };
}

function withSums(tariff: Tariff, basis: PeriodBasis, around: Surroundings): PeriodBasis {
  const segments: Segment[] = [];
  for (const segment of basis.segments) {
    const sums = sumsOf(tariff, segment, around);
    // The bill itself says which price is missing.
    if (sums === null) return basis;
    segments.push({ ...segment, gross: [], netted: [], sums });
  }
  return { ...basis, segments };
}

function sumsOf({ components }: Tariff, segment: Segment, around: Surroundings) {
  const sums = new Map<object, SlotSum>();
  for (const component of components) {
    if (!isValidOn(component, segment.days[0]!.name)) continue;
    const sum = kindOf(component).sumOfSlots?.(component, segment, around);
    if (sum && 'fault' in sum) return null;
    if (sum) sums.set(component, sum);
  }
  return sums;
}
