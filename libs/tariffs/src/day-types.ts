import { z } from 'zod';
import type { Calendar, LocalSpan } from './calendar.js';

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** Holidays, and further lists of days such as the red ones of a tariff; days are `2026-03-29`. */
export interface DayTypes {
  readonly holidays: Pick<ReadonlySet<string>, 'has'>;
  readonly lists: Readonly<Record<string, ReadonlySet<string>>>;
}

export const ordinaryDays: DayTypes = { holidays: new Set(), lists: {} };

const ClockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be a time as 22:00');

/** When a rule counts. What is left out does not restrict it. */
export const timeShape = {
  /** 1 for January … 12. */
  months: z.array(z.int().min(1).max(12)).min(1).optional(),
  /** `mon` … `sun`, `holiday`, or the name of one of the tariff's lists of days. */
  days: z.array(z.string().min(1)).min(1).optional(),
  /** Wall clock, first minute. */
  from: ClockTime.optional(),
  /** Wall clock, first minute that no longer counts; may lie after midnight. */
  to: ClockTime.optional(),
};

export interface TimeRule {
  readonly months?: readonly number[] | undefined;
  readonly days?: readonly string[] | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** Names of days that a rule may use without a list. */
export const knownDays: ReadonlySet<string> = new Set([...weekdays, 'holiday']);

export const isAlways = ({ months, days, from, to }: TimeRule): boolean =>
  months === undefined && days === undefined && from === undefined && to === undefined;

/**
 * Finds the first rule that counts at a moment. `dayStartsAt` is when the day of a rule begins: the
 * colour of a French Tempo day holds from 06:00 until 06:00 of the next day.
 */
export function ruleFinder<Rule extends TimeRule>(
  rules: readonly Rule[],
  dayStartsAt = '00:00',
): (atMs: number, around: { calendar: Calendar; dayTypes: DayTypes }) => Rule | null {
  if (rules.length === 0) return () => null;
  const timed = rules.map((rule) => ({ rule, isWithin: within(rule) }));
  const dayStart = minutesOf(dayStartsAt);
  type Timed = (typeof timed)[number];
  const rulesOf = (day: LocalSpan, dayTypes: DayTypes): Timed[] => {
    const types = typesOf(day, dayTypes);
    const month = Number(day.name.slice(5, 7));
    return timed.filter(
      ({ rule: { months, days } }) =>
        (!months || months.includes(month)) && (!days || days.some((type) => types.includes(type))),
    );
  };
  let last: { dayTypes: DayTypes; day: LocalSpan; early: Timed[]; late: Timed[] } | null = null;
  return (atMs, { calendar, dayTypes }) => {
    const day = calendar.dayOf(atMs);
    if (last?.day !== day || last.dayTypes !== dayTypes) {
      const before = dayStart === 0 ? day : calendar.dayOf(day.startMs - 1);
      const [early, late] = [rulesOf(before, dayTypes), rulesOf(day, dayTypes)];
      last = { dayTypes, day, early, late };
    }
    const minute = calendar.minuteOfDay(atMs);
    const fitting = minute < dayStart ? last.early : last.late;
    return fitting.find(({ isWithin }) => isWithin(minute))?.rule ?? null;
  };
}

/** A holiday is a type of day of its own and no weekday; lists come on top. */
function typesOf({ name }: LocalSpan, { holidays, lists }: DayTypes): string[] {
  const own = holidays.has(name) ? 'holiday' : weekdayOf(name);
  return [own, ...Object.keys(lists).filter((list) => lists[list]?.has(name))];
}

const weekdayOf = (name: string): string =>
  weekdays[new Date(`${name}T00:00:00Z`).getUTCDay()] ?? 'sun';

function within({ from = '00:00', to = '24:00' }: TimeRule): (minute: number) => boolean {
  const [first, end] = [minutesOf(from), minutesOf(to)];
  return first < end
    ? (minute) => first <= minute && minute < end
    : (minute) => minute >= first || minute < end;
}

function minutesOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number);
  return hours * 60 + minutes;
}
