import { expect, test } from '@jest/globals';
import type { EnergyAnalysis, PeakAnalysis } from '@wattbus/mqtt-contract';
import { summarise } from './site-summary.js';

const settings = { zone: 'Europe/Brussels', currency: 'EUR' };

const energyOf = (meter: string, more: Partial<EnergyAnalysis> = {}): EnergyAnalysis => ({
  v: 1,
  meter,
  medium: 'electricity',
  role: 'grid',
  at: '2026-06-02T10:00:00.000Z',
  epoch: 'e1',
  seq: 7,
  powerW: 500,
  today: {
    date: '2026-06-02',
    from: '2026-06-01T22:00:00.000Z',
    to: '2026-06-02T22:00:00.000Z',
    importWh: 1000,
    exportWh: 200,
  },
  month: {
    month: '2026-06',
    from: '2026-05-31T22:00:00.000Z',
    to: '2026-06-30T22:00:00.000Z',
    importWh: 3000,
    exportWh: 600,
  },
  quarters: [],
  coverage: 1,
  ...more,
});

const stateOf = (...results: EnergyAnalysis[]) => ({
  energy: new Map(results.map((result) => [result.meter, result])),
  cost: new Map(),
  peak: new Map<string, PeakAnalysis>(),
});

test('nothing is said before the first result', () => {
  expect(summarise(stateOf(), settings)).toBeNull();
});

test('grid meters are added up, others are listed beside them', () => {
  const pv = energyOf('pv', { role: 'pv', powerW: -3000 });
  const summary = summarise(stateOf(energyOf('b'), energyOf('a'), pv), settings);
  expect(summary).toMatchObject({
    powerW: 1000,
    importTodayWh: 2000,
    exportTodayWh: 400,
    importMonthWh: 6000,
    demandAverageW: null,
  });
  expect(summary?.meters.map(({ meter }) => meter)).toEqual(['a', 'b', 'pv']);
});

test('a meter silent since yesterday adds to the month only', () => {
  const silent = energyOf('old', { at: '2026-06-01T10:00:00.000Z' });
  const yesterday = { ...silent, today: { ...silent.today, date: '2026-06-01' } };
  const summary = summarise(stateOf(yesterday, energyOf('main')), settings);
  expect(summary).toMatchObject({ importTodayWh: 1000, importMonthWh: 6000 });
});

test('power that no meter states is unknown, not zero', () => {
  const unstated = energyOf('main', { powerW: undefined });
  expect(summarise(stateOf(unstated), settings)?.powerW).toBeNull();
});

test('a month without a measured quarter-hour has no peak', () => {
  const { meter, medium, role, at, epoch, seq } = energyOf('main');
  const quarter = {
    start: at,
    elapsedS: 0,
    importWh: 0,
    averageW: 10,
    predictedW: 20,
    meanPowerW: 10,
    estimated: false,
  };
  const peak: PeakAnalysis = {
    ...{ v: 1, meter, medium, role, at, epoch, seq },
    quarter,
    month: { peakW: null, peakAt: null },
  };
  const state = { ...stateOf(energyOf('main')), peak: new Map([['main', peak]]) };
  expect(summarise(state, settings)).toMatchObject({
    demandAverageW: 10,
    demandPredictedW: 20,
    demandPeakMonthW: null,
    demandPeakMonthAt: null,
  });
});
