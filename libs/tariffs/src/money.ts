/**
 * Money is a whole number of micro-currency (a millionth of a euro, won, …), so that sums over any
 * number of slots are exact. Prices per kWh are whole nano-currency: network tariffs state seven
 * decimals.
 */
export const MICRO_PER_UNIT = 1_000_000;

/** The nearest whole micro-currency of an amount as people write it. */
export const toMicro = (amount: number): number => wholeNumber(amount * MICRO_PER_UNIT);

/** An amount as people write it. */
export const fromMicro = (micro: number): number => micro / MICRO_PER_UNIT;

/** Micro-currency for energy at a price per kWh, rounded once; either may be negative. */
export function energyCostMicro(energyWh: number, pricePerKWh: number): number {
  const nanoPerKWh = wholeNumber(pricePerKWh * 1e9);
  return divideRounded(energyWh * nanoPerKWh, 1e6);
}

/** VAT on a net amount. `vat` is a fraction (0.21), exact to a millionth. */
export function vatMicro(netMicro: number, vat: number): number {
  return divideRounded(netMicro * wholeNumber(vat * 1e6), 1e6);
}

/** A share of an amount, such as one day of a month: `amount · part / whole`. */
export function shareMicro(amountMicro: number, part: number, whole: number): number {
  return divideRounded(amountMicro * part, whole);
}

/** Halves go away from zero, so that a credit is rounded as the charge of the same size. */
function divideRounded(dividend: number, divisor: number): number {
  return wholeNumber(dividend / divisor);
}

function wholeNumber(value: number): number {
  const rounded = Math.sign(value) * Math.round(Math.abs(value));
  if (!Number.isSafeInteger(rounded)) throw new RangeError(`${value} is beyond exact money`);
  return rounded + 0;
}
