/**
 * Money is a whole number of micro-currency (a millionth of a euro, won, …), so that sums over any
 * number of slots are exact. Prices per kWh are whole pico-currency: network tariffs state seven
 * decimals, and a spot price times a factor has more.
 */
export const MICRO_PER_UNIT = 1_000_000;

/** The nearest whole micro-currency of an amount as people write it. */
export const toMicro = (amount: number): number => wholeNumber(amount * MICRO_PER_UNIT);

/** An amount as people write it. */
export const fromMicro = (micro: number): number => micro / MICRO_PER_UNIT;

/** Price per kWh in whole pico-currency. */
export type PicoPerKWh = bigint;

/** The nearest whole pico-currency of a price as people write it. */
export function toPico(pricePerKWh: number): PicoPerKWh {
  const [mantissa = '', exponent = '0'] = String(pricePerKWh).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  const digits = BigInt(whole.replace('-', '') + fraction);
  const power = 12 - fraction.length + Number(exponent);
  const size =
    power >= 0 ? digits * 10n ** BigInt(power) : dividedBy(digits, 10n ** BigInt(-power));
  return whole.startsWith('-') ? -size : size;
}

export const fromPico = (picoPerKWh: PicoPerKWh): number => Number(picoPerKWh) / 1e12;

/** Micro-currency for energy at a price per kWh, rounded once; either may be negative. */
export const energyCostMicro = (energyWh: number, picoPerKWh: PicoPerKWh): number =>
  wholeNumber(Number(dividedBy(BigInt(energyWh) * picoPerKWh, 1_000_000_000n)));

/** VAT on a net amount. `vat` is a fraction (0.21), exact to a millionth. */
export function vatMicro(netMicro: number, vat: number): number {
  return shareMicro(netMicro, wholeNumber(vat * 1e6), 1e6);
}

/** A share of an amount, such as one day of a month: `amount · part / whole`. */
export const shareMicro = (amountMicro: number, part: number, whole: number): number =>
  wholeNumber(Number(dividedBy(BigInt(amountMicro) * BigInt(part), BigInt(whole))));

/** Halves go away from zero, so that a credit is rounded as the charge of the same size. */
export function dividedBy(dividend: bigint, divisor: bigint): bigint {
  const size = dividend < 0n ? -dividend : dividend;
  const quotient = (size * 2n + divisor) / (divisor * 2n);
  return dividend < 0n ? -quotient : quotient;
}

function wholeNumber(value: number): number {
  const rounded = Math.sign(value) * Math.round(Math.abs(value));
  if (!Number.isSafeInteger(rounded)) throw new RangeError(`${value} is beyond exact money`);
  return rounded + 0;
}
