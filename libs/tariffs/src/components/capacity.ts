import { z } from 'zod';
import type { LocalSpan } from '../calendar.js';
import { componentShape, type Billing, type ComponentKind } from '../component.js';
import { timeShape } from '../day-types.js';
import { monthDemands } from '../demand.js';
import { compare, exact, greater, over, share, sumOf, times, type Exact } from '../exact.js';
import { dueFor } from '../period.js';
import { groupedBy } from '../usage.js';

/**
 * A charge for the highest demand, or for the power that was contracted. The demand of a month is
 * the mean of its highest intervals; Flanders bills the mean of up to twelve months. A month owes a
 * twelfth of a price per year.
 */
export const capacityWith = <Amount extends z.ZodType>(amount: Amount) =>
  z.strictObject({
    ...componentShape,
    kind: z.literal('capacity'),
    /** Currency per kW and `per`, before VAT. Either this or `steps`. */
    pricePerKW: amount.optional(),
    /** Currency per `per`: of the last step that begins at the demand or below it. */
    steps: z
      .array(z.strictObject({ fromKW: amount, amount }))
      .min(1)
      .max(50)
      .optional(),
    per: z.enum(['month', 'year']),
    /** Billed whatever the demand. */
    contractedKW: amount.optional(),
    intervalMin: z.union([z.literal(15), z.literal(30), z.literal(60)]).default(15),
    /** How many of the highest intervals of the month are averaged. */
    highest: z.int().min(1).max(100).default(1),
    /** At most one interval of a day is taken. */
    onDistinctDays: z.boolean().default(false),
    /** Demand counts so much at some times: 0 not at all. The first that fits; 1 where none does. */
    weights: z
      .array(z.strictObject({ ...timeShape, weight: amount }))
      .max(100)
      .optional(),
    /** Months up to the last of the bill whose mean is billed; 1: each month on its own. */
    averageMonths: z.int().min(1).max(12).default(1),
    floorKW: amount.optional(),
    /** Whether the floor lifts each month or only their mean. */
    floorOn: z.enum(['month', 'mean']).default('month'),
  });
export type Capacity = z.infer<ReturnType<typeof capacityWith<z.ZodNumber>>>;

export const capacity: ComponentKind<Capacity> = {
  group: () => 'fixed',
  chargeOfPeriod: (parts, billing) => ({
    amounts: parts.map(({ component, segment }) => {
      const charge = (days: readonly LocalSpan[], kW: Exact): Exact =>
        times(
          priceOf(component, kW),
          dueFor({ days }, component.per, billing.period, billing.calendar),
        );
      if (component.contractedKW !== undefined) {
        return charge(segment.days, exact(component.contractedKW));
      }
      if (component.averageMonths > 1) return charge(segment.days, meanDemand(component, billing));
      return sumOf(
        daysByMonth(segment.days).map(({ month, days }) =>
          charge(days, demandIn([month], component, billing)),
        ),
      );
    }),
  }),
  faultsOf: ({ pricePerKW, steps }) =>
    (pricePerKW === undefined) === (steps === undefined)
      ? [{ path: [], message: 'needs either pricePerKW or steps' }]
      : [],
};

function priceOf({ pricePerKW, steps = [] }: Capacity, kW: Exact): Exact {
  if (pricePerKW !== undefined) return times(exact(pricePerKW), kW);
  const step = steps.findLast(({ fromKW }) => compare(exact(fromKW), kW) <= 0) ?? steps[0];
  return exact(step?.amount ?? 0);
}

/** The mean over the months up to the last of the bill, as many of them as are known. */
function meanDemand(component: Capacity, billing: Billing): Exact {
  const { calendar, period } = billing;
  const last = calendar.monthOf(period.endMs - 1);
  const months = Array.from(
    { length: component.averageMonths },
    (_, i) => calendar.monthOf(calendar.monthsAfter(last.startMs, -i)).name,
  );
  return demandIn(months, component, billing);
}

function demandIn(months: readonly string[], component: Capacity, billing: Billing): Exact {
  const floor = exact(component.floorKW ?? 0);
  const demands = monthDemands(months, component, billing);
  const lifted = component.floorOn === 'month' ? demands.map((kW) => greater(kW, floor)) : demands;
  if (lifted.length === 0) return floor;
  return greater(over(sumOf(lifted), share(lifted.length, 1)), floor);
}

/** Days that are asked for their length again and again. */
const months = new WeakMap<readonly LocalSpan[], readonly MonthDays[]>();

interface MonthDays {
  readonly month: string;
  readonly days: readonly LocalSpan[];
}

function daysByMonth(days: readonly LocalSpan[]): readonly MonthDays[] {
  const known = months.get(days);
  if (known) return known;
  const byMonth = groupedBy(days, ({ name }) => name.slice(0, 7));
  const made = [...byMonth].map(([month, itsDays]) => ({ month, days: itsDays }));
  months.set(days, made);
  return made;
}
