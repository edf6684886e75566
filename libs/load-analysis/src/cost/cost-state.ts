import type { Calendar, TariffPlan } from '@wattbus/tariffs';
import type { MonthPeak } from '../demand/month-peaks.js';
import type { LedgerState } from '../ledger/ledger.js';
import type { KeptDays } from './kept-days.js';
import type { PriceBook } from './price-book.js';

/** What the site brings to the analysis of each of its meters. */
export interface Site {
  readonly calendar: Calendar;
  readonly plan: TariffPlan;
}

/**
 * What the cost of a meter is reckoned from: its quarter-hours and the prices of the market, and
 * nothing that a price has gone into. So late prices price everything anew, and the same readings
 * and prices give the same bytes, whichever came first. Plain JSON.
 */
export interface CostState {
  readonly days: KeptDays;
  readonly importPrices: PriceBook;
  readonly exportPrices: PriceBook;
}

export const initialCost: CostState = { days: [], importPrices: [], exportPrices: [] };

/** A meter's books, as far as bills need them. */
export interface BilledMeter {
  readonly cost: CostState;
  readonly ledger: LedgerState;
  readonly peaks: readonly MonthPeak[];
}
