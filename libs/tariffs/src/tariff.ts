import { z } from 'zod';
import type { Calendar, LocalSpan } from './calendar.js';
import { isValidOn, type Slot, type Surroundings } from './component.js';
import { Component, kindOf } from './component-kinds.js';
import { ordinaryDays } from './day-types.js';
import { energyCostMicro, vatMicro } from './money.js';
import { roundingNames } from './rounding.js';
import { noPrices } from './spot-prices.js';
import { nettings } from './usage.js';

/** A tariff is a list of components; each is priced by its kind and taxed on its own. */
export const Tariff = z.object({
  name: z.string().min(1).max(64),
  /** ISO 4217. */
  currency: z.string().regex(/^[A-Z]{3}$/),
  /** VAT of components that state none; 0 where prices include it. */
  vat: z.number().min(0).max(1).default(0),
  /** Of lines that state none. */
  rounding: z.enum(roundingNames).optional(),
  /** Of the bill; to the smallest coin where left out. */
  totalRounding: z.enum(roundingNames).optional(),
  /** `month`: a longer time is several bills, each from the first day's date to the next. */
  billing: z.enum(['any', 'month']).optional(),
  /** The supplier reads the register in steps: 1000 for whole kWh. */
  energyStepWh: z.int().min(1).max(100_000).optional(),
  netting: z.enum(nettings).optional(),
  /** First local day that the tariff covers. */
  validFrom: z.iso.date().optional(),
  /** First local day that it covers no more. */
  validTo: z.iso.date().optional(),
  components: z.array(Component).max(1000),
});
export type Tariff = z.infer<typeof Tariff>;

/** Micro-currency with VAT. `export` is a credit and so negative as a rule. */
export interface Cost {
  readonly importMicro: number;
  readonly exportMicro: number;
  readonly fixedMicro: number;
}

export const noCost: Cost = { importMicro: 0, exportMicro: 0, fixedMicro: 0 };

export const addCosts = (a: Cost, b: Cost): Cost => ({
  importMicro: a.importMicro + b.importMicro,
  exportMicro: a.exportMicro + b.exportMicro,
  fixedMicro: a.fixedMicro + b.fixedMicro,
});

export const totalMicro = ({ importMicro, exportMicro, fixedMicro }: Cost): number =>
  importMicro + exportMicro + fixedMicro;

/** The cost of a slot; `provisional` where a price of the market is not known yet. */
export interface SlotCost {
  readonly cost: Cost;
  readonly provisional: boolean;
}

/**
 * What the energy of a slot costs by the components that have a price at every moment. Rounded to
 * the micro-currency, component by component. Blocks, demand, levies and caps are in `billOf` only.
 */
export function rateSlot(tariff: Tariff, slot: Slot, around: Surroundings): SlotCost {
  const { name } = around.calendar.dayOf(slot.startMs);
  const cost = { ...noCost };
  let provisional = false;
  for (const component of tariff.components) {
    const { pricer, group } = kindOf(component);
    if (!pricer || !isValidOn(component, name)) continue;
    const isImport = group(component) === 'import';
    const price = pricer(component)(slot.startMs, around);
    provisional ||= price === null || price.estimated;
    const energyWh = isImport ? slot.energyImportWh : 0 - slot.energyExportWh;
    const netMicro = energyCostMicro(energyWh, price?.picoPerKWh ?? 0n);
    cost[isImport ? 'importMicro' : 'exportMicro'] += withVat(netMicro, component, tariff);
  }
  return { cost, provisional };
}

/** The same where no price depends on a market or on holidays. */
export const costOfSlot = (tariff: Tariff, slot: Slot, calendar: Calendar): Cost =>
  rateSlot(tariff, slot, { calendar, prices: noPrices, dayTypes: ordinaryDays }).cost;

/** What a local day costs whatever is used: its share of the fixed charges. */
export function costOfDay(tariff: Tariff, day: LocalSpan, calendar: Calendar): Cost {
  let fixedMicro = 0;
  for (const component of tariff.components) {
    const { microOfDay } = kindOf(component);
    if (!microOfDay || !isValidOn(component, day.name)) continue;
    fixedMicro += withVat(microOfDay(component, day, calendar), component, tariff);
  }
  return { ...noCost, fixedMicro };
}

const withVat = (netMicro: number, { vat }: Component, tariff: Tariff): number =>
  netMicro + vatMicro(netMicro, vat ?? tariff.vat);
