import { expect, test } from '@jest/globals';
import { topics, type PeakAnalysis } from '@wattbus/mqtt-contract';
import { demandIn } from './demand.js';

const peakWith = (quarter: Partial<PeakAnalysis['quarter']>): PeakAnalysis => {
  const { sample } = topics.peakAnalysis.row;
  return { ...sample, at: '2026-03-29T12:09:00.000Z', quarter: { ...sample.quarter, ...quarter } };
};

const now = '2026-03-29T12:09:01.000Z';

test('the running quarter-hour is that of the analysis', () => {
  const peak = peakWith({ elapsedS: 540, importWh: 900, meanPowerW: 5000 });
  expect(demandIn(peak, now)).toEqual({ elapsedMs: 540_000, energyWh: 900, meanPowerW: 5000 });
});

test('feed-in counts as no demand', () => {
  expect(demandIn(peakWith({ meanPowerW: -800 }), now)?.meanPowerW).toBe(0);
});

test('a result behind the readings by more than a minute says nothing of now', () => {
  expect(demandIn(peakWith({}), '2026-03-29T12:10:00.000Z')).not.toBeNull();
  expect(demandIn(peakWith({}), '2026-03-29T12:10:00.001Z')).toBeNull();
  expect(demandIn(peakWith({}), null)).toBeNull();
});

test('nothing is done on estimated energy', () => {
  expect(demandIn(peakWith({ estimated: true }), now)).toBeNull();
});
