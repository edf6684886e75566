import type { Calendar } from '@wattbus/tariffs';
import { addQuarter, closeDayIn, cover, newDay, openPeriod, periodNames } from './periods.js';
import type { DayBook, OpenBooks, PeriodBook, PeriodName } from './periods.js';
import type { OpenQuarters, Quarter } from './quarters.js';
import { quarterStart, QUARTER_MS } from './spread.js';

/** Something that will not change any more. */
export type ClosedBook =
  | { readonly kind: 'quarter'; readonly quarter: Quarter }
  | { readonly kind: 'day'; readonly day: DayBook }
  | { readonly kind: 'period'; readonly name: PeriodName; readonly period: PeriodBook };

/** Time between two readings that are no gap. */
export interface Covered {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface ClosableBooks {
  readonly open: OpenQuarters;
  readonly books: OpenBooks;
  readonly closedDay: DayBook | null;
}

export interface Closing extends ClosableBooks {
  readonly closedUntilMs: number;
  /** In order of time: quarter-hours, then the day, then the longer periods that they end. */
  readonly closed: readonly ClosedBook[];
}

/** Closes every quarter-hour that ends by `untilMs`, and the days and periods that end with them. */
export function closeBooks(
  state: ClosableBooks,
  untilMs: number,
  covered: Covered | null,
  calendar: Calendar,
): Closing {
  const { open, books, closedDay } = state;
  const { week, month, billing, year } = books;
  const day = covered ? cover(books.day, covered.fromMs, covered.toMs) : books.day;
  const draft: Draft = {
    open,
    books: { day, week, month, billing, year },
    closedDay,
    closed: [],
  };
  let count = 0;
  for (const quarter of state.open) {
    if (quarter.startMs + QUARTER_MS > untilMs) break;
    turnPages(draft, quarter.startMs, covered, calendar);
    draft.books = addQuarter(draft.books, quarter);
    draft.closed.push({ kind: 'quarter', quarter });
    count += 1;
  }
  turnPages(draft, untilMs, covered, calendar);
  return {
    open: count === 0 ? open : open.slice(count),
    books: draft.books,
    closedDay: draft.closedDay,
    closed: draft.closed,
    closedUntilMs: quarterStart(untilMs),
  };
}

interface Draft extends ClosableBooks {
  books: OpenBooks;
  closedDay: DayBook | null;
  readonly closed: ClosedBook[];
}

/** Opens the day and the periods of an instant if those that are open ended before it. */
function turnPages(draft: Draft, atMs: number, covered: Covered | null, calendar: Calendar): void {
  const { day } = draft.books;
  // A period that ends does so with a day.
  if (atMs < day.endMs) return;
  draft.closed.push({ kind: 'day', day });
  draft.closedDay = day;
  const books = { ...closeDayIn(draft.books) };
  const next = newDay(calendar.dayOf(atMs));
  books.day = covered ? cover(next, covered.fromMs, covered.toMs) : next;
  for (const name of periodNames) {
    const period = books[name];
    if (atMs < period.endMs) continue;
    draft.closed.push({ kind: 'period', name, period });
    books[name] = openPeriod(name, calendar, atMs);
  }
  draft.books = books;
}
