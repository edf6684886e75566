import type { Calendar } from '@wattbus/tariffs';
import { ANALYSIS_STATE_VERSION, initialAnalysis, type AnalysisState } from './analysis.js';
import { initialCost, type CostState } from './cost/cost-state.js';
import { slotOf } from './cost/cost.js';
import { keepSlot, type KeptDays } from './cost/kept-days.js';
import type { LedgerState } from './ledger/ledger.js';
import { completedBooks, quartersOf, type SavedBooks } from './ledger/periods.js';

/** A saved state, or why it cannot be used: then the analysis begins from the journal's start. */
export function loadAnalysis(
  saved: unknown,
  calendar: Calendar,
): AnalysisState | { readonly fault: string } {
  if (typeof saved !== 'object' || saved === null || !('v' in saved)) {
    return { fault: 'the saved state has no version' };
  }
  const { v } = saved;
  if (v === ANALYSIS_STATE_VERSION) return saved as AnalysisState;
  // Version 1 had the books only, version 2 those of days and months; what either lacks begins
  // where it was saved.
  if (v === 1 || v === 2) return completed(saved as AnalysisState, calendar);
  return { fault: `the saved state has version ${String(v)}, known is ${ANALYSIS_STATE_VERSION}` };
}

function completed(saved: AnalysisState, calendar: Calendar): AnalysisState {
  const books = saved.ledger.books as SavedBooks | null;
  return {
    ...initialAnalysis,
    ...saved,
    cost: saved.cost && costOfBooks(saved.ledger, calendar),
    v: ANALYSIS_STATE_VERSION,
    ledger: { ...saved.ledger, books: books && completedBooks(books, calendar) },
    consumption: saved.consumption ? { ...saved.consumption, turn: null } : null,
    phases: null,
  };
}

/** Sums were kept, from which no bill can be reckoned; of two days there are quarter-hours. */
function costOfBooks({ books, closedDay }: LedgerState, calendar: Calendar): CostState {
  const days = [closedDay, books?.day].flatMap((day) => (day ? quartersOf(day) : []));
  const kept = days.reduce<KeptDays>(
    (before, quarter) => keepSlot(before, slotOf(quarter), { calendar }),
    [],
  );
  return { ...initialCost, days: kept };
}
