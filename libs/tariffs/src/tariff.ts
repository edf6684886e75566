import { z } from 'zod';
import type { Calendar, LocalSpan } from './calendar.js';
import { isValidOn, type Charge, type ComponentKind, type Slot } from './component.js';
import { Fixed, fixed } from './components/fixed.js';
import { Flat, flat } from './components/flat.js';
import { vatMicro } from './money.js';

export const Component = z.discriminatedUnion('kind', [Flat, Fixed]);
export type Component = z.infer<typeof Component>;

/** A tariff is a list of components; each is priced by its kind and taxed on its own. */
export const Tariff = z.object({
  name: z.string().min(1).max(64),
  /** ISO 4217. */
  currency: z.string().regex(/^[A-Z]{3}$/),
  /** VAT of components that state none; 0 where prices include it. */
  vat: z.number().min(0).max(1).default(0),
  components: z.array(Component).max(100),
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

/** What the energy of a slot costs. Rounded to the micro-currency, component by component. */
export function costOfSlot(tariff: Tariff, slot: Slot, calendar: Calendar): Cost {
  const { name } = calendar.dayOf(slot.startMs);
  return sum(tariff, name, (component) =>
    kindOf(component).chargeOfSlot(component, slot, calendar),
  );
}

/** What a local day costs whatever is used: its share of the fixed charges. */
export function costOfDay(tariff: Tariff, day: LocalSpan, calendar: Calendar): Cost {
  return sum(tariff, day.name, (component) =>
    kindOf(component).chargeOfDay(component, day, calendar),
  );
}

const kinds: { [K in Component['kind']]: ComponentKind<Extract<Component, { kind: K }>> } = {
  flat,
  fixed,
};

/** The table above pairs each component with its own kind, which TypeScript cannot follow. */
const kindOf = (component: Component): ComponentKind<Component> =>
  kinds[component.kind] as ComponentKind<Component>;

const fields = { import: 'importMicro', export: 'exportMicro', fixed: 'fixedMicro' } as const;

function sum(
  tariff: Tariff,
  date: string,
  chargeOf: (component: Component) => Charge | null,
): Cost {
  const cost = { ...noCost };
  for (const component of tariff.components) {
    const charge = isValidOn(component, date) ? chargeOf(component) : null;
    if (!charge) continue;
    const { group, netMicro } = charge;
    cost[fields[group]] += netMicro + vatMicro(netMicro, component.vat ?? tariff.vat);
  }
  return cost;
}
