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
    return (slots) => billOf(tariff, { ...usage, slots: [...usage.slots, ...slots] }, around);
  }
  const whole = periodsOf(tariff, usage, calendar).map((part) => periodOf(tariff, part, calendar));
  const first = billOfParts(tariff, whole, around);
  if ('fault' in first) return () => first;
  const settled = whole.map((basis) => settle(tariff, basis, around));
  return (slots) => {
    if (slots.length === 0) return first;
    const grown = settled.map((basis) => withSlots(basis, slots, calendar));
    return billOfParts(tariff, grown, around);
  };
}

function settle(tariff: Tariff, basis: PeriodBasis, around: Surroundings): PeriodBasis {
  return {
    ...basis,
    segments: basis.segments.map((segment) => ({
      ...segment,
      gross: [],
      netted: [],
      sums: sumsOf(tariff, segment, around),
    })),
    demand: settledDemand(basis.demand),
  };
}

function sumsOf({ components }: Tariff, segment: Segment, around: Surroundings) {
  const sums = new Map<object, SlotSum>();
  for (const component of components) {
    if (!isValidOn(component, segment.days[0]!.name)) continue;
    const sum = kindOf(component).sumOfSlots?.(component, segment, around);
    // The whole bill was reckoned before, so every price is there.
    if (sum && !('fault' in sum)) sums.set(component, sum);
  }
  return sums;
}
