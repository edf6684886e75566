import { z } from 'zod';
import { componentShape, type Billing, type ComponentKind } from '../component.js';
import { exact, sumOf, times, type Exact } from '../exact.js';

/** A share of other lines as they are rounded on the bill: a levy, a tax. */
export const percentOfWith = <Amount extends z.ZodType>(amount: Amount) =>
  z.strictObject({
    ...componentShape,
    kind: z.literal('percent-of'),
    /** Ids of lines above this one; those that the bill does not have count as 0. */
    of: z.array(z.string()).min(1).max(100),
    /** Fraction, 0.027 for 2.7 %. */
    rate: amount,
  });
export type PercentOf = z.infer<ReturnType<typeof percentOfWith<z.ZodNumber>>>;

export const percentOf: ComponentKind<PercentOf> = {
  group: () => 'fixed',
  chargeOfPeriod: (parts, billing) => ({
    amounts: parts.map(({ component: { of, rate }, segment }) =>
      times(times(sumOfLines(of, billing), exact(rate)), segment.share),
    ),
  }),
};

export const sumOfLines = (ids: readonly string[], { lines }: Billing): Exact =>
  sumOf(ids.flatMap((id) => lines.get(id)?.rounded ?? []));
