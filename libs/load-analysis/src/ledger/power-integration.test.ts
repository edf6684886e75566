import { expect, test } from '@jest/globals';
import { exportWhOf, importWhOf, integratePower, startIntegral } from './power-integration.js';

const WMS_PER_WH = 3_600_000;

test('power that changes its sign counts on both sides', () => {
  // energy.md §1.6: +1000 W → −500 W in 60 s is 5.5556 Wh import and 1.3889 Wh export.
  const { importWms, exportWms } = integratePower(startIntegral(0, 1000), 60_000, -500);
  expect(importWms / WMS_PER_WH).toBeCloseTo(5.5556, 4);
  expect(exportWms / WMS_PER_WH).toBeCloseTo(1.3889, 4);
  const back = integratePower(startIntegral(0, -500), 60_000, 1000);
  expect(back).toMatchObject({ importWms, exportWms });
});

test('a straight line is its mean', () => {
  const { importWms, exportWms } = integratePower(startIntegral(0, 1000), 36_000, 3000);
  expect({ importWms, exportWms }).toEqual({ importWms: 20 * WMS_PER_WH, exportWms: 0 });
  const exported = integratePower(startIntegral(0, -1000), 36_000, -3000);
  expect(exportWhOf(exported)).toBe(20);
  expect(importWhOf(exported)).toBe(0);
});

test('more than a minute without power counts nothing', () => {
  const start = startIntegral(0, 3600);
  expect(importWhOf(integratePower(start, 60_000, 3600))).toBe(60);
  expect(importWhOf(integratePower(start, 60_001, 3600))).toBe(0);
});
