const powersOfTen = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * `value · 10^scaler`. Dividing by an exact power of ten rounds once, so 147967771 at scaler −1 is
 * 14796777.1 and not 14796777.100000001.
 */
export function scaled(value: number, scaler: number): number {
  if (scaler === 0) return value;
  const power = powersOfTen[scaler < 0 ? -scaler : scaler];
  if (power === undefined) return value * 10 ** scaler;
  return scaler < 0 ? value / power : value * power;
}
