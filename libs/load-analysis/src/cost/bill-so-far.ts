import {
  billedPeriodOf,
  demandOfDays,
  exportValue,
  marginalPrices,
  nextBlock,
  type Bill,
  type BilledPeriod,
  type ExactBill,
  type NextBlock,
  type PriceSpan,
} from '@wattbus/tariffs';
import { QUARTER_MS } from '../ledger/spread.js';
import { billOutlook, type BillForecast, type Coming, type OutlookMeter } from './bill-outlook.js';
import { capacityOf, type CapacityCost } from './capacity-cost.js';
import type { Site } from './cost-state.js';
import { sumsBetween } from './kept-sums.js';
import { openBill, surroundings } from './open-bill.js';

/** The bill that is open, and what it will come to. */
export interface BillSoFar {
  readonly period: BilledPeriod;
  /** What is due if nothing more is used: `npx wattbus bill` for the whole period says the same. */
  readonly soFar: Bill;
  readonly importWh: number;
  /** Share of the period's time so far of which quarter-hours are kept. */
  readonly coverage: number;
  /** Null before the first whole day. */
  readonly forecast: BillForecast | null;
  readonly nextBlock: (NextBlock & { readonly reachedAtMs: number | null }) | null;
  /** What one more kilowatt-hour costs, from now on. */
  readonly prices: readonly PriceSpan[];
  /** What one that is fed in earns now. */
  readonly exportValue: number | null;
  readonly capacity: CapacityCost | null;
}

/** Prices are told for so long: until the end of tomorrow, seen from noon. */
const PRICES_MS = 36 * 3_600_000;

/**
 * The bill at the instant at which the last quarter-hour closed: only those that are over count.
 * Null where no bill is open or its prices are not known at all.
 */
export function billSoFar(meter: OutlookMeter, atMs: number, site: Site): BillSoFar | null {
  const { cost } = meter;
  const { calendar, plan } = site;
  const period = billedPeriodOf(atMs, plan, calendar);
  if (!period) return null;
  const soFar = openBill(meter, period, period.endMs, calendar)([]);
  if ('fault' in soFar) return null;
  const { startMs, endMs, planned } = period;
  const around = surroundings(cost, period, calendar);
  const span = { fromMs: startMs, toMs: endMs };
  const days = sumsBetween(cost.days, span, planned, around);
  const importWh = days.reduce((sum, { meteredWh }) => sum + meteredWh, 0);
  const sinceMs = Math.max(startMs, cost.days[0]?.startMs ?? atMs);
  const { forecast, coming, exact } = billOutlook(meter, { period, sinceMs, atMs }, site);
  const usage = { startMs, endMs, days, demand: demandOfDays([]) };
  const block = nextBlock(planned.tariff, usage, around);
  return {
    period,
    soFar,
    importWh,
    coverage: atMs <= startMs ? 1 : Math.max(0, (atMs - sinceMs) / (atMs - startMs)),
    forecast,
    nextBlock: block && { ...block, reachedAtMs: reachedAt(block, { importWh, atMs }, coming) },
    prices: pricesFrom(exact, atMs, endMs),
    exportValue: exportValue(exact, atMs),
    capacity: capacityOf(planned.tariff, meter.peaks, atMs, calendar),
  };
}

/** When the block is reached if all goes as expected; null where it is not within the period. */
function reachedAt(
  { fromWh }: NextBlock,
  { importWh, atMs }: { readonly importWh: number; readonly atMs: number },
  { fromMs, importsWh }: Coming,
): number | null {
  let sumWh = importWh;
  const over = Math.max(0, (atMs - fromMs) / QUARTER_MS);
  for (let i = Math.ceil(over); i < importsWh.length; i += 1) {
    sumWh += importsWh[i]!;
    if (sumWh > fromWh) return fromMs + i * QUARTER_MS;
  }
  return null;
}

function pricesFrom(exact: ExactBill, atMs: number, endMs: number): readonly PriceSpan[] {
  const fromMs = Math.floor(atMs / QUARTER_MS) * QUARTER_MS;
  return marginalPrices(exact, { fromMs, toMs: Math.min(fromMs + PRICES_MS, endMs) });
}
