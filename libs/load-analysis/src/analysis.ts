import type { Reading } from '@wattbus/energy-model';
import { nextCost, type CostState, type Site } from './cost/cost.js';
import { initialDemand, nextDemand, type DemandState } from './demand/demand.js';
import { initialLedger, nextLedger, type LedgerResult, type LedgerState } from './ledger/ledger.js';

/**
 * Everything that is known of one meter after its newest reading. Plain JSON: saved and loaded at
 * any point, the analysis goes on to the same bytes.
 */
export interface AnalysisState {
  readonly v: typeof ANALYSIS_STATE_VERSION;
  readonly ledger: LedgerState;
  /** Electricity only. */
  readonly demand: DemandState | null;
  /** The grid meter only: what flows behind it is not billed. */
  readonly cost: CostState | null;
}

export const ANALYSIS_STATE_VERSION = 1;

export const initialAnalysis: AnalysisState = {
  v: ANALYSIS_STATE_VERSION,
  ledger: initialLedger,
  demand: null,
  cost: null,
};

/**
 * The analysis of a meter: takes one reading and returns what is known then, and what the reading
 * closed for good. Deterministic; time is the reading's own.
 */
export function nextAnalysis(
  state: AnalysisState,
  reading: Reading,
  site: Site,
): { state: AnalysisState; results: readonly LedgerResult[] } {
  const ledger = nextLedger(state.ledger, reading, site.calendar);
  const electric = reading.medium === 'electricity';
  return {
    state: {
      v: ANALYSIS_STATE_VERSION,
      ledger: ledger.state,
      demand: electric
        ? nextDemand(state.demand ?? initialDemand, reading, ledger, site.calendar)
        : null,
      cost:
        electric && reading.role === 'grid'
          ? nextCost(state.cost, ledger.results, ledger.state.books, site)
          : null,
    },
    results: ledger.results,
  };
}

/** A saved state, or why it cannot be used: then the analysis begins from the journal's start. */
export function loadAnalysis(saved: unknown): AnalysisState | { readonly fault: string } {
  if (typeof saved !== 'object' || saved === null || !('v' in saved)) {
    return { fault: 'the saved state has no version' };
  }
  if (saved.v !== ANALYSIS_STATE_VERSION) {
    return {
      fault: `the saved state has version ${String(saved.v)}, known is ${ANALYSIS_STATE_VERSION}`,
    };
  }
  return saved as AnalysisState;
}
