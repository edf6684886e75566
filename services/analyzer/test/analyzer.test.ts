import { expect, test } from '@jest/globals';
import { topics } from '@wattbus/mqtt-contract';
import { until } from '@wattbus/testing';
import { meterOnBus, MINUTE_MS, person, readings, seqReached, start, START_MS } from './rig.js';

const march = { from: '2026-02-28T23:00:00.000Z', to: '2026-03-31T22:00:00.000Z' };
/** What forty minutes are of a period that began some minutes ago. */
const soFar = (minutes: number) => ({
  importWh: 800,
  exportWh: 0,
  estimatedShare: 0,
  coverage: 40 / minutes,
});

test('readings become energy, cost, demand and a summary of the site', async () => {
  const energy = await person.hear(topics.energyAnalysis);
  const cost = await person.hear(topics.costAnalysis);
  const peak = await person.hear(topics.peakAnalysis);
  const site = await person.hear(topics.siteAnalysis);
  await start('a');
  const meter = await meterOnBus('main');
  await readings(meter, 0, 40);
  await until('the newest reading is analysed', () => seqReached(energy, 41));
  expect(energy.at(-1)).toEqual({
    v: 1,
    meter: 'main',
    medium: 'electricity',
    role: 'grid',
    at: '2026-03-28T22:40:00.000Z',
    epoch: 'e1',
    seq: 41,
    powerW: 1200,
    today: {
      date: '2026-03-28',
      from: '2026-03-27T23:00:00.000Z',
      to: '2026-03-28T23:00:00.000Z',
      ...soFar(22 * 60 + 100),
    },
    month: { month: '2026-03', ...march, ...soFar(28 * 1440 - 20) },
    week: {
      week: '2026-W13',
      from: '2026-03-22T23:00:00.000Z',
      to: '2026-03-29T22:00:00.000Z',
      ...soFar(6 * 1440 - 20),
    },
    year: {
      year: '2026',
      from: '2025-12-31T23:00:00.000Z',
      to: '2026-12-31T23:00:00.000Z',
      ...soFar(87 * 1440 - 20),
    },
    billing: { ...march, ...soFar(28 * 1440 - 20) },
    quarters: [0, 15].map((minute) => ({
      start: new Date(START_MS + minute * MINUTE_MS).toISOString(),
      importWh: 300,
      exportWh: 0,
      estimated: false,
    })),
    coverage: 40 / (22 * 60 + 100),
  });
  await until('cost and peak are said', () => seqReached(cost, 41) && seqReached(peak, 41));
  expect(cost.at(-1)?.today).toEqual({ import: 0.2, export: 0, fixed: 0.4, total: 0.6 });
  expect(peak.at(-1)).toMatchObject({
    quarter: { elapsedS: 600, importWh: 200, averageW: 1200, predictedW: 1200 },
    month: { peakW: 1200, peakAt: '2026-03-28T22:00:00.000Z' },
  });
  const summary = await until('the site is summed up', () =>
    site.find(({ importTodayWh, demandAverageW }) => importTodayWh === 800 && demandAverageW),
  );
  expect(summary).toMatchObject({
    at: '2026-03-28T22:40:00.000Z',
    powerW: 1200,
    costToday: 0.6,
    demandPeakMonthW: 1200,
    meters: [{ meter: 'main', today: { importWh: 800 } }],
  });
});

test('a local day is closed with all its quarter-hours and its cost', async () => {
  const days = await person.hear(topics.dayAnalysis);
  await start('a');
  const meter = await meterOnBus('main');
  await readings(meter, 0, 61);
  const [day] = await until('the day is closed', () => days.length > 0 && days);
  expect(day).toMatchObject({ date: '2026-03-28', seq: 61, importWh: 1200, cost: 0.7 });
  expect(day?.quarters).toHaveLength(4);
});

test('readings that were never heard live are fetched from the journal', async () => {
  const energy = await person.hear(topics.energyAnalysis);
  await start('a');
  const meter = await meterOnBus('main');
  await readings(meter, 0, 10);
  await until('the first ones are analysed', () => seqReached(energy, 11));
  await readings(meter, 11, 1300, false);
  await until('the journal is followed', () => seqReached(energy, 1301));
  expect(energy.at(-1)?.month.importWh).toBe(1300 * 20);
  expect(meter.requests).toBeGreaterThanOrEqual(3);
});

test('a reading that breaks the contract is refused and the next one analysed', async () => {
  const energy = await person.hear(topics.energyAnalysis);
  const rejected = await person.hear(topics.serviceRejected);
  await start('a');
  const meter = await meterOnBus('main');
  await readings(meter, 0, 5);
  await until('the first ones are analysed', () => seqReached(energy, 6));
  await person.client.publishAsync('energy/meter/main/reading', '{"v":1,"meter":"main"}');
  await until('it is shown', () => rejected.length > 0);
  await readings(meter, 6, 10);
  await until('the next ones are analysed', () => seqReached(energy, 11));
});
