import { z } from 'zod';
import type { Calendar, LocalSpan } from '../calendar.js';
import { componentShape, type ComponentKind } from '../component.js';
import { shareMicro, toMicro } from '../money.js';

/** A charge that does not depend on use; a month's or year's is spread evenly over its days. */
export const Fixed = z.object({
  ...componentShape,
  kind: z.literal('fixed'),
  per: z.enum(['day', 'month', 'year']),
  /** Currency, before VAT. */
  amount: z.number(),
});
export type Fixed = z.infer<typeof Fixed>;

export const fixed: ComponentKind<Fixed> = {
  chargeOfSlot: () => null,
  chargeOfDay: ({ per, amount }, day, calendar) => {
    const whole = spans[per](calendar, day);
    const days = calendar.daysIn(whole);
    const daysBefore = calendar.daysIn({ ...whole, endMs: day.startMs });
    // The difference of two cumulated shares, so that the days add up to the amount exactly.
    const until = (count: number): number => shareMicro(toMicro(amount), count, days);
    return { group: 'fixed', netMicro: until(daysBefore + 1) - until(daysBefore) };
  },
};

const spans: Record<Fixed['per'], (calendar: Calendar, day: LocalSpan) => LocalSpan> = {
  day: (_calendar, day) => day,
  month: (calendar, day) => calendar.monthOf(day.startMs),
  year: (calendar, day) => calendar.yearOf(day.startMs),
};
