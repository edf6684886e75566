import {
  addCosts,
  costOfDay,
  costOfSlot,
  noCost,
  type Calendar,
  type Cost,
  type LocalSpan,
  type Tariff,
} from '@wattbus/tariffs';
import type { LedgerResult, LedgerState } from '../ledger/ledger.js';
import { amountOf } from '../ledger/periods.js';
import type { Quarter } from '../ledger/quarters.js';

/** What the site brings to the analysis of each of its meters. */
export interface Site {
  readonly calendar: Calendar;
  readonly tariff: Tariff;
}

/** What the closed quarter-hours of the ledger cost. Whole micro-currency with VAT; plain JSON. */
export interface CostState {
  /** The local day and month that are open, by name. */
  readonly day: string;
  readonly month: string;
  readonly dayClosed: Cost;
  readonly monthClosed: Cost;
  /** Fixed charges of the open day, and of the days of the month before it. */
  readonly dayFixed: Cost;
  readonly monthFixedBefore: Cost;
  /** The whole cost of the last day that closed. */
  readonly closedDay: Cost | null;
}

export interface CostSoFar {
  readonly today: Cost;
  readonly month: Cost;
}

/** Takes what the ledger closed. Prices are those of now: what is rated is never rated again. */
export function nextCost(
  state: CostState | null,
  results: readonly LedgerResult[],
  books: LedgerState['books'],
  site: Site,
): CostState | null {
  if (!books) return state;
  let cost = state ?? openCost(books.day, site);
  for (const result of results) {
    if (result.kind === 'quarter') {
      const { quarter } = result;
      cost = addSlot(
        turnTo(cost, site.calendar.dayOf(quarter.startMs), site),
        costOfQuarter(quarter, site),
      );
    } else if (result.kind === 'day') {
      cost = { ...cost, closedDay: addCosts(cost.dayClosed, cost.dayFixed) };
    }
  }
  return turnTo(cost, books.day, site);
}

/** Cost of today and of the month, with the quarter-hours that are still open. */
export function costSoFar(state: CostState, ledger: LedgerState, site: Site): CostSoFar {
  const energy = ledger.open
    .map((quarter) => costOfQuarter(quarter, site))
    .reduce(addCosts, noCost);
  const today = addCosts(energy, state.dayFixed);
  return {
    today: addCosts(state.dayClosed, today),
    month: [state.monthClosed, state.monthFixedBefore].reduce(addCosts, today),
  };
}

function openCost(day: LocalSpan, { tariff, calendar }: Site): CostState {
  const month = calendar.monthOf(day.startMs);
  let monthFixedBefore = noCost;
  for (let ms = month.startMs; ms < day.startMs; ms = calendar.dayOf(ms).endMs) {
    monthFixedBefore = addCosts(monthFixedBefore, costOfDay(tariff, calendar.dayOf(ms), calendar));
  }
  return {
    day: day.name,
    month: month.name,
    dayClosed: noCost,
    monthClosed: noCost,
    dayFixed: costOfDay(tariff, day, calendar),
    monthFixedBefore,
    closedDay: null,
  };
}

/** The day that is open, opened now if another one was. */
function turnTo(state: CostState, day: LocalSpan, site: Site): CostState {
  if (state.day === day.name) return state;
  const next = openCost(day, site);
  const monthClosed = next.month === state.month ? state.monthClosed : noCost;
  return { ...next, monthClosed, closedDay: state.closedDay };
}

const addSlot = (state: CostState, slot: Cost): CostState => ({
  ...state,
  dayClosed: addCosts(state.dayClosed, slot),
  monthClosed: addCosts(state.monthClosed, slot),
});

const costOfQuarter = ({ startMs, amounts }: Quarter, { tariff, calendar }: Site): Cost =>
  costOfSlot(
    tariff,
    {
      startMs,
      energyImportWh: amountOf(amounts, 'importWh'),
      energyExportWh: amountOf(amounts, 'exportWh'),
    },
    calendar,
  );
