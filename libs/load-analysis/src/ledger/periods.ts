import type { Calendar, LocalSpan } from '@wattbus/tariffs';
import { addAmounts, type Amounts, type Quarter, type QuarterQuality } from './quarters.js';
import type { AmountName } from './limits.js';
import { QUARTER_MS } from './spread.js';

/** Closed quarter-hours of a local span, summed. Plain JSON. */
export interface PeriodBook extends LocalSpan {
  readonly amounts: Amounts;
  /** The part of the amounts that is not measured. */
  readonly estimated: Amounts;
}

export interface DayBook extends PeriodBook {
  readonly quarters: readonly PackedQuarter[];
  /** Time of the day so far that readings cover. */
  readonly coveredMs: number;
}

/** Number of the quarter-hour in the day, quality, amounts: a day of them stays under 3 kB. */
export type PackedQuarter = readonly [index: number, quality: number, amounts: Amounts];

export const newPeriod = ({ name, startMs, endMs }: LocalSpan): PeriodBook => ({
  name,
  startMs,
  endMs,
  amounts: {},
  estimated: {},
});

export const newDay = (span: LocalSpan): DayBook => ({
  ...newPeriod(span),
  quarters: [],
  coveredMs: 0,
});

/** The books that are open at an instant. Further periods (week, billing) are further fields. */
export interface OpenBooks {
  readonly day: DayBook;
  readonly month: PeriodBook;
}

export const openBooks = (calendar: Calendar, atMs: number): OpenBooks => ({
  day: newDay(calendar.dayOf(atMs)),
  month: newPeriod(calendar.monthOf(atMs)),
});

export const addQuarter = ({ day, month }: OpenBooks, quarter: Quarter): OpenBooks => ({
  day: { ...summed(day, quarter), quarters: [...day.quarters, pack(day, quarter)] },
  month: summed(month, quarter),
});

/** Counts the time between two readings as covered, as far as it lies in the day. */
export function cover(day: DayBook, fromMs: number, toMs: number): DayBook {
  const overlapMs = Math.min(toMs, day.endMs) - Math.max(fromMs, day.startMs);
  return overlapMs > 0 ? { ...day, coveredMs: day.coveredMs + overlapMs } : day;
}

/** The closed quarter-hours of a day, in order of time. */
export const quartersOf = ({ startMs, quarters }: DayBook): readonly Quarter[] =>
  quarters.map(([index, quality, amounts]) => ({
    startMs: startMs + index * QUARTER_MS,
    amounts,
    quality: qualities[quality]!,
  }));

const qualities: readonly QuarterQuality[] = ['measured', 'estimated', 'partial'];

const pack = (day: LocalSpan, { startMs, quality, amounts }: Quarter): PackedQuarter => [
  (startMs - day.startMs) / QUARTER_MS,
  qualities.indexOf(quality),
  amounts,
];

const summed = <Book extends PeriodBook>(book: Book, { amounts, quality }: Quarter): Book => ({
  ...book,
  amounts: addAmounts(book.amounts, amounts),
  estimated: quality === 'measured' ? book.estimated : addAmounts(book.estimated, amounts),
});

/** One amount of a span, 0 where the meter never stated it. */
export const amountOf = (amounts: Amounts, name: AmountName): number => amounts[name] ?? 0;
