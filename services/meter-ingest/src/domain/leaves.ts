import { quantities, quantityNames, type Measured, type QuantityName } from '@wattbus/energy-model';

/** A register is said again at most this often: it is retained, and disks may be SD cards. */
export const REGISTER_MS_MIN = 10_000;

export interface Leaf {
  readonly quantity: QuantityName;
  readonly text: string;
  readonly retain: boolean;
}

/** What has been said of each quantity of one meter. */
export type Said = ReadonlyMap<QuantityName, { readonly text: string; readonly atMs: number }>;

/**
 * The scalar topics that are due: those that changed, registers and counts not too often. Called
 * about once a second with the newest values, which bounds momentary values.
 */
export function dueLeaves(
  said: Said,
  measured: Measured,
  nowMs: number,
): { said: Said; leaves: readonly Leaf[] } {
  const next = new Map(said);
  const leaves: Leaf[] = [];
  for (const quantity of quantityNames) {
    const value = measured[quantity];
    if (value === undefined) continue;
    const text = plainNumber(value);
    const before = said.get(quantity);
    const retain = quantities[quantity].kind !== 'gauge';
    if (before?.text === text) continue;
    if (retain && before !== undefined && nowMs - before.atMs < REGISTER_MS_MIN) continue;
    next.set(quantity, { text, atMs: nowMs });
    leaves.push({ quantity, text, retain });
  }
  return { said: next, leaves };
}

/** Without an exponent, and without digits that only binary fractions have. */
const plainNumber = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toFixed(6)));
