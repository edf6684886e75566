import { isValidOn, type Calendar, type Component, type Tariff } from '@wattbus/tariffs';
import type { MonthPeak } from '../demand/month-peaks.js';

/** What the highest demand of the month costs. */
export interface CapacityCost {
  readonly id: string;
  /** The month's highest quarter-hour so far. */
  readonly peakW: number;
  readonly peakAtMs: number | null;
  /** With VAT, over all the bills that this month counts in; the floor counts where it is higher. */
  readonly cost: number;
  /** What one more kilowatt would cost, likewise; null where the charge goes by steps. */
  readonly costPerKW: number | null;
  /** Bills in which the month counts: twelve where a mean over a year is billed. */
  readonly bills: number;
}

type Capacity = Extract<Component, { kind: 'capacity' }>;

const isByDemand = (component: Component): component is Capacity =>
  component.kind === 'capacity' && component.contractedKW === undefined;

/** Null where the tariff has no such charge, or the month no peak yet. */
export function capacityOf(
  tariff: Tariff,
  peaks: readonly MonthPeak[],
  atMs: number,
  calendar: Calendar,
): CapacityCost | null {
  const peak = peaks.find(({ month }) => month === calendar.monthOf(atMs).name);
  const day = calendar.dayOf(atMs).name;
  const component = tariff.components.filter(isByDemand).find((one) => isValidOn(one, day));
  if (!component || !peak) return null;
  const { id, floorKW = 0, pricePerKW, steps, per, averageMonths } = component;
  const kW = Math.max(floorKW, peak.peakW / 1000);
  // A month owes a twelfth of a price a year, and is in the mean of as many bills as it divides by.
  const factor = (1 + (component.vat ?? tariff.vat)) / (per === 'year' ? MONTHS : 1);
  const due = pricePerKW === undefined ? stepAmount(steps, kW) : pricePerKW * kW;
  return {
    id,
    peakW: peak.peakW,
    peakAtMs: peak.atMs,
    cost: due * factor,
    costPerKW: pricePerKW === undefined ? null : pricePerKW * factor,
    bills: averageMonths,
  };
}

const MONTHS = 12;

const stepAmount = (steps: Capacity['steps'] = [], kW: number): number =>
  (steps.findLast(({ fromKW }) => fromKW <= kW) ?? steps[0])?.amount ?? 0;

/** The month so far says little of its peak yet: as the months before it have been. */
export function expectedPeaks(
  tariff: Tariff,
  peaks: readonly MonthPeak[],
  month: string,
  rank: 'low' | 'middle' | 'high',
): readonly MonthPeak[] {
  const averaged = tariff.components.some((one) => isByDemand(one) && one.averageMonths > 1);
  const before = peaks
    .filter((peak) => peak.month < month)
    .map(({ peakW }) => peakW)
    .sort((a, b) => a - b);
  const own = peaks.find((peak) => peak.month === month);
  if (!averaged || rank === 'low' || !own || before.length === 0) return peaks;
  const usual = rank === 'high' ? before.at(-1)! : before[Math.floor(before.length / 2)]!;
  if (usual <= own.peakW) return peaks;
  const expected: MonthPeak = { month, peakW: usual, atMs: null, source: 'meter' };
  return [...peaks.filter((peak) => peak !== own), expected];
}
