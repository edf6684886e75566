import { expect, test } from '@jest/globals';
import { initialWatch, watchPrices, type WatchState } from './feed-watch.js';
import { mergeSlots, type Slot } from './kept-slots.js';

const HOUR_MS = 3_600_000;
const START_MS = Date.parse('2026-03-28T22:00:00Z');
const hours = (...prices: number[]): Slot[] =>
  prices.map((price, i) => ({
    startMs: START_MS + i * HOUR_MS,
    endMs: START_MS + (i + 1) * HOUR_MS,
    price,
  }));

const look = (state: WatchState, slots: readonly Slot[], atHour: number) =>
  watchPrices(state, {
    slots,
    nowMs: START_MS + atHour * HOUR_MS,
    staleAfterMs: 2 * HOUR_MS,
    reason: 'the server answers 503',
  });

test('a feed that stops is told once it has lasted, with the reason, and taken back', () => {
  const slots = hours(0.1, 0.2);
  const known = look(initialWatch, slots, 1);
  const ended = look(known.state, slots, 2);
  const almost = look(ended.state, slots, 4 - 1e-6);
  const stale = look(almost.state, slots, 4);
  const again = look(look(stale.state, slots, 5).state, hours(1, 1, 1, 1, 1, 1, 1), 6);
  // What an earlier life may have left on the bus is taken back.
  expect(known.alerts.map(({ active }) => active)).toEqual([false, false]);
  expect([ended, almost].flatMap(({ alerts }) => alerts)).toEqual([]);
  expect(stale.alerts).toMatchObject([{ name: 'prices-missing', active: true }]);
  expect(stale.alerts[0]!.text).toContain('120 min');
  expect(stale.alerts[0]!.text).toContain('the server answers 503');
  expect(again.alerts).toMatchObject([{ name: 'prices-missing', active: false }]);
});

test('a price below zero is told with its end, and taken back', () => {
  const slots = hours(0.1, -0.01, -0.02, 0.1);
  const below = look(look(initialWatch, slots, 0).state, slots, 1);
  expect(below.alerts).toMatchObject([{ name: 'prices-negative', active: true }]);
  expect(below.alerts[0]!.text).toContain('2026-03-29T01:00:00.000Z');
  const above = look(look(below.state, slots, 2).state, slots, 3);
  expect(above.alerts).toMatchObject([{ name: 'prices-negative', active: false }]);
});

test('of two prices for a time the new one stands, and what is old is forgotten', () => {
  const merged = mergeSlots(hours(1, 2, 3), hours(1, 9).slice(1), START_MS);
  expect(merged.map(({ price }) => price)).toEqual([1, 9, 3]);
  expect(mergeSlots(merged, [], START_MS + 9 * 24 * HOUR_MS)).toEqual([]);
});
