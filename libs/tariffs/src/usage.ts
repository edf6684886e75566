import type { Slot } from './component.js';
import type { DemandHistory } from './period.js';

/** What was used in a billing period `[startMs, endMs)`, both at the start of a local day. */
export interface Usage {
  readonly startMs: number;
  readonly endMs: number;
  /** Quarter-hours of the period in any order; what is missing used nothing. */
  readonly slots: readonly Slot[];
  /** Demand before the period, and peaks that are known otherwise. */
  readonly demand?: Partial<DemandHistory>;
  /** Import before the period of which the last reading left a part of a step. */
  readonly importWhBefore?: number;
}

export const SLOT_MS = 900_000;

/** Energy spread evenly over the quarter-hours of a period, to the last Wh. */
export function spreadEvenly(
  { startMs, endMs }: Pick<Usage, 'startMs' | 'endMs'>,
  energyImportWh: number,
  energyExportWh = 0,
): Slot[] {
  const count = Math.round((endMs - startMs) / SLOT_MS);
  const until = (energyWh: number, slots: number): number =>
    Number((BigInt(energyWh) * BigInt(slots)) / BigInt(count));
  const of = (energyWh: number, i: number): number => until(energyWh, i + 1) - until(energyWh, i);
  return Array.from({ length: count }, (_, i) => ({
    startMs: startMs + i * SLOT_MS,
    energyImportWh: of(energyImportWh, i),
    energyExportWh: of(energyExportWh, i),
  }));
}

/**
 * Over which time export is set off against import before anything is priced: never, within a
 * quarter-hour, an hour or a calendar month, or over the whole bill.
 */
export const nettings = ['none', 'interval', 'hour', 'month', 'year'] as const;
export type Netting = (typeof nettings)[number];

/** Export is set off quarter-hour by quarter-hour, hour by hour, or as a part of longer times. */
export const isNettedBySlots = (netting: Netting): netting is 'interval' | 'hour' =>
  netting === 'interval' || netting === 'hour';

const HOUR_MS = 3_600_000;

/** The slots with what is set off within a quarter-hour or an hour taken away, in their order. */
export function netted(slots: readonly Slot[], netting: Netting): readonly Slot[] {
  if (!isNettedBySlots(netting)) return slots;
  const lengthMs = netting === 'hour' ? HOUR_MS : SLOT_MS;
  const groups = groupedBy(slots, ({ startMs }) => Math.floor(startMs / lengthMs));
  return [...groups.values()].flatMap(nettedGroup);
}

/** In the order in which each group came first. */
export function groupedBy<Item, Key>(
  items: readonly Item[],
  keyOf: (item: Item) => Key,
): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

export const importOf = (slots: readonly Slot[]): number =>
  slots.reduce((sum, slot) => sum + slot.energyImportWh, 0);
export const exportOf = (slots: readonly Slot[]): number =>
  slots.reduce((sum, slot) => sum + slot.energyExportWh, 0);

/** What is set off is taken from each slot in proportion, so that all of them keep their weight. */
function nettedGroup(slots: readonly Slot[]): Slot[] {
  const importWh = slots.reduce((sum, slot) => sum + slot.energyImportWh, 0);
  const exportWh = slots.reduce((sum, slot) => sum + slot.energyExportWh, 0);
  const matchedWh = Math.min(importWh, exportWh);
  if (matchedWh === 0) return [...slots];
  let [importBefore, exportBefore] = [0, 0];
  const matchedUntil = (energyWh: number, ofWh: number): number =>
    Number((BigInt(matchedWh) * BigInt(energyWh)) / BigInt(ofWh));
  return slots.map(({ startMs, energyImportWh, energyExportWh }) => {
    const importAfter = importBefore + energyImportWh;
    const exportAfter = exportBefore + energyExportWh;
    const slot = {
      startMs,
      energyImportWh:
        energyImportWh - matchedUntil(importAfter, importWh) + matchedUntil(importBefore, importWh),
      energyExportWh:
        energyExportWh - matchedUntil(exportAfter, exportWh) + matchedUntil(exportBefore, exportWh),
    };
    [importBefore, exportBefore] = [importAfter, exportAfter];
    return slot;
  });
}
