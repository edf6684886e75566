import {
  billedPeriodOf,
  dividedBy,
  isEstimated,
  noCost,
  MICRO_PER_UNIT,
  type BilledPeriod,
  type Cost,
  type Exact,
  type LocalSpan,
  type PriceSlot,
  type Slot,
} from '@wattbus/tariffs';
import type { LedgerResult, LedgerState } from '../ledger/ledger.js';
import { amountOf, type DayBook } from '../ledger/periods.js';
import type { Quarter } from '../ledger/quarters.js';
import { initialCost, type BilledMeter, type CostState, type Site } from './cost-state.js';
import { KEPT_DAYS_MIN, keepSlot, slotsBetween, type KeptDays } from './kept-days.js';
import { openBill, surroundings } from './open-bill.js';
import { takePrices, type Priced } from './price-book.js';

/** Takes what the ledger closed. */
export function nextCost(
  state: CostState | null,
  results: readonly LedgerResult[],
  site: Site,
): CostState {
  let cost = state ?? initialCost;
  for (const result of results) {
    if (result.kind !== 'quarter') continue;
    cost = { ...cost, days: keepSlot(cost.days, slotOf(result.quarter), site) };
  }
  return cost;
}

export interface PricedCost {
  readonly state: CostState;
  /** Time for which prices are others than before, or known now. */
  readonly changed: Priced['changed'];
}

/** Takes prices of the market, as seen from the newest reading. */
export function priceCost(
  state: CostState,
  direction: 'import' | 'export',
  slots: readonly PriceSlot[],
  atMs: number,
): PricedCost {
  const name = direction === 'import' ? 'importPrices' : 'exportPrices';
  const { book, changed } = takePrices(state[name], slots, atMs);
  return { state: changed ? { ...state, [name]: book } : state, changed };
}

export interface CostSoFar {
  readonly today: Cost;
  /** The calendar month. */
  readonly month: Cost;
  /** The bill that is open; fixed charges for its days so far. */
  readonly period: Cost;
  readonly provisional: boolean;
}

/**
 * Cost of today, the month and the bill that is open, with the quarter-hours that are open. Null
 * where there is no tariff yet, or no price of the market at all.
 */
export function costSoFar(meter: BilledMeter, site: Site): CostSoFar | null {
  const { ledger } = meter;
  if (!ledger.books) return null;
  const { day, month } = ledger.books;
  const open = ledger.open.map(slotOf);
  const today = costBetween(meter, { span: day, open }, site);
  const whole = costBetween(meter, { span: { ...month, endMs: day.endMs }, open }, site);
  const period = billedPeriodOf(day.startMs, site.plan, site.calendar);
  if (!today || !whole || !period) return null;
  const own = costBetween(meter, { span: { ...period, endMs: day.endMs }, open }, site);
  if (!own) return null;
  const provisional = today.provisional || whole.provisional || own.provisional;
  return { today: today.cost, month: whole.cost, period: own.cost, provisional };
}

export interface DayCost {
  readonly cost: Cost;
  readonly provisional: boolean;
}

/** The cost of a closed day, as it is known now; null where it is not kept any more. */
export function costOfClosedDay(meter: BilledMeter, day: LocalSpan, site: Site): DayCost | null {
  const { cost } = meter;
  if (!((cost.days[0]?.startMs ?? Infinity) <= day.startMs)) return null;
  const own = costBetween(meter, { span: day, open: [] }, site);
  const { plan, calendar } = site;
  const period = billedPeriodOf(day.startMs, plan, calendar);
  if (!own?.provisional || !period) return own;
  // The bill before it may be provisional and the day itself certain.
  const slots = slotsBetween(cost.days, day.startMs, day.endMs);
  const around = surroundings(cost, period, calendar);
  return { ...own, provisional: isEstimated(period.planned.tariff, slots, around) };
}

/** A price that is late is a likely one until then, and stands in for seven days after it. */
const STAND_IN_MS = 7 * 86_400_000;

