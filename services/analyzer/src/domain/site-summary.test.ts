import { describe, expect, test } from '@jest/globals';
import type {
  AnomalyAnalysis,
  BaseloadAnalysis,
  CostAnalysis,
  EnergyAnalysis,
  ForecastAnalysis,
  PeakAnalysis,
} from '@wattbus/mqtt-contract';
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
  baseload: new Map(),
  anomaly: new Map(),
  forecast: new Map(),
  carbon: new Map(),
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

test('of thousands of meters a hundred are listed, and all are added up', () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `meter-${String(i).padStart(4, '0')}`);
  const summary = summarise(stateOf(...names.map((name) => energyOf(name))), settings)!;
  expect(summary).toMatchObject({ powerW: 5_000_000, metersLeftOut: 9_900 });
  expect(summary.meters.map(({ meter }) => meter)).toEqual(names.slice(0, 100));
  expect(JSON.stringify(summary).length).toBeLessThan(32_768);
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

describe('insights', () => {
  const { meter, medium, role, at, epoch, seq } = energyOf('main');
  const result = { ...{ v: 1 as const, meter, medium, role, at, epoch, seq }, coverage: 1 };
  const span = { from: '2026-05-19T22:00:00.000Z', to: '2026-06-02T22:00:00.000Z' };
  const reasons = { en: 'why', ko: '이유' };
  const baseload: BaseloadAnalysis = {
    ...{ ...result, ...span, reasons, baseloadW: 100, liveW: 104, trendW: 3 },
    ...{ standbyShare: 0.3, yearWh: 876_000 },
  };
  const open = {
    ...{ kind: 'sustained' as const, from: '2026-06-02T01:00:00.000Z', excessWhPerDay: 12_000 },
    ...{ confidence: 'normal' as const, reasons },
  };
  const anomaly: AnomalyAnalysis = { ...result, ...span, reasons, learning: false, open: [open] };
  const span0 = { import: 0, export: 0, fixed: 0, total: 0 };
  const cost: CostAnalysis = {
    ...{ v: 1, meter, medium, role, at, epoch, seq, currency: 'EUR', tariff: 'flat' },
    ...{ today: span0, month: { ...span0, import: 0.75 } },
  };
  const known = {
    ...stateOf(energyOf('main')),
    baseload: new Map([['main', baseload]]),
    anomaly: new Map([['main', anomaly]]),
  };

  test('standby and anomalies cost what the month’s energy has cost so far', () => {
    const priced = { ...known, cost: new Map([['main', cost]]) };
    // 0.75 for 3 kWh.
    expect(summarise(priced, settings)).toMatchObject({
      standby: { baseloadW: 100, yearWh: 876_000, yearCost: 219, trendW: 3 },
      anomalies: [{ meter: 'main', kind: 'sustained', costPerDay: 3 }],
    });
  });

  test('without a price there is no cost, not one of zero', () => {
    expect(summarise(known, settings)).toMatchObject({
      standby: { yearCost: null },
      anomalies: [{ costPerDay: null }],
    });
  });

  test('today is what it took and what is still forecast, tomorrow what follows', () => {
    const hourAt = (hour: number): string =>
      new Date(Date.parse('2026-06-01T22:00:00.000Z') + hour * 3_600_000).toISOString();
    const wh = { meanWh: 200, typicalWh: 180, p10Wh: 90, p50Wh: 180, p90Wh: 320 };
    const forecast: ForecastAnalysis = {
      ...{ ...result, ...span, reasons, quarters: [], skill: null },
      hours: Array.from({ length: 48 }, (_, i) => ({ start: hourAt(10 + i), ...wh })),
      today: Array.from({ length: 24 }, (_, i) => ({
        start: hourAt(i),
        expected: { ...wh, meanWh: 150 },
        actualWh: i < 10 ? 100 : null,
      })),
    };
    const state = { ...known, forecast: new Map([['main', forecast]]) };
    expect(summarise(state, settings)?.forecast).toEqual({
      todayWh: 10 * 100 + 14 * 200,
      tomorrowWh: 24 * 200,
    });
  });
});

test('week, year and billing period add up over grid meters that are in them', () => {
  const from = '2026-05-31T22:00:00.000Z';
  const to = '2026-06-07T22:00:00.000Z';
  const withWeek = (meter: string, week: string, at: string): EnergyAnalysis =>
    energyOf(meter, {
      at,
      week: { week, from, to, importWh: 700, exportWh: 70 },
      year: { year: '2026', from, to, importWh: 9_000, exportWh: 90 },
      billing: { from, to, importWh: 500, exportWh: 5 },
    });
  expect(
    summarise(
      stateOf(
        withWeek('old', '2026-W22', '2026-05-31T10:00:00.000Z'),
        withWeek('main', '2026-W23', '2026-06-02T10:00:00.000Z'),
      ),
      settings,
    ),
  ).toMatchObject({
    week: { importWh: 700, exportWh: 70 },
    year: { importWh: 18_000 },
    billing: { from, to, importWh: 1_000, exportWh: 10 },
  });
});
