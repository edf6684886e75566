import type { Billing, Slot } from './component.js';
import { ruleFinder, type TimeRule } from './day-types.js';
import { exact, over, share, sumOf, times, zero, type Exact } from './exact.js';
import type { DemandHistory } from './period.js';

/** How the demand of a month is measured. */
export interface DemandMeasure {
  readonly intervalMin: number;
  readonly highest: number;
  readonly onDistinctDays: boolean;
  readonly weights?: readonly (TimeRule & { readonly weight: number })[] | undefined;
}

const MINUTE_MS = 60_000;

/** A bill that grows asks for the same again and again. */
const demandsOfHistories = new WeakMap<DemandHistory, Map<string, Exact[]>>();

/** The demand in kW of those of the months of which anything is known. */
export function monthDemands(
  months: readonly string[],
  measure: DemandMeasure,
  billing: Billing,
): Exact[] {
  const { demand } = billing.period;
  const { intervalMin, highest, onDistinctDays, weights } = measure;
  const key = JSON.stringify([months, intervalMin, highest, onDistinctDays, weights]);
  const kept = demandsOfHistories.get(demand) ?? new Map<string, Exact[]>();
  const demands = kept.get(key) ?? reckonDemands(months, measure, billing);
  demandsOfHistories.set(demand, kept.set(key, demands));
  return demands;
}

/** The history as far as it was asked for, without the quarter-hours that it was found in. */
export function settledDemand(history: DemandHistory): DemandHistory {
  const settled: DemandHistory = { ...history, slots: [] };
  demandsOfHistories.set(settled, demandsOfHistories.get(history) ?? new Map<string, Exact[]>());
  return settled;
}

function reckonDemands(
  months: readonly string[],
  measure: DemandMeasure,
  billing: Billing,
): Exact[] {
  const { slots, monthPeaksW } = billing.period.demand;
  const wanted = new Set(months.filter((month) => !monthPeaksW.has(month)));
  const byMonth = slotsByMonth(slots, wanted, billing);
  return months.flatMap((month) => {
    const peakW = monthPeaksW.get(month);
    if (peakW !== undefined) return [share(peakW, 1000)];
    const known = byMonth.get(month);
    return known ? [demandOf(known, measure, billing)] : [];
  });
}

function slotsByMonth(
  slots: readonly Slot[],
  wanted: ReadonlySet<string>,
  { calendar }: Billing,
): Map<string, Slot[]> {
  const byMonth = new Map<string, Slot[]>();
  if (wanted.size === 0) return byMonth;
  for (const slot of slots) {
    const { name } = calendar.monthOf(slot.startMs);
    if (!wanted.has(name)) continue;
    const known = byMonth.get(name);
    if (known) known.push(slot);
    else byMonth.set(name, [slot]);
  }
  return byMonth;
}

/** Mean of the highest intervals of the clock, in kW. */
function demandOf(slots: readonly Slot[], measure: DemandMeasure, billing: Billing): Exact {
  const lengthMs = measure.intervalMin * MINUTE_MS;
  const energies = new Map<number, number>();
  for (const { startMs, energyImportWh } of slots) {
    const interval = Math.floor(startMs / lengthMs) * lengthMs;
    energies.set(interval, (energies.get(interval) ?? 0) + energyImportWh);
  }
  const findWeight = ruleFinder(measure.weights ?? []);
  const demands = [...energies].map(([startMs, energyWh]) => {
    const weight = findWeight(startMs, billing)?.weight ?? 1;
    return { startMs, energyWh, weight };
  });
  demands.sort((a, b) => b.energyWh * b.weight - a.energyWh * a.weight);
  const highest = measure.onDistinctDays ? highestOfDays(demands, billing) : demands;
  const taken = highest.slice(0, measure.highest);
  if (taken.length === 0) return zero;
  const hours = share(measure.intervalMin, 60);
  const kWh = sumOf(taken.map((one) => times(share(one.energyWh, 1000), exact(one.weight))));
  return over(over(kWh, hours), share(taken.length, 1));
}

function highestOfDays<Demand extends { readonly startMs: number }>(
  sorted: readonly Demand[],
  { calendar }: Billing,
): Demand[] {
  const days = new Set<string>();
  return sorted.filter(({ startMs }) => {
    const { name } = calendar.dayOf(startMs);
    return !days.has(name) && days.add(name);
  });
}
