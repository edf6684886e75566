import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { shortestFloat32 } from './float32.js';

test.each([
  [230.2, 230.2],
  [0.1, 0.1],
  [-9.082, -9.082],
  [123456.789, 123456.79],
  [16777216, 16777216],
  [1e-12, 1e-12],
])('the float of %d is written %d', (value, written) => {
  expect(shortestFloat32(Math.fround(value))).toBe(written);
});

test('it is always the same float', () => {
  fc.assert(
    fc.property(fc.float(), (value) => {
      expect(Math.fround(shortestFloat32(value))).toBe(value);
    }),
  );
});
