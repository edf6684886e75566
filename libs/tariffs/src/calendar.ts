import { DateTime, IANAZone } from 'luxon';

/** A local day, week, month … as the half-open span `[startMs, endMs)` of Unix milliseconds. */
export interface LocalSpan {
  /** `2026-03-29`, `2026-W13`, `2026-03`, `2026`; of a billing period its first day. */
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Local spans of time in one time zone. The same instant always gives the same span. */
export interface Calendar {
  readonly zone: string;
  dayOf(atMs: number): LocalSpan;
  /** ISO 8601: Monday to Sunday; `2026-W01` is the week with the year's first Thursday. */
  weekOf(atMs: number): LocalSpan;
  monthOf(atMs: number): LocalSpan;
  /** A month from the calendar's billing day on, or from the last day of a shorter month. */
  billingPeriodOf(atMs: number): LocalSpan;
  yearOf(atMs: number): LocalSpan;
  /** The day of a name such as `2026-03-29`; null where no such day exists. */
  dayNamed(name: string): LocalSpan | null;
  /** The same time of day some months later, or at the end of a shorter month. */
  monthsAfter(atMs: number, months: number): number;
  /** What the clock on the wall shows, in minutes since 00:00. */
  minuteOfDay(atMs: number): number;
  /** Local days in the span that begin before its end: 28 … 31 in a month, 365 or 366 in a year. */
  daysIn(span: LocalSpan): number;
}

const nameFormats = {
  day: 'yyyy-MM-dd',
  week: "kkkk-'W'WW",
  month: 'yyyy-MM',
  year: 'yyyy',
} as const;
type Unit = keyof typeof nameFormats;

/** A conversion by luxon takes 20–60 µs, so the spans last asked for are kept. */
const SPANS_KEPT_MAX = 80;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

export const isZone = (zone: string): boolean => IANAZone.isValidZone(zone);

/**
 * The calendar of an IANA time zone, whose billing periods begin on a day of the month; throws a
 * RangeError where `isZone` is false.
 */
export function createCalendar(zone: string, billingDay = 1): Calendar {
  if (!isZone(zone)) throw new RangeError(`unknown time zone ${zone}`);
  const spanOf = (unit: Unit): SpanOf => rememberSpans((atMs) => localSpan(zone, unit, atMs));
  const dayOf = spanOf('day');
  const billingPeriodOf = rememberSpans((atMs) => billingPeriod(zone, billingDay, atMs));
  // Days differ from 24 h by the clock change only, so the rounded quotient is their number.
  const daysIn = ({ startMs, endMs }: LocalSpan): number => Math.round((endMs - startMs) / DAY_MS);
  const minuteOfDay = (atMs: number): number => {
    const { startMs, endMs } = dayOf(atMs);
    // A conversion is slow, and needed only on the days on which the clock is changed.
    if (endMs - startMs === DAY_MS) return Math.floor((atMs - startMs) / MINUTE_MS);
    const { hour, minute } = DateTime.fromMillis(atMs, { zone });
    return hour * 60 + minute;
  };
  const dayNamed = (name: string): LocalSpan | null => {
    const day = DateTime.fromFormat(name, nameFormats.day, { zone });
    return day.isValid ? dayOf(day.startOf('day').toMillis()) : null;
  };
  const monthsAfter = (atMs: number, months: number): number =>
    DateTime.fromMillis(atMs, { zone }).plus({ months }).toMillis();
  return {
    zone,
    dayOf,
    weekOf: spanOf('week'),
    monthOf: spanOf('month'),
    billingPeriodOf,
    yearOf: spanOf('year'),
    dayNamed,
    monthsAfter,
    minuteOfDay,
    daysIn,
  };
}

type SpanOf = (atMs: number) => LocalSpan;

function rememberSpans(spanOf: SpanOf): SpanOf {
  const kept: LocalSpan[] = [];
  return (atMs) => {
    const found = kept.find(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);
    if (found) return found;
    const span = spanOf(atMs);
    kept.unshift(span);
    kept.length = Math.min(kept.length, SPANS_KEPT_MAX);
    return span;
  };
}

function localSpan(zone: string, unit: Unit, atMs: number): LocalSpan {
  // The first instant of a local day is not 00:00 everywhere: Santiago's 2026-09-06 starts at
  // 01:00. Only the library's startOf knows, and a day later plus startOf finds the next edge.
  const start = DateTime.fromMillis(atMs, { zone }).startOf(unit);
  const end = start.plus({ [unit]: 1 }).startOf(unit);
  return {
    name: start.toFormat(nameFormats[unit]),
    startMs: start.toMillis(),
    endMs: end.toMillis(),
  };
}

function billingPeriod(zone: string, billingDay: number, atMs: number): LocalSpan {
  const month = DateTime.fromMillis(atMs, { zone }).startOf('month');
  const beginsIn = (months: number): DateTime => {
    const first = month.plus({ months });
    return first.set({ day: Math.min(billingDay, first.daysInMonth!) }).startOf('day');
  };
  const months = beginsIn(0).toMillis() <= atMs ? 0 : -1;
  const start = beginsIn(months);
  return {
    name: start.toFormat(nameFormats.day),
    startMs: start.toMillis(),
    endMs: beginsIn(months + 1).toMillis(),
  };
}
