import { z } from 'zod';
import { componentShape, PerTime, type ComponentKind } from '../component.js';
import { exact, greater, lesser, minus, sumOf, times, zero } from '../exact.js';
import { dueFor } from '../period.js';
import { sumOfLines } from './percent-of.js';
import { energyIn } from './tiered.js';

/** What lifts some lines to a minimum or lowers them to a maximum; the minimum wins. */
export const capWith = <Amount extends z.ZodType>(amount: Amount) =>
  z.strictObject({
    ...componentShape,
    kind: z.literal('cap'),
    /** Ids of lines above this one. */
    of: z.array(z.string()).min(1).max(100),
    /** Currency per kWh of import, before VAT. */
    maximumPerKWh: amount.optional(),
    /** Currency per `minimumPer`, before VAT; a month owes a twelfth of a year's. */
    minimum: amount.optional(),
    minimumPer: PerTime.optional(),
  });
export type Cap = z.infer<ReturnType<typeof capWith<z.ZodNumber>>>;

export const cap: ComponentKind<Cap> = {
  group: () => 'fixed',
  chargeOfPeriod: (parts, billing) => {
    const { period, calendar } = billing;
    const [first] = parts;
    if (!first) return { amounts: [] };
    const uncapped = sumOfLines(first.component.of, billing);
    const energy = energyIn('import', period);
    const maximum = sumOf(
      parts.map(({ component: { maximumPerKWh = 0 }, segment }) =>
        times(times(energy, exact(maximumPerKWh)), segment.share),
      ),
    );
    const minimum = sumOf(
      parts.map(({ component: { minimum: least = 0, minimumPer = 'month' }, segment }) =>
        times(exact(least), dueFor(segment, minimumPer, period, calendar)),
      ),
    );
    const isCapped = first.component.maximumPerKWh !== undefined;
    const lowered = isCapped ? lesser(uncapped, maximum) : uncapped;
    const difference = minus(greater(lowered, minimum), uncapped);
    return { amounts: parts.map((_, i) => (i === 0 ? difference : zero)) };
  },
};
