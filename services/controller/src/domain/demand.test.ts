import { expect, test } from '@jest/globals';
import type { PeakAnalysis } from '@wattbus/mqtt-contract';
import { demandIn } from './demand.js';

const peakAt = (elapsedS: number, importWh: number, predictedW: number): PeakAnalysis => ({
  v: 1,
  meter: 'main',
  medium: 'electricity',
  role: 'grid',
  at: '2026-03-29T12:09:00.000Z',
  epoch: 'e1',
  seq: 1,
  quarter: { start: '2026-03-29T12:00:00.000Z', elapsedS, importWh, averageW: 0, predictedW },
  month: { peakW: 0, peakAt: null },
});

const now = '2026-03-29T12:09:01.000Z';

test('the mean power is what the prediction went on with', () => {
  // energy.md §1.6: E = 0.9 kWh at 540 s and P̄ = 5 kW give 5.6 kW.
  expect(demandIn(peakAt(540, 900, 5600), now)).toEqual({
    elapsedMs: 540_000,
    energyWh: 900,
    meanPowerW: 5000,
  });
});

test('a result behind the readings by more than a minute says nothing of now', () => {
  expect(demandIn(peakAt(540, 900, 5600), '2026-03-29T12:10:00.000Z')).not.toBeNull();
  expect(demandIn(peakAt(540, 900, 5600), '2026-03-29T12:10:00.001Z')).toBeNull();
  expect(demandIn(peakAt(540, 900, 5600), null)).toBeNull();
});

test('the last seconds of a quarter-hour say nothing of power', () => {
  expect(demandIn(peakAt(895, 900, 3700), now)).not.toBeNull();
  expect(demandIn(peakAt(896, 900, 3700), now)).toBeNull();
});
