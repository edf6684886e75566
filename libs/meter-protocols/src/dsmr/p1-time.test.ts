import { describe, expect, test } from '@jest/globals';
import { p1Clock, p1Instant } from './p1-time.js';

const clock = p1Clock(60);

test.each([
  ['260115120000W', '2026-01-15T12:00:00+01:00'],
  ['260715120000S', '2026-07-15T12:00:00+02:00'],
  ['260715120000s', '2026-07-15T12:00:00+02:00'],
  ['240229235959W', '2024-02-29T23:59:59+01:00'],
  ['251026020000S', '2025-10-26T02:00:00+02:00'],
  ['251026020000W', '2025-10-26T02:00:00+01:00'],
])('%s is %s', (text, iso) => {
  expect(p1Instant(text, clock)).toBe(iso);
});

test.each([
  '',
  '000000000000W',
  '250229120000W',
  '251301000000W',
  '250431000000S',
  '250101240000W',
  '250101006000W',
  '632525252525W',
  '25010100000W',
  '250101000000X',
  '2501010000000',
])('%j is no time', (text) => {
  expect(p1Instant(text, clock)).toBeNull();
});

describe('without a season the European rule decides', () => {
  test.each([
    ['250330015959', '+01:00'],
    ['250330030000', '+02:00'],
    ['250715120000', '+02:00'],
    ['251026015959', '+02:00'],
    ['251026030000', '+01:00'],
    ['251231235959', '+01:00'],
  ])('%s has the offset %s', (text, offset) => {
    expect(p1Instant(text, clock)!.slice(19)).toBe(offset);
  });
});

test('other offsets change at the same moment everywhere', () => {
  const eastern = p1Clock(120);
  expect(p1Instant('250330025959', eastern)).toBe('2025-03-30T02:59:59+02:00');
  expect(p1Instant('250330040000', eastern)).toBe('2025-03-30T04:00:00+03:00');
  expect(p1Instant('250330040000', p1Clock(-210))).toBe('2025-03-30T04:00:00-02:30');
});
