import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { QUARTER_MS, spread } from './spread.js';

const booking = (fromMs: number, toMs: number, amount: number) => ({
  fromMs,
  toMs,
  amount,
  estimated: false,
});

test('a booking inside a quarter-hour, up to its very end, is one portion', () => {
  expect(spread(booking(0, QUARTER_MS, 7))).toEqual([{ startMs: 0, amount: 7 }]);
  expect(spread(booking(5, 5, 7))).toEqual([{ startMs: 0, amount: 7 }]);
});

test('a booking across an edge is split by time', () => {
  expect(spread(booking(600_000, 1_200_000, 600))).toEqual([
    { startMs: 0, amount: 300 },
    { startMs: QUARTER_MS, amount: 300 },
  ]);
});

test('the largest remainder gets the watt-hour left over, the earlier one in a tie', () => {
  expect(spread(booking(600_000, 1_200_000, 1))).toEqual([
    { startMs: 0, amount: 1 },
    { startMs: QUARTER_MS, amount: 0 },
  ]);
  expect(spread(booking(700_000, 1_200_000, 1)).map(({ amount }) => amount)).toEqual([0, 1]);
});

test('portions are whole, near their share, and add up to the booking', () => {
  const ms = fc.integer({ min: 0, max: 60 * QUARTER_MS });
  fc.assert(
    fc.property(ms, ms, fc.integer({ min: 0, max: 1e13 }), (a, b, amount) => {
      const [fromMs, toMs] = [Math.min(a, b), Math.max(a, b)];
      const portions = spread(booking(fromMs, toMs, amount));
      expect(portions.reduce((sum, portion) => sum + portion.amount, 0)).toBe(amount);
      for (const { startMs, amount: portion } of portions) {
        if (fromMs === toMs) continue;
        const length = Math.min(toMs, startMs + QUARTER_MS) - Math.max(fromMs, startMs);
        const share = (amount * length) / (toMs - fromMs);
        expect(Number.isInteger(portion)).toBe(true);
        expect(Math.abs(portion - share)).toBeLessThanOrEqual(1 + share * 1e-12);
      }
    }),
  );
});
