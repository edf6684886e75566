import type { Calendar, LocalSpan } from '@wattbus/tariffs';
import { addAmounts, type Amounts, type Quarter, type QuarterQuality } from './quarters.js';
import type { AmountName } from './limits.js';
import { QUARTER_MS } from './spread.js';

/** Closed quarter-hours of a local span, summed. Plain JSON. */
export interface PeriodBook extends LocalSpan {
  readonly amounts: Amounts;
  /** The part of the amounts that is not measured. */
  readonly estimated: Amounts;
  /** Time so far that readings cover; of longer periods that of their closed days. */
  readonly coveredMs: number;
}

export interface DayBook extends PeriodBook {
  readonly quarters: readonly PackedQuarter[];
}

/** Number of the quarter-hour in the day, quality, amounts: a day of them stays under 3 kB. */
export type PackedQuarter = readonly [index: number, quality: number, amounts: Amounts];

export const newPeriod = ({ name, startMs, endMs }: LocalSpan): PeriodBook => ({
  name,
  startMs,
  endMs,
  amounts: {},
  estimated: {},
  coveredMs: 0,
});

export const newDay = (span: LocalSpan): DayBook => ({ ...newPeriod(span), quarters: [] });

/** The periods longer than a day; all of them begin and end with one. */
const spans = {
  week: (calendar: Calendar) => calendar.weekOf,
  month: (calendar: Calendar) => calendar.monthOf,
  billing: (calendar: Calendar) => calendar.billingPeriodOf,
  year: (calendar: Calendar) => calendar.yearOf,
};
export type PeriodName = keyof typeof spans;
export const periodNames = Object.keys(spans) as readonly PeriodName[];

export const openPeriod = (name: PeriodName, calendar: Calendar, atMs: number): PeriodBook =>
  newPeriod(spans[name](calendar)(atMs));

/** The books that are open at an instant. */
export type OpenBooks = { readonly day: DayBook } & {
  readonly [name in PeriodName]: PeriodBook;
};

/** Something for each period. */
const eachPeriod = <Made>(make: (name: PeriodName) => Made): Record<PeriodName, Made> => ({
  week: make('week'),
  month: make('month'),
  billing: make('billing'),
  year: make('year'),
});

export const openBooks = (calendar: Calendar, atMs: number): OpenBooks => ({
  day: newDay(calendar.dayOf(atMs)),
  ...eachPeriod((name) => openPeriod(name, calendar, atMs)),
});

export const addQuarter = ({ day, ...periods }: OpenBooks, quarter: Quarter): OpenBooks => ({
  day: { ...summed(day, quarter), quarters: [...day.quarters, pack(day, quarter)] },
  ...eachPeriod((name) => summed(periods[name], quarter)),
});

/** Tells the longer periods of a day that has ended how much of it was covered. */
export const closeDayIn = ({ day, ...periods }: OpenBooks): OpenBooks => ({
  day,
  ...eachPeriod((name) => ({
    ...periods[name],
    coveredMs: periods[name].coveredMs + day.coveredMs,
  })),
});

/** Share of a period's elapsed time that readings cover, 0 to 1. */
export function coverageOf(books: OpenBooks, name: 'day' | PeriodName, atMs: number): number {
  const { startMs, coveredMs } = books[name];
  const elapsedMs = atMs - startMs;
  const sumMs = name === 'day' ? coveredMs : coveredMs + books.day.coveredMs;
  return elapsedMs <= 0 ? 1 : Math.min(1, sumMs / elapsedMs);
}

/** Counts the time between two readings as covered, as far as it lies in the day. */
export function cover(day: DayBook, fromMs: number, toMs: number): DayBook {
  const overlapMs = Math.min(toMs, day.endMs) - Math.max(fromMs, day.startMs);
  if (overlapMs <= 0) return day;
  const { name, startMs, endMs, amounts, estimated, coveredMs, quarters } = day;
  const sumMs = coveredMs + overlapMs;
  return { name, startMs, endMs, amounts, estimated, coveredMs: sumMs, quarters };
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

/** Books as they were saved before there were weeks, billing periods and years. */
export interface SavedBooks {
  readonly day: DayBook;
  readonly month: Omit<PeriodBook, 'coveredMs'>;
}

/** The other periods begin with what is known of them: the month where it lies in them, else today. */
export function completedBooks({ day, month }: SavedBooks, calendar: Calendar): OpenBooks {
  const opened = eachPeriod((name) => openPeriod(name, calendar, day.startMs));
  return {
    day,
    ...eachPeriod((name) => {
      const book = opened[name];
      const { amounts, estimated } = book.startMs <= month.startMs ? month : day;
      return { ...book, amounts, estimated };
    }),
  };
}
