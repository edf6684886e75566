import { z } from 'zod';
import { componentShape, type Billing, type ComponentKind, type Line } from '../component.js';
import {
  compare,
  exact,
  greater,
  lesser,
  negated,
  sumOf,
  times,
  zero,
  type Exact,
} from '../exact.js';
import type { Part, Segment } from '../period.js';
import { rounded } from '../rounding.js';
import { sumOfLines } from './percent-of.js';
import { energyIn } from './tiered.js';

/** What is taken off some lines: an amount a bill, or a share of them up to a limit. */
export const discountWith = <Amount extends z.ZodType>(amount: Amount) =>
  z.strictObject({
    ...componentShape,
    kind: z.literal('discount'),
    /** Ids of lines above this one; never more than these is taken off. */
    of: z.array(z.string()).min(1).max(100),
    /** Currency a bill. */
    amount: amount.optional(),
    /** Fraction of the lines. Without it and without an amount it is all of them. */
    rate: amount.optional(),
    /** Currency a bill, beyond which it does not go. */
    limit: amount.optional(),
    /** Given only up to this use. */
    upToKWh: amount.optional(),
    /** Ids of discounts of which only the larger sum counts: these or this one. */
    insteadOf: z.array(z.string()).max(20).optional(),
  });
export type Discount = z.infer<ReturnType<typeof discountWith<z.ZodNumber>>>;

export const discount: ComponentKind<Discount> = {
  group: () => 'fixed',
  chargeOfPeriod: (parts, billing) => {
    const amounts = parts.map((part) => negated(valueOf(part, billing)));
    const others = parts[0]?.component.insteadOf ?? [];
    if (others.length === 0) return { amounts };
    const isLarger = compare(sumOf(amounts), sumOfLines(others, billing)) < 0;
    if (isLarger) return { amounts, replaces: others };
    return { amounts: amounts.map(() => zero) };
  },
};

/** Each part of the period has its own share of the limit. */
function valueOf({ component, segment }: Part<Discount>, billing: Billing): Exact {
  const { of, amount, rate, limit, upToKWh } = component;
  if (upToKWh !== undefined && compare(energyIn('import', billing.period), exact(upToKWh)) > 0) {
    return zero;
  }
  const basis = sumOf(of.flatMap((id) => inSegment(billing.lines.get(id), segment)));
  let value = rate === undefined ? basis : times(basis, exact(rate));
  if (amount !== undefined) value = lesser(basis, times(exact(amount), segment.share));
  if (limit !== undefined) value = lesser(value, times(exact(limit), segment.share));
  return greater(value, zero);
}

const inSegment = (line: Line | undefined, segment: Segment): Exact[] =>
  line ? [rounded(line.bySegment.get(segment) ?? zero, line.rounding)] : [];
