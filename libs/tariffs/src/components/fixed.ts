import { z } from 'zod';
import type { Calendar, LocalSpan } from '../calendar.js';
import { componentShape, PerTime, type ComponentKind } from '../component.js';
import { exact, times } from '../exact.js';
import { shareMicro, toMicro } from '../money.js';
import { lengthOf } from '../period.js';

/** A charge that does not depend on use; a month's or year's is spread evenly over its days. */
export const fixedWith = <Amount extends z.ZodType>(amount: Amount) =>
  z.strictObject({
    ...componentShape,
    kind: z.literal('fixed'),
    per: PerTime,
    /** Currency, before VAT; negative where it is a credit. */
    amount,
  });
export type Fixed = z.infer<ReturnType<typeof fixedWith<z.ZodNumber>>>;

export const fixed: ComponentKind<Fixed> = {
  group: () => 'fixed',
  microOfDay: ({ per, amount }, day, calendar) => {
    const whole = spans[per](calendar, day);
    const days = calendar.daysIn(whole);
    const daysBefore = calendar.daysIn({ ...whole, endMs: day.startMs });
    // The difference of two cumulated shares, so that the days add up to the amount exactly.
    const until = (count: number): number => shareMicro(toMicro(amount), count, days);
    return until(daysBefore + 1) - until(daysBefore);
  },
  chargeOfPeriod: (parts, { period, calendar }) => ({
    amounts: parts.map(({ component: { per, amount }, segment }) =>
      times(exact(amount), lengthOf(segment, per, period, calendar)),
    ),
  }),
};

const spans: Record<PerTime, (calendar: Calendar, day: LocalSpan) => LocalSpan> = {
  day: (_calendar, day) => day,
  month: (calendar, day) => calendar.monthOf(day.startMs),
  year: (calendar, day) => calendar.yearOf(day.startMs),
};
