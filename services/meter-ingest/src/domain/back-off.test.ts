import { expect, test } from '@jest/globals';
import { backOffMs } from './back-off.js';

test('doubles from half a second to 30 s and stays there', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8, 9, 1_000].map((failures) => backOffMs(failures, 1));
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000]);
});

test('spreads attempts over the upper half of the wait', () => {
  expect(backOffMs(3, 0)).toBe(1_000);
  expect(backOffMs(3, 0.5)).toBe(1_500);
});
