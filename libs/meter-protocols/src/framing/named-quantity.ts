import { quantities, type QuantityName, type Unit } from '@wattbus/energy-model';

/** A quantity under the name that a user writes, and the unit in which it is stated there. */
export interface NamedQuantity {
  /** As it was written. */
  readonly name: string;
  readonly quantity: QuantityName;
  readonly unit: Unit | `k${Unit}`;
}

/**
 * `energyImportWh`, or with a `k` before the unit (`energyImportkWh`) for thousands of it. Null
 * where no quantity is called so.
 */
export function namedQuantity(name: string): NamedQuantity | null {
  if (isQuantity(name)) return { name, quantity: name, unit: quantities[name].unit };
  const [, quantity, unit] = /^(.*)k([A-Za-z]+)$/.exec(name) ?? [];
  const plain = `${quantity}${unit}`;
  if (!isQuantity(plain) || quantities[plain].unit !== unit) return null;
  return { name, quantity: plain, unit: `k${quantities[plain].unit}` };
}

const isQuantity = (name: string): name is QuantityName => Object.hasOwn(quantities, name);
