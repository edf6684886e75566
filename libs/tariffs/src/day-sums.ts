import type { LocalSpan } from './calendar.js';
import { isValidOn, type BillFault, type Slot, type Surroundings } from './component.js';
import { kindOf } from './component-kinds.js';
import { ruleFinder } from './day-types.js';
import type { DemandMeasure } from './demand.js';
import { one } from './exact.js';
import type { SlotSum } from './period.js';
import type { Tariff } from './tariff.js';
import { exportOf, groupedBy, importOf, netted } from './usage.js';

/** A local day as far as any bill that it is on asks for it: its quarter-hours can be forgotten. */
export interface DaySums {
  readonly startMs: number;
  /** Without what is set off within a quarter-hour or an hour. */
  readonly importWh: number;
  readonly exportWh: number;
  readonly meteredWh: number;
  /** What the quarter-hours come to, by component. */
  readonly sums: ReadonlyMap<object, SlotSum>;
  /** The quarter-hours that may be the highest of their month. */
  readonly highest: readonly Slot[];
  /** A price is missing. */
  readonly fault?: BillFault;
}

/** Sums up the quarter-hours of a local day, which are in order of time. */
export function sumsOfDay(
  tariff: Tariff,
  day: LocalSpan,
  slots: readonly Slot[],
  around: Surroundings,
): DaySums {
  const net = netted(slots, tariff.netting ?? 'none');
  const segment = { days: [day], share: one, gross: slots, netted: net, left: nothingLess };
  const sums = new Map<object, SlotSum>();
  const totals = {
    startMs: day.startMs,
    importWh: importOf(net),
    exportWh: exportOf(net),
    meteredWh: importOf(slots),
    sums,
    highest: highestOf(tariff, day, slots, around),
  };
  for (const component of tariff.components) {
    if (!isValidOn(component, day.name)) continue;
    const sum = kindOf(component).sumOfSlots?.(component, segment, around);
    if (sum && 'fault' in sum) return { ...totals, fault: sum };
    if (sum) sums.set(component, sum);
  }
  return totals;
}

const nothingLess = { import: one, export: one };
const MINUTE_MS = 60_000;

/** The quarter-hours of the intervals that a charge for demand may look at. */
function highestOf(
  { components }: Tariff,
  day: LocalSpan,
  slots: readonly Slot[],
  around: Surroundings,
): readonly Slot[] {
  const kept = new Set<Slot>();
  for (const component of components) {
    if (component.kind !== 'capacity' || component.contractedKW !== undefined) continue;
    for (const slot of highestBy(component, day, slots, around)) kept.add(slot);
  }
  return kept.size === 0 ? none : slots.filter((slot) => kept.has(slot));
}

const none: readonly never[] = [];

function highestBy(
  { intervalMin, highest, onDistinctDays, weights }: DemandMeasure,
  day: LocalSpan,
  slots: readonly Slot[],
  around: Surroundings,
): readonly Slot[] {
  const lengthMs = intervalMin * MINUTE_MS;
  const intervals = groupedBy(slots, ({ startMs }) => Math.floor(startMs / lengthMs) * lengthMs);
  const findWeight = ruleFinder(weights ?? []);
  const ranked = [...intervals].map(([startMs, parts]) => ({
    // A part of it lies in another day: how high it is, is not known here.
    isCut: startMs < day.startMs || startMs + lengthMs > day.endMs,
    weighed: importOf(parts) * (findWeight(startMs, around)?.weight ?? 1),
    parts,
  }));
  const whole = ranked.filter(({ isCut }) => !isCut).sort((a, b) => b.weighed - a.weighed);
  const taken = whole.slice(0, onDistinctDays ? 1 : highest);
  return [...ranked.filter(({ isCut }) => isCut), ...taken].flatMap(({ parts }) => parts);
}
