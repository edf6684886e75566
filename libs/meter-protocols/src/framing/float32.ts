/** Every 32-bit float is told apart by nine decimal digits, most of them by fewer. */
const digitsMin = 6;
const digitsMax = 9;
const decimalSteps = [10, 100, 1000];

/**
 * The shortest decimal number that is the same 32-bit float: 230.2 for the bytes `43 66 33 33`,
 * where widening alone gives 230.1999969482422. NaN and infinities stay what they are.
 */
export function shortestFloat32(value: number): number {
  if (!Number.isFinite(value) || Number.isInteger(value)) return value;
  // What meters state has few decimals, and arithmetic is faster than text.
  for (const step of decimalSteps) {
    const candidate = Math.round(value * step) / step;
    if (Math.fround(candidate) === value) return candidate;
  }
  for (let digits = digitsMin; digits < digitsMax; digits += 1) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return Number(value.toPrecision(digitsMax));
}
