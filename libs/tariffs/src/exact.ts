/**
 * Exact fractions. A bill weighs prices by days (`200·88.3·21/31`) and rounds down, so a sum that
 * is a hair too small in binary floating point would cost a whole won.
 */
export interface Exact {
  readonly numerator: bigint;
  /** Greater than 0; the fraction is in lowest terms. */
  readonly denominator: bigint;
}

/** The prices and rates of tariffs are asked for again with every bill. */
const known = new Map<number, Exact>();
const KNOWN_MAX = 5_000;

/** The number that a person reads: 0.1 is one tenth. Throws a RangeError unless finite. */
export function exact(value: number): Exact {
  const before = known.get(value);
  if (before) return before;
  const read = readExact(value);
  if (known.size < KNOWN_MAX) known.set(value, read);
  return read;
}

function readExact(value: number): Exact {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value));
  if (!match) throw new RangeError(`${value} is not an amount`);
  const [, sign, whole, fraction = '', exponent = '0'] = match;
  const digits = BigInt(`${sign}${whole}${fraction}`);
  const power = Number(exponent) - fraction.length;
  return power < 0
    ? ratio(digits, 10n ** BigInt(-power))
    : ratio(digits * 10n ** BigInt(power), 1n);
}

export function ratio(numerator: bigint, denominator: bigint): Exact {
  if (denominator === 0n) throw new RangeError('a fraction of zero parts');
  if (denominator < 0n) return ratio(-numerator, -denominator);
  if (denominator === 1n) return { numerator, denominator };
  const divisor = greatestCommonDivisor(numerator < 0n ? -numerator : numerator, denominator);
  if (divisor === 1n) return { numerator, denominator };
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

/** `part / whole` of two whole numbers. */
export const share = (part: number, whole: number): Exact => ratio(BigInt(part), BigInt(whole));

export const zero: Exact = { numerator: 0n, denominator: 1n };
export const one: Exact = { numerator: 1n, denominator: 1n };

export function plus(a: Exact, b: Exact): Exact {
  if (a.numerator === 0n) return b;
  if (b.numerator === 0n) return a;
  if (a.denominator === b.denominator) return ratio(a.numerator + b.numerator, a.denominator);
  const numerator = a.numerator * b.denominator + b.numerator * a.denominator;
  return ratio(numerator, a.denominator * b.denominator);
}

export const negated = ({ numerator, denominator }: Exact): Exact => ({
  numerator: -numerator,
  denominator,
});

export const minus = (a: Exact, b: Exact): Exact => plus(a, negated(b));

export function times(a: Exact, b: Exact): Exact {
  if (a === one || b.numerator === 0n) return b;
  if (b === one || a.numerator === 0n) return a;
  return ratio(a.numerator * b.numerator, a.denominator * b.denominator);
}

export const over = (a: Exact, b: Exact): Exact =>
  ratio(a.numerator * b.denominator, a.denominator * b.numerator);

export const sumOf = (amounts: readonly Exact[]): Exact => amounts.reduce(plus, zero);

/** Negative, 0 or positive as `a` is less than, equal to or greater than `b`. */
export function compare(a: Exact, b: Exact): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export const lesser = (a: Exact, b: Exact): Exact => (compare(a, b) <= 0 ? a : b);
export const greater = (a: Exact, b: Exact): Exact => (compare(a, b) >= 0 ? a : b);
export const isZero = ({ numerator }: Exact): boolean => numerator === 0n;

/** The largest whole number not above the fraction. */
export function floor({ numerator, denominator }: Exact): bigint {
  const quotient = numerator / denominator;
  return numerator < 0n && quotient * denominator !== numerator ? quotient - 1n : quotient;
}

/** The nearest double, for people and for JSON. */
export const toNumber = ({ numerator, denominator }: Exact): number =>
  Number(numerator) / Number(denominator);

const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/** Whole numbers that a double holds are divided by far faster than those that it does not. */
function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [larger, smaller] = [a, b];
  while (smaller !== 0n) {
    if (smaller <= SAFE_MAX && larger <= SAFE_MAX) {
      return BigInt(smallDivisor(Number(larger), Number(smaller)));
    }
    [larger, smaller] = [smaller, larger % smaller];
  }
  return larger;
}

function smallDivisor(a: number, b: number): number {
  let [larger, smaller] = [a, b];
  while (smaller !== 0) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}