/** The closed days that prices of a time have a part in, as they are kept; oldest first. */
export function keptDays(
  { days }: CostState,
  ledger: LedgerState,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  { calendar }: Site,
): DayBook[] {
  const openMs = ledger.books?.day.startMs ?? -Infinity;
  const rerated = days.slice(-KEPT_DAYS_MIN).filter(({ startMs }) => startMs < openMs);
  return rerated
    .map(({ startMs }) => calendar.dayOf(startMs))
    .filter((day) => day.endMs > fromMs && day.startMs < toMs + STAND_IN_MS)
    .map((day) =>
      ledger.closedDay?.startMs === day.startMs ? ledger.closedDay : bookOf(days, day),
    );
}

/** Of an older day the energy is known by the quarter-hour, and no more how well. */
function bookOf(days: KeptDays, day: LocalSpan): DayBook {
  const slots = slotsBetween(days, day.startMs, day.endMs);
  const sum = (name: 'energyImportWh' | 'energyExportWh'): number =>
    slots.reduce((wh, slot) => wh + slot[name], 0);
  const amounts = { importWh: sum('energyImportWh'), exportWh: sum('energyExportWh') };
  return { ...day, amounts, estimated: {}, quarters: [], coveredMs: 0 };
}

interface Asked {
  /** Whole local days. */
  readonly span: Pick<LocalSpan, 'startMs' | 'endMs'>;
  readonly open: readonly Slot[];
}

/** What some days add to the bills that they are on: the bill after them less that before. */
function costBetween(
  meter: BilledMeter,
  { span: { startMs, endMs }, open }: Asked,
  site: Site,
): DayCost | null {
  let [cost, provisional] = [noCost, false];
  for (let ms = startMs; ms < endMs;) {
    const period = billedPeriodOf(ms, site.plan, site.calendar);
    if (!period) return null;
    const untilMs = Math.min(endMs, period.endMs);
    const isIn = (slot: Slot): boolean => slot.startMs >= period.startMs && slot.startMs < untilMs;
    const own = open.every(isIn) ? open : open.filter(isIn);
    const after = accrued(meter, { period, untilMs, open: own }, site);
    const before =
      ms === period.startMs
        ? { cost: noCost, provisional: false }
        : accrued(meter, { period, untilMs: ms, open: [] }, site);
    if (!after || !before) return null;
    cost = plusCosts(cost, after.cost, before.cost);
    provisional ||= after.provisional;
    ms = untilMs;
  }
  return { cost, provisional };
}

const plusCosts = (sum: Cost, after: Cost, before: Cost): Cost => ({
  importMicro: sum.importMicro + after.importMicro - before.importMicro,
  exportMicro: sum.exportMicro + after.exportMicro - before.exportMicro,
  fixedMicro: sum.fixedMicro + after.fixedMicro - before.fixedMicro,
});

interface Accrual {
  readonly period: BilledPeriod;
  /** The end of a local day. */
  readonly untilMs: number;
  readonly open: readonly Slot[];
}

/** What is due until the end of a day: the energy, and the days' share of all that is fixed. */
function accrued(
  meter: BilledMeter,
  { period, untilMs, open }: Accrual,
  { calendar }: Site,
): DayCost | null {
  const bill = openBill(meter, period, untilMs, calendar)(open);
  if ('fault' in bill) return null;
  const { groups, provisional } = bill;
  const days = calendar.daysIn(period);
  const elapsed = calendar.daysIn({ ...period, endMs: untilMs });
  const cost = {
    importMicro: microOf(groups.import),
    exportMicro: microOf(groups.export),
    fixedMicro: microOf({
      numerator: groups.fixed.numerator * BigInt(elapsed),
      denominator: groups.fixed.denominator * BigInt(days),
    }),
  };
  return { cost, provisional };
}

const microOf = ({ numerator, denominator }: Exact): number =>
  Number(dividedBy(numerator * BigInt(MICRO_PER_UNIT), denominator));

/** What a quarter-hour of the ledger is to a tariff. */
export const slotOf = ({ startMs, amounts }: Quarter): Slot => ({
  startMs,
  energyImportWh: amountOf(amounts, 'importWh'),
  energyExportWh: amountOf(amounts, 'exportWh'),
});
