import { expect, test } from '@jest/globals';
import { freshnessOf } from './fail-safe.js';

const after = (ageMs: number, intervalMs: number | null): string =>
  freshnessOf({ heardAtMs: 1000, intervalMs, silentAfterMs: 60_000 }, 1000 + ageMs);

test('readings are old after 15 s, or three intervals, and the meter silent after its limit', () => {
  expect([15_000, 15_001, 60_000, 60_001].map((age) => after(age, 1000))).toEqual([
    'fresh',
    'old',
    'old',
    'silent',
  ]);
  expect([30_000, 30_001].map((age) => after(age, 10_000))).toEqual(['fresh', 'old']);
  expect(after(15_001, null)).toBe('old');
});
