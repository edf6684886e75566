import type { LocalSpan } from './calendar.js';
import type { Slot, Surroundings } from './component.js';
import { addCosts, noCost, rateSlot, type Cost, type Tariff } from './tariff.js';
import { SLOT_MS } from './usage.js';

/** Prices come late and are corrected; days older than this keep the cost that they have. */
export const RERATED_DAYS_MAX = 40;

/** A local day with its quarter-hours, so that it can be priced again. Plain JSON. */
export interface RatedDay {
  /** `2026-03-29` */
  readonly name: string;
  readonly startMs: number;
  /** By quarter-hour of the day, 92 to 100 of them; 0 where nothing is known. */
  readonly importWh: readonly number[];
  readonly exportWh: readonly number[];
  /** Of the energy alone. */
  readonly cost: Cost;
  /** A price was not known and a likely one, or none, stood for it. */
  readonly provisional: boolean;
}

/** The last days, oldest first. */
export type RatedDays = readonly RatedDay[];

/** Takes quarter-hours as they close. One that came before is replaced; one too old is ignored. */
export function rateSlots(
  days: RatedDays,
  slots: readonly Slot[],
  tariff: Tariff,
  around: Surroundings,
): RatedDays {
  const byName = new Map(days.map((day) => [day.name, day]));
  const touched = new Set<string>();
  for (const slot of slots) {
    const span = around.calendar.dayOf(slot.startMs);
    byName.set(span.name, withSlot(byName.get(span.name) ?? emptyDay(span), slot));
    touched.add(span.name);
  }
  return [...byName.values()]
    .sort((a, b) => a.startMs - b.startMs)
    .slice(-RERATED_DAYS_MAX)
    .map((day) => (touched.has(day.name) ? rated(day, tariff, around) : day));
}

/** Prices all days anew; `changed` are those whose cost is another than before, or now certain. */
export function rerate(
  days: RatedDays,
  tariff: Tariff,
  around: Surroundings,
): { readonly days: RatedDays; readonly changed: RatedDays } {
  const anew = days.map((day) => rated(day, tariff, around));
  const changed = anew.filter((day, i) => !isSame(day, days[i] as RatedDay));
  return { days: anew, changed };
}

const emptyDay = ({ name, startMs, endMs }: LocalSpan): RatedDay => {
  const nothing = Array.from({ length: Math.round((endMs - startMs) / SLOT_MS) }, () => 0);
  return { name, startMs, importWh: nothing, exportWh: nothing, cost: noCost, provisional: false };
};

function withSlot(day: RatedDay, { startMs, energyImportWh, energyExportWh }: Slot): RatedDay {
  const at = Math.floor((startMs - day.startMs) / SLOT_MS);
  return {
    ...day,
    importWh: day.importWh.with(at, energyImportWh),
    exportWh: day.exportWh.with(at, energyExportWh),
  };
}

function rated(day: RatedDay, tariff: Tariff, around: Surroundings): RatedDay {
  let cost = noCost;
  let provisional = false;
  day.importWh.forEach((energyImportWh, i) => {
    const energyExportWh = day.exportWh[i] ?? 0;
    if (energyImportWh === 0 && energyExportWh === 0) return;
    const slot = { startMs: day.startMs + i * SLOT_MS, energyImportWh, energyExportWh };
    const priced = rateSlot(tariff, slot, around);
    cost = addCosts(cost, priced.cost);
    provisional ||= priced.provisional;
  });
  return { ...day, cost, provisional };
}

const isSame = (a: RatedDay, b: RatedDay): boolean =>
  a.provisional === b.provisional &&
  a.cost.importMicro === b.cost.importMicro &&
  a.cost.exportMicro === b.cost.exportMicro;
