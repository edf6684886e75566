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
import { slotsBetween, type KeptDay, type KeptDays } from './kept-days.js';
import { isOfMarket, sumsBetween } from './kept-sums.js';
import { pricesOf } from './price-book.js';

interface Kept {
  /** All that the bill was made of. */
  readonly of: readonly unknown[];
  readonly bill: GrowingBill;
}

/**
 * Bills of what is as it was, kept with the newest day in them: a quarter-hour that closes changes
 * that of today only, and between two of them only the open one grows.
 */
const openBills = new WeakMap<KeptDay | KeptDays, Map<string, Kept>>();

/** The bill of a period with the quarter-hours that closed before an instant. */
export function openBill(
  meter: Pick<BilledMeter, 'cost' | 'peaks'>,
  period: BilledPeriod,
  untilMs: number,
  calendar: Calendar,
): GrowingBill {
  const { cost, peaks } = meter;
  const { days, importPrices, exportPrices } = cost;
  const included = days.filter(({ startMs }) => startMs < untilMs);
  const newest = included.at(-1) ?? days;
  const of = [calendar, period.planned, peaks, importPrices, exportPrices, ...included];
  const bills = openBills.get(newest) ?? new Map<string, Kept>();
  const key = `${period.startMs} ${period.endMs} ${untilMs}`;
  const kept = bills.get(key);
  if (kept?.of.length === of.length && kept.of.every((one, i) => one === of[i])) return kept.bill;
  const bill = billUntil(meter, period, untilMs, calendar);
  openBills.set(newest, bills.set(key, { of, bill }));
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
