import {
  demandOfDays,
  exactBill,
  groupedBy,
  toNumber,
  type BilledPeriod,
  type ExactBill,
  type Slot,
} from '@wattbus/tariffs';
import { comingSlots } from '../bill-forecast/coming-slots.js';
import { periodForecast, type DayEnergyState } from '../bill-forecast/month-forecast.js';
import { HOUR_MS } from '../forecast/local-hours.js';
import { QUARTER_MS } from '../ledger/spread.js';
import { expectedPeaks } from './capacity-cost.js';
import type { BilledMeter, Site } from './cost-state.js';
import { untilInstant } from './kept-days.js';
import { sumsBetween, sumsOfSlots } from './kept-sums.js';
import { billUntil, openBill, surroundings } from './open-bill.js';

/** An end of the period's bill that is as likely as its name says. */
export interface ExpectedBill {
  readonly importWh: number;
  readonly total: number;
}

export interface BillForecast {
  readonly p10: ExpectedBill;
  readonly p50: ExpectedBill;
  readonly p90: ExpectedBill;
}

/** What is known of the meter's habits. */
export interface OutlookMeter extends Omit<BilledMeter, 'ledger'> {
  readonly dayEnergy: DayEnergyState | null;
}

/** Import of the quarter-hours to come where all goes as expected. */
export interface Coming {
  readonly fromMs: number;
  readonly importsWh: Int32Array;
}

/** What the bill is expected to come to. */
export interface Outlook {
  /** Null before the first whole day. */
  readonly forecast: BillForecast | null;
  readonly coming: Coming;
  /** With what is still expected. */
  readonly exact: ExactBill;
}

/** How far a bill has come. */
export interface Progress {
  readonly period: BilledPeriod;
  /** From when on quarter-hours of the period are kept. */
  readonly sinceMs: number;
  readonly atMs: number;
}

const DAY_MS = 86_400_000;

/** Made of some thousand quarter-hours, so the same one serves while nothing of it has changed. */
const outlooks = new WeakMap<DayEnergyState, { of: readonly unknown[]; outlook: Outlook }>();

/**
 * The outlook of a bill from the clock's last hour on: another one each hour, as the forecast of the
 * load is. On the last day it follows each quarter-hour, for little is still to come then.
 */
export function billOutlook(meter: OutlookMeter, progress: Progress, site: Site): Outlook {
  const { cost, peaks, dayEnergy } = meter;
  const { period, atMs } = progress;
  const step = period.endMs - atMs > DAY_MS ? HOUR_MS : QUARTER_MS;
  const fromMs = Math.max(progress.sinceMs, Math.floor(atMs / step) * step);
  const days = untilInstant(cost.days, fromMs);
  const asOfHour = { ...meter, cost: { ...cost, days } };
  const make = (): Outlook => outlookOf(asOfHour, { ...progress, atMs: fromMs }, site);
  if (!dayEnergy) return make();
  const { importPrices, exportPrices } = cost;
  const last = days.at(-1);
  const of = [
    ...days.slice(0, -1),
    ...[last?.startMs, last?.imports, last?.exports],
    ...[fromMs, period.startMs, period.planned, site.calendar],
    ...[peaks, importPrices, exportPrices],
  ];
  const known = outlooks.get(dayEnergy);
  if (known?.of.length === of.length && known.of.every((one, i) => one === of[i])) {
    return known.outlook;
  }
  const outlook = make();
  outlooks.set(dayEnergy, { of, outlook });
  return outlook;
}

function outlookOf(meter: OutlookMeter, progress: Progress, site: Site): Outlook {
  const { period, atMs } = progress;
  const { startMs, endMs, planned } = period;
  const around = surroundings(meter.cost, period, site.calendar);
  const days = sumsBetween(meter.cost.days, { fromMs: startMs, toMs: endMs }, planned, around);
  const importWh = days.reduce((sum, { meteredWh }) => sum + meteredWh, 0);
  const ends = endsOf(meter, { ...progress, importWh }, site);
  const coming = ends?.coming ?? [];
  const { dayOf } = site.calendar;
  const more = [...groupedBy(coming, ({ startMs: slotMs }) => dayOf(slotMs).startMs)].map(
    ([dayMs, slots]) => sumsOfSlots(dayMs, slots, planned, around),
  );
  const usage = { startMs, endMs, days: [...days, ...more], demand: demandOfDays([]) };
  return {
    forecast: ends?.forecast ?? null,
    coming: {
      fromMs: coming[0]?.startMs ?? atMs,
      importsWh: Int32Array.from(coming, ({ energyImportWh }) => energyImportWh),
    },
    exact: exactBill(planned.tariff, usage, around),
  };
}

interface Ends {
  readonly forecast: BillForecast;
  readonly coming: readonly Slot[];
}

/** The tariff is run on each end of the energy, for blocks are steps. */
function endsOf(
  meter: OutlookMeter,
  { period, importWh, sinceMs, atMs }: Progress & { readonly importWh: number },
  { calendar }: Site,
): Ends | null {
  const expected =
    meter.dayEnergy &&
    periodForecast(meter.dayEnergy, {
      soFarWh: importWh,
      elapsedDays: (atMs - sinceMs) / DAY_MS,
      remainingDays: Math.max(0, period.endMs - atMs) / DAY_MS,
    });
  if (!expected) return null;
  const month = calendar.monthOf(atMs).name;
  const likely = comingSlots(meter.cost.days, { fromMs: atMs, endMs: period.endMs }, calendar);
  const coming = (endWh: number): Slot[] => likely(Math.max(0, endWh - importWh));
  const middle = coming(expected.p50Wh);
  const end = (
    endWh: number,
    slots: readonly Slot[],
    rank: 'low' | 'middle' | 'high',
  ): ExpectedBill | null => {
    const peaks = expectedPeaks(period.planned.tariff, meter.peaks, month, rank);
    const billOf = peaks === meter.peaks ? openBill : billUntil;
    const total = billOf({ ...meter, peaks }, period, period.endMs, calendar)(slots);
    return 'fault' in total ? null : { importWh: Math.round(endWh), total: toNumber(total.total) };
  };
  const p10 = end(expected.p10Wh, coming(expected.p10Wh), 'low');
  const p50 = end(expected.p50Wh, middle, 'middle');
  const p90 = end(expected.p90Wh, coming(expected.p90Wh), 'high');
  return p10 && p50 && p90 ? { forecast: { p10, p50, p90 }, coming: middle } : null;
}
