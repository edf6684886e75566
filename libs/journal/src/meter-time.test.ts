import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { laterTime } from './meter-time.js';

const last = Date.parse('2026-03-29T01:00:00.000Z');

test('takes a time as the meter states it when it is later than the last', () => {
  expect(laterTime('2026-03-29T03:00:00.001+02:00', last)).toEqual({
    at: '2026-03-29T03:00:00.001+02:00',
    atMs: last + 1,
    adjusted: false,
  });
  expect(laterTime('2020-01-01T00:00:00Z', null).adjusted).toBe(false);
});

test.each([
  ['the same time again', '2026-03-29T03:00:00+02:00', '2026-03-29T03:00:00.001+02:00'],
  ['an earlier time', '2026-03-28T20:00:00-03:30', '2026-03-28T21:30:00.001-03:30'],
  ['an earlier time in UTC', '2026-03-29T00:59:59Z', '2026-03-29T01:00:00.001Z'],
])('makes %s one millisecond later than the last, with its own offset', (_, given, at) => {
  expect(laterTime(given, last)).toEqual({ at, atMs: last + 1, adjusted: true });
});

test('is strictly increasing whatever the clock does', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1e6, max: 1e6 })), (stepsMs) => {
      let lastAtMs: number | null = null;
      for (const stepMs of stepsMs) {
        const later = laterTime(new Date(last + stepMs).toISOString(), lastAtMs);
        expect(Date.parse(later.at)).toBe(later.atMs);
        expect(later.atMs).toBeGreaterThan(lastAtMs ?? -Infinity);
        lastAtMs = later.atMs;
      }
    }),
  );
});
