import type { Calendar } from '@wattbus/tariffs';
import { closeBooks } from './closing.js';
import type { LedgerResult, LedgerState } from './ledger.js';
import { openBooks } from './periods.js';
import type { Quarter } from './quarters.js';
import { QUARTER_MS } from './spread.js';

/**
 * Books a quarter-hour that is known without a reading, as portals of suppliers state it. They come
 * in order of time; one before the newest is ignored, for its books are closed.
 */
export function bookStatedQuarter(
  state: LedgerState,
  quarter: Quarter,
  calendar: Calendar,
): { state: LedgerState; results: readonly LedgerResult[] } {
  const { startMs } = quarter;
  if (startMs < Math.max(state.closedUntilMs, state.lastAtMs ?? -Infinity)) {
    return { state, results: [] };
  }
  const endMs = startMs + QUARTER_MS;
  const closing = closeBooks(
    {
      open: [...state.open, quarter],
      books: state.books ?? openBooks(calendar, startMs),
      closedDay: state.closedDay,
    },
    endMs,
    { fromMs: startMs, toMs: endMs },
    calendar,
  );
  return {
    state: {
      ...state,
      open: closing.open,
      books: closing.books,
      closedDay: closing.closedDay,
      closedUntilMs: closing.closedUntilMs,
      lastAtMs: endMs,
    },
    results: closing.closed,
  };
}
