import type { Calendar, LocalSpan } from './calendar.js';
import type { PerTime, Slot } from './component.js';
import { one, over, plus, share, times, zero, type Exact } from './exact.js';

/** Consecutive days of a billing period on which the same components count. */
export interface Segment {
  readonly days: readonly LocalSpan[];
  /** Of the days of the period. */
  readonly share: Exact;
  /** As metered, in order of time. */
  readonly gross: readonly Slot[];
  /** Without what is set off within a quarter-hour or an hour. */
  readonly netted: readonly Slot[];
  /** The part of the energy that is left where export is set off over a month or the whole bill. */
  readonly left: { readonly import: Exact; readonly export: Exact };
  /** What further quarter-hours, no longer looked at, come to by the component's prices. */
  readonly sums?: ReadonlyMap<object, SlotSum>;
}

/** What energy costs at the prices of its quarter-hours. */
export interface SlotSum {
  /** Wh · pico-currency per kWh. */
  readonly picoWh: bigint;
  /** A price that is not known was replaced. */
  readonly estimated: boolean;
}

/** A component in a segment in which it counts. */
export interface Part<Component> {
  readonly component: Component;
  readonly segment: Segment;
}

export interface Period {
  readonly startMs: number;
  readonly endMs: number;
  readonly days: readonly LocalSpan[];
  readonly segments: readonly Segment[];
  /** Length in months of the bill: exactly 1 from the 15th to the 15th. */
  readonly months: Exact;
  /** Energy after net metering, in the steps that the supplier reads. */
  readonly importWh: number;
  readonly exportWh: number;
  readonly demand: DemandHistory;
  /** Without any step in it that one watt-hour more would take or miss by chance. */
  readonly isExact?: boolean;
}

/** Where the demand of a month comes from. */
export interface DemandHistory {
  /** All quarter-hours that are known, of the period and before it, in order of time. */
  readonly slots: readonly Slot[];
  /** Peaks in W that are known otherwise, by month as `2026-03`; they win over the slots. */
  readonly monthPeaksW: ReadonlyMap<string, number>;
}

/** The days of a period are asked for their length by each of its charges. */
const lengths = new WeakMap<readonly LocalSpan[], Map<PerTime, Exact>>();

/** Length of some days in days, calendar months or calendar years. */
export function lengthIn(days: readonly LocalSpan[], per: PerTime, calendar: Calendar): Exact {
  if (per === 'day') return share(days.length, 1);
  const known = lengths.get(days) ?? new Map<PerTime, Exact>();
  const length = known.get(per) ?? reckonLength(days, per, calendar);
  lengths.set(days, known.set(per, length));
  return length;
}

function reckonLength(
  days: readonly LocalSpan[],
  per: Exclude<PerTime, 'day'>,
  calendar: Calendar,
): Exact {
  const spanOf = { month: calendar.monthOf, year: calendar.yearOf }[per];
  const counts = new Map<string, { span: LocalSpan; count: number }>();
  for (const day of days) {
    const span = spanOf(day.startMs);
    const known = counts.get(span.name);
    counts.set(span.name, { span, count: (known?.count ?? 0) + 1 });
  }
  return [...counts.values()].reduce(
    (sum, { span, count }) => plus(sum, share(count, calendar.daysIn(span))),
    zero,
  );
}

/** The same for a segment; months are those of the bill. */
export function lengthOf(
  { days }: { readonly days: readonly LocalSpan[] },
  per: PerTime,
  period: Period,
  calendar: Calendar,
): Exact {
  const length = lengthIn(days, per, calendar);
  if (per !== 'month') return length;
  return times(length, over(period.months, lengthIn(period.days, 'month', calendar)));
}

const MONTHS_A_YEAR = share(12, 1);

/**
 * What is due for some days of a charge that is measured by the month: a twelfth of a year's is
 * due for each month, however many days it has.
 */
export function dueFor(
  { days }: { readonly days: readonly LocalSpan[] },
  per: PerTime,
  period: Period,
  calendar: Calendar,
): Exact {
  if (per !== 'year') return lengthOf({ days }, per, period, calendar);
  return over(lengthOf({ days }, 'month', period, calendar), MONTHS_A_YEAR);
}

/** Meters are read some days early or late; such a bill is still one of a month. */
const MONTH_DAYS_MIN = 26;
const MONTH_DAYS_MAX = 36;
/** A rest this short is read together with the month before it. */
const REST_DAYS_MAX = 5;

/** Length of a billing period in months; whole from any day to the same day of a later month. */
export function monthsIn(
  { startMs, endMs, days }: Pick<Period, 'startMs' | 'endMs' | 'days'>,
  isMonthly: boolean,
  calendar: Calendar,
): Exact {
  const whole = Math.round(days.length / 30.4);
  if (whole > 0 && calendar.monthsAfter(startMs, whole) === endMs) return share(whole, 1);
  if (isMonthly && days.length >= MONTH_DAYS_MIN && days.length <= MONTH_DAYS_MAX) return one;
  return lengthIn(days, 'month', calendar);
}

/** The bills of a tariff that is billed by the month, from any day. */
export function monthlyPeriods(
  startMs: number,
  endMs: number,
  calendar: Calendar,
): { readonly startMs: number; readonly endMs: number }[] {
  const edges = [startMs];
  for (let months = 1; edges.at(-1)! < endMs; months += 1) {
    edges.push(Math.min(calendar.monthsAfter(startMs, months), endMs));
  }
  const isRest = calendar.daysIn({ name: '', startMs: edges.at(-2) ?? startMs, endMs });
  if (edges.length > 2 && isRest <= REST_DAYS_MAX) edges.splice(-2, 1);
  return edges.slice(1).map((edge, i) => ({ startMs: edges[i]!, endMs: edge }));
}
