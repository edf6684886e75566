import type { Booking } from './register.js';

/** A quarter-hour on the clock. Every zone's offset is a multiple of it, so UTC edges serve all. */
export const QUARTER_MS = 900_000;

export const quarterStart = (atMs: number): number => Math.floor(atMs / QUARTER_MS) * QUARTER_MS;

/** The part of a booking that falls into one quarter-hour. */
export interface Portion {
  readonly startMs: number;
  readonly amount: number;
}

/**
 * Spreads a booking at constant rate over the quarter-hours that it touches, in whole units whose
 * sum is the booking's amount: the largest remainders get the units that rounding down left over,
 * the earlier quarter-hour where they are equal.
 */
export function spread({ fromMs, toMs, amount }: Booking): readonly Portion[] {
  const firstMs = quarterStart(fromMs);
  if (toMs <= firstMs + QUARTER_MS) return [{ startMs: firstMs, amount }];
  const elapsedMs = toMs - fromMs;
  const portions: { startMs: number; amount: number; remainder: number }[] = [];
  let left = amount;
  for (let startMs = firstMs; startMs < toMs; startMs += QUARTER_MS) {
    const lengthMs = Math.min(toMs, startMs + QUARTER_MS) - Math.max(fromMs, startMs);
    // Joules times milliseconds exceed 2^53; this path is taken once in a quarter-hour.
    const product = BigInt(amount) * BigInt(lengthMs);
    const whole = Number(product / BigInt(elapsedMs));
    portions.push({ startMs, amount: whole, remainder: Number(product % BigInt(elapsedMs)) });
    left -= whole;
  }
  const byRemainder = [...portions].sort(
    (a, b) => b.remainder - a.remainder || a.startMs - b.startMs,
  );
  for (const portion of byRemainder.slice(0, left)) portion.amount += 1;
  return portions.map(({ startMs, amount: units }) => ({ startMs, amount: units }));
}
