import {
  billedPeriodOf,
  exactBill,
  exportValue,
  marginalPrices,
  nextBlock,
  toNumber,
  type Bill,
  type BilledPeriod,
  type Calendar,
  type ExactBill,
  type NextBlock,
  type PriceSpan,
  type Slot,
  type Surroundings,
  type Usage,
} from '@wattbus/tariffs';
import { comingSlots } from '../bill-forecast/coming-slots.js';
import {
  periodForecast,
  type DayEnergyState,
  type PeriodForecast,
} from '../bill-forecast/month-forecast.js';
import { QUARTER_MS } from '../ledger/spread.js';
import { capacityOf, expectedPeaks, type CapacityCost } from './capacity-cost.js';
import { openBill, surroundings, type BilledMeter, type Site } from './cost.js';
import { slotsBetween } from './kept-days.js';

/** An end of the period's bill that is as likely as its name says. */
export interface ExpectedBill {
  readonly importWh: number;
  readonly total: number;
}

/** The bill that is open, and what it will come to. */
export interface BillSoFar {
  readonly period: BilledPeriod;
  /** What is due if nothing more is used: `npx wattbus bill` for the whole period says the same. */
  readonly soFar: Bill;
  readonly importWh: number;
  /** Share of the period's time so far of which quarter-hours are kept. */
  readonly coverage: number;
  /** Null before the first whole day. */
  readonly forecast: {
    readonly p10: ExpectedBill;
    readonly p50: ExpectedBill;
    readonly p90: ExpectedBill;
  } | null;
  readonly nextBlock: (NextBlock & { readonly reachedAtMs: number | null }) | null;
  /** What one more kilowatt-hour costs, from now on. */
  readonly prices: readonly PriceSpan[];
  /** What one that is fed in earns now. */
  readonly exportValue: number | null;
  readonly capacity: CapacityCost | null;
}

/** Prices are told for so long: until the end of tomorrow, seen from noon. */
const PRICES_MS = 36 * 3_600_000;
const DAY_MS = 86_400_000;

/** What is known of the meter's habits. */
export interface BillOutlook extends Omit<BilledMeter, 'ledger'> {
  readonly dayEnergy: DayEnergyState | null;
}

/**
 * The bill at the instant at which the last quarter-hour closed: only those that are over count.
 * Null where no bill is open or its prices are not known at all.
 */
export function billSoFar(meter: BillOutlook, atMs: number, site: Site): BillSoFar | null {
  const { cost } = meter;
  const { calendar, plan } = site;
  const period = billedPeriodOf(atMs, plan, calendar);
  if (!period) return null;
  const soFar = openBill(meter, period, period.endMs, calendar)([]);
  if ('fault' in soFar) return null;
  const slots = slotsBetween(cost.days, period.startMs, period.endMs);
  const importWh = slots.reduce((sum, slot) => sum + slot.energyImportWh, 0);
  const sinceMs = Math.max(period.startMs, cost.days[0]?.startMs ?? atMs);
  const progress = { period, slots, importWh, sinceMs, atMs };
  const expected = forecastOf(meter, progress);
  const around = surroundings(cost, period, calendar);
  const ends = endsOf(meter, progress, expected, calendar);
  const { tariff } = period.planned;
  const until = { ...usageOf(period, slots), demand: { slots: [], monthPeaksW: new Map() } };
  const likely = { ...until, slots: [...slots, ...(ends?.coming ?? [])] };
  const exact = exactBill(tariff, likely, around);
  const block = nextBlock(tariff, until, around);
  return {
    period,
    soFar,
    importWh,
    coverage: coverageOf(progress),
    forecast: ends?.forecast ?? null,
    nextBlock: block && { ...block, reachedAtMs: reachedAt(block, importWh, ends?.coming ?? []) },
    prices: pricesFrom(exact, progress, around),
    exportValue: exportValue(exact, atMs),
    capacity: capacityOf(tariff, meter.peaks, atMs, calendar),
  };
}

interface Progress {
  readonly period: BilledPeriod;
  readonly slots: readonly Slot[];
  readonly importWh: number;
  /** From when on quarter-hours of the period are kept. */
  readonly sinceMs: number;
  readonly atMs: number;
}

const usageOf = ({ startMs, endMs }: BilledPeriod, slots: readonly Slot[]): Usage => ({
  startMs,
  endMs,
  slots,
});

const coverageOf = ({ period, sinceMs, atMs }: Progress): number =>
  atMs <= period.startMs ? 1 : Math.max(0, (atMs - sinceMs) / (atMs - period.startMs));

function forecastOf(
  { dayEnergy }: BillOutlook,
  { period, importWh, sinceMs, atMs }: Progress,
): PeriodForecast | null {
  if (!dayEnergy) return null;
  return periodForecast(dayEnergy, {
    soFarWh: importWh,
    elapsedDays: (atMs - sinceMs) / DAY_MS,
    remainingDays: Math.max(0, period.endMs - atMs) / DAY_MS,
  });
}

interface Ends {
  readonly forecast: NonNullable<BillSoFar['forecast']>;
  /** The quarter-hours to come where all goes as expected. */
  readonly coming: readonly Slot[];
}

/** The tariff is run on each end of the energy, for blocks are steps. */
function endsOf(
  meter: BillOutlook,
  progress: Progress,
  expected: PeriodForecast | null,
  calendar: Calendar,
): Ends | null {
  if (!expected) return null;
  const { period, importWh, atMs } = progress;
  const month = calendar.monthOf(atMs).name;
  const likely = comingSlots(meter.cost.days, { fromMs: atMs, endMs: period.endMs }, calendar);
  const coming = (endWh: number): Slot[] => likely(Math.max(0, endWh - importWh));
  const end = (endWh: number, rank: 'low' | 'middle' | 'high'): ExpectedBill | null => {
    const peaks = expectedPeaks(period.planned.tariff, meter.peaks, month, rank);
    const bill = openBill({ ...meter, peaks }, period, period.endMs, calendar);
    const total = bill(coming(endWh));
    return 'fault' in total ? null : { importWh: Math.round(endWh), total: toNumber(total.total) };
  };
  const p50 = end(expected.p50Wh, 'middle');
  const p10 = end(expected.p10Wh, 'low');
  const p90 = end(expected.p90Wh, 'high');
  if (!p10 || !p50 || !p90) return null;
  return { forecast: { p10, p50, p90 }, coming: coming(expected.p50Wh) };
}

/** When the block is reached if all goes as expected; null where it is not within the period. */
function reachedAt(
  { fromWh }: NextBlock,
  importWh: number,
  coming: readonly Slot[],
): number | null {
  let sumWh = importWh;
  for (const { startMs, energyImportWh } of coming) {
    sumWh += energyImportWh;
    if (sumWh > fromWh) return startMs;
  }
  return null;
}

function pricesFrom(
  likely: ExactBill,
  progress: Progress,
  around: Surroundings,
): readonly PriceSpan[] {
  const fromMs = Math.floor(progress.atMs / QUARTER_MS) * QUARTER_MS;
  const toMs = Math.min(fromMs + PRICES_MS, progress.period.endMs);
  return marginalPrices(progress.period.planned.tariff, likely, { fromMs, toMs, around });
}
