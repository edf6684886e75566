import type { Measured, Medium, Reading, Role } from '@wattbus/energy-model';
import { createCalendar, planOf, Tariff } from '@wattbus/tariffs';
import { initialAnalysis, nextAnalysis, type AnalysisState } from '../src/analysis.js';
import type { Site } from '../src/cost/cost-state.js';
import type { LedgerResult } from '../src/ledger/ledger.js';

/** A site in Brussels with a flat tariff. */
export const site: Site = {
  calendar: createCalendar('Europe/Brussels'),
  plan: planOf(
    Tariff.parse({
      name: 'flat',
      currency: 'EUR',
      components: [
        { id: 'energy', kind: 'flat', direction: 'import', pricePerKWh: 0.3 },
        { id: 'feed-in', kind: 'flat', direction: 'export', pricePerKWh: 0.05 },
        { id: 'base', kind: 'fixed', per: 'day', amount: 0.4 },
      ],
    }),
  ),
};

/** A reading of a meter at an instant. */
export function readingAt(
  atMs: number,
  measured: Measured,
  kind: {
    medium?: Medium;
    role?: Role;
    receivedAtMs?: number;
    demandImportPeakMonthAt?: string;
  } = {},
): Reading {
  const { medium = 'electricity', role = 'grid', receivedAtMs = atMs, ...rest } = kind;
  return {
    v: 1,
    meter: 'main',
    medium,
    role,
    epoch: 'e1',
    seq: 1,
    at: new Date(atMs).toISOString(),
    receivedAt: new Date(receivedAtMs).toISOString(),
    atSource: receivedAtMs === atMs ? 'meter' : 'adjusted',
    quality: 'checked',
    ...rest,
    ...measured,
  };
}

export interface Outcome {
  state: AnalysisState;
  results: LedgerResult[];
}

/** Runs readings through the analysis. */
export function analyse(
  readings: Iterable<Reading>,
  state: AnalysisState = initialAnalysis,
  of: Site = site,
): Outcome {
  const outcome: Outcome = { state, results: [] };
  for (const reading of readings) {
    const step = nextAnalysis(outcome.state, reading, of);
    outcome.state = step.state;
    outcome.results.push(...step.results);
  }
  return outcome;
}
