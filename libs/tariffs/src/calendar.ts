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
const SPANS_KEPT_MAX = 800;
const ANSWERS_KEPT_MAX = 100;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

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
  const changeOf = remember((day: LocalSpan) => clockChange(zone, day));
  const minuteOfDay = (atMs: number): number => {
    const day = dayOf(atMs);
    if (day.endMs - day.startMs === DAY_MS) return Math.floor((atMs - day.startMs) / MINUTE_MS);
    const { changeMs, beforeMin, afterMin } = changeOf(day);
    const offsetMin = atMs < changeMs ? beforeMin : afterMin;
    return (Math.floor(atMs / MINUTE_MS) + offsetMin) % DAY_MINUTES;
  };
  const dayNamed = remember((name: string): LocalSpan | null => {
    const day = DateTime.fromFormat(name, nameFormats.day, { zone });
    return day.isValid ? dayOf(day.startOf('day').toMillis()) : null;
  });
  const monthsFrom = remember((atMs: number) =>
    remember((months: number) => DateTime.fromMillis(atMs, { zone }).plus({ months }).toMillis()),
  );
  const monthsAfter = (atMs: number, months: number): number => monthsFrom(atMs)(months);
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

/** The answers to what was asked last. */
function remember<Asked, Answer>(answer: (asked: Asked) => Answer): (asked: Asked) => Answer {
  const known = new Map<Asked, Answer>();
  return (asked) => {
    const before = known.get(asked);
    if (before !== undefined) return before;
    const made = answer(asked);
    if (known.size >= ANSWERS_KEPT_MAX) known.clear();
    known.set(asked, made);
    return made;
  };
}

type SpanOf = (atMs: number) => LocalSpan;

function rememberSpans(spanOf: SpanOf): SpanOf {
  /** In order of time. */
  let kept: LocalSpan[] = [];
  let last: LocalSpan | null = null;
  return (atMs) => {
    if (last && last.startMs <= atMs && atMs < last.endMs) return last;
    const index = endingAfter(kept, atMs);
    const found = kept[index];
    if (found && found.startMs <= atMs) return (last = found);
    last = spanOf(atMs);
    if (kept.length < SPANS_KEPT_MAX) kept.splice(index, 0, last);
    else kept = [last];
    return last;
  };
}

/** Index of the first span that ends after an instant. */
function endingAfter(spans: readonly LocalSpan[], atMs: number): number {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle]!.endMs <= atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** When on a day the clock is changed, and what it is ahead of UTC before and after. */
function clockChange(zone: string, { startMs, endMs }: LocalSpan) {
  const offsetAt = (atMs: number): number => DateTime.fromMillis(atMs, { zone }).offset;
  const beforeMin = offsetAt(startMs);
  let [low, high] = [startMs, endMs];
  while (high - low > MINUTE_MS) {
    const middle = low + Math.floor((high - low) / 2 / MINUTE_MS) * MINUTE_MS;
    if (offsetAt(middle) === beforeMin) low = middle;
    else high = middle;
  }
  return { changeMs: high, beforeMin, afterMin: offsetAt(endMs - 1) };
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
