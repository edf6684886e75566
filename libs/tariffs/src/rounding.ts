import { compare, exact, floor, negated, over, plus, ratio, times, type Exact } from './exact.js';

/** How a line of a bill is rounded. `floor` cuts towards zero; halves go away from zero. */
const roundings = {
  none: null,
  floor1: { cut: true, step: exact(1) },
  floor10: { cut: true, step: exact(10) },
  round1: { cut: false, step: exact(1) },
  round10: { cut: false, step: exact(10) },
  'cent-floor': { cut: true, step: exact(0.01) },
  'cent-half-up': { cut: false, step: exact(0.01) },
  'mill-half-up': { cut: false, step: exact(0.001) },
} as const;

export type Rounding = keyof typeof roundings;
export const roundingNames = Object.keys(roundings) as [Rounding, ...Rounding[]];

/** Rounds the size of an amount, so that a credit is rounded as a charge of the same size. */
export function rounded(amount: Exact, rounding: Rounding): Exact {
  const rule = roundings[rounding];
  if (rule === null) return amount;
  return toMultiple(amount, rule.step, rule.cut);
}

/** To the smallest coin: 1 won, 1 cent. */
export const toCoin = (amount: Exact, currency: string): Exact =>
  toMultiple(amount, ratio(1n, 10n ** BigInt(decimalsOf(currency))), false);

/** Making a format takes longer than a whole bill; a home has few currencies. */
const decimals = new Map<string, number>();
const CURRENCIES_MAX = 200;

/** Decimals that amounts of an ISO 4217 currency are written with. */
export function decimalsOf(currency: string): number {
  const known = decimals.get(currency) ?? formattedDecimals(currency);
  if (decimals.size < CURRENCIES_MAX) decimals.set(currency, known);
  return known;
}

function formattedDecimals(currency: string): number {
  const { maximumFractionDigits } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions();
  return maximumFractionDigits ?? 2;
}

const half = ratio(1n, 2n);

function toMultiple(amount: Exact, step: Exact, cut: boolean): Exact {
  if (compare(amount, exact(0)) < 0) return negated(toMultiple(negated(amount), step, cut));
  const steps = over(amount, step);
  return times(ratio(floor(cut ? steps : plus(steps, half)), 1n), step);
}
