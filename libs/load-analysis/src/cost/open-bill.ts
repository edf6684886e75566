import {
  billOfDays,
  demandOfDays,
  growingBill,
  needsSlots,
  noPrices,
  type BilledPeriod,
  type Calendar,
  type GrowingBill,
  type Surroundings,
  type Tariff,
} from '@wattbus/tariffs';
import type { MonthPeak } from '../demand/month-peaks.js';
import type { BilledMeter, CostState } from './cost-state.js';
import { slotsBetween, type KeptDays } from './kept-days.js';
import { isOfMarket, sumsBetween } from './kept-sums.js';
import { pricesOf } from './price-book.js';

interface Kept {
  readonly period: BilledPeriod;
  readonly cost: CostState;
  readonly peaks: readonly MonthPeak[];
  readonly bill: GrowingBill;
}

/** Bills of states that are as they were: between two quarter-hours only the open one grows. */
const openBills = new WeakMap<KeptDays, Map<string, Kept>>();

/** The bill of a period with the quarter-hours that closed before an instant. */
export function openBill(
  meter: Pick<BilledMeter, 'cost' | 'peaks'>,
  period: BilledPeriod,
  untilMs: number,
  calendar: Calendar,
): GrowingBill {
  const { cost, peaks } = meter;
  const bills = openBills.get(cost.days) ?? new Map<string, Kept>();
  const key = `${period.startMs} ${untilMs}`;
  const kept = bills.get(key);
  const isSame =
    kept &&
    kept.period.planned === period.planned &&
    kept.peaks === peaks &&
    kept.cost.importPrices === cost.importPrices &&
    kept.cost.exportPrices === cost.exportPrices;
  if (isSame) return kept.bill;
  const bill = billUntil(meter, period, untilMs, calendar);
  openBills.set(cost.days, bills.set(key, { period, cost, peaks, bill }));
  return bill;
}

/** The same, made anew. */
export function billUntil(
  { cost, peaks }: Pick<BilledMeter, 'cost' | 'peaks'>,
  period: BilledPeriod,
  untilMs: number,
  calendar: Calendar,
): GrowingBill {
  const { startMs, endMs, planned } = period;
  const { tariff } = planned;
  const month = calendar.monthOf(startMs);
  const around = surroundings(cost, period, calendar);
  const monthPeaksW = peaksUntil(peaks, untilMs, month.name);
  const toMs = Math.min(untilMs, endMs);
  if (needsSlots(tariff)) {
    const slots = slotsBetween(cost.days, startMs, toMs);
    const demand = { slots: slotsBetween(cost.days, month.startMs, startMs), monthPeaksW };
    return growingBill(tariff, { startMs, endMs, slots, demand }, around);
  }
  const span = { fromMs: startMs, toMs };
  const days = sumsBetween(cost.days, span, planned, around);
  const beforeMs = isByDemand(tariff) ? month.startMs : startMs;
  const before = sumsBetween(cost.days, { fromMs: beforeMs, toMs: startMs }, planned, around);
  const demand = demandOfDays([...before, ...days], monthPeaksW);
  return billOfDays(tariff, { startMs, endMs, days, demand }, around);
}

const isByDemand = ({ components }: Tariff): boolean =>
  components.some((one) => one.kind === 'capacity' && one.contractedKW === undefined);

export const surroundings = (
  { importPrices, exportPrices }: CostState,
  { planned: { tariff, dayTypes } }: BilledPeriod,
  calendar: Calendar,
): Surroundings => {
  if (!isOfMarket(tariff)) return { calendar, dayTypes, prices: noPrices };
  return {
    calendar,
    dayTypes,
    prices: importPrices.length === 0 ? noPrices : pricesOf(importPrices),
    ...(exportPrices.length === 0 ? {} : { exportPrices: pricesOf(exportPrices) }),
  };
};

/** Peaks that the quarter-hours at hand do not show: the meter's own, and those of months before. */
function peaksUntil(
  peaks: readonly MonthPeak[],
  untilMs: number,
  firstMonth: string,
): Map<string, number> {
  const known = peaks.filter(({ month, source, atMs }) =>
    month < firstMonth ? true : source === 'meter' && (atMs === null || atMs < untilMs),
  );
  return new Map(known.map(({ month, peakW }) => [month, Math.round(peakW)]));
}
