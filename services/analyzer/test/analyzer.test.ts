import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  topics,
  type AnalyzerSnapshot,
  type DayAnalysis,
  type EnergyAnalysis,
} from '@wattbus/mqtt-contract';
import { startService, type RunningService } from '@wattbus/nest-mqtt';
import {
  joinBus,
  startTestBroker,
  testConfig,
  until,
  type Person,
  type TestBroker,
} from '@wattbus/testing';
import { analyzer } from '../src/index.js';
import { MeterOnBus } from './meter-on-bus.js';

const MINUTE_MS = 60_000;
/** Three hours before the clock goes forward in Brussels. */
const START_MS = Date.parse('2026-03-28T22:00:00Z');
const QUARTERS = 16;

let broker: TestBroker;
let person: Person;
const running: RunningService[] = [];
const meters: MeterOnBus[] = [];

beforeEach(async () => {
  broker = await startTestBroker();
  person = await joinBus(broker.url);
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.stop()));
  await Promise.all(meters.splice(0).map((meter) => meter.leave()));
  await person.leave();
  await broker.stop();
});

async function start(instance: string): Promise<RunningService> {
  const config = testConfig({
    instance,
    mqtt: { url: broker.url },
    site: { zone: 'Europe/Brussels' },
    tariff: { importPricePerKWh: 0.25, fixedPerDay: 0.4 },
  });
  const service = await startService(analyzer, config);
  running.push(service);
  return service;
}

/** As by kill -9: the connection is gone in mid-flight, and nothing is said or saved any more. */
async function kill(service: RunningService): Promise<void> {
  service.context.bus.client.end(true);
  running.splice(running.indexOf(service), 1);
  await service.stop();
}

async function meterOnBus(name: string): Promise<MeterOnBus> {
  const meter = await MeterOnBus.join(broker.url, name);
  meters.push(meter);
  return meter;
}

/** Readings at 1.2 kW, one a minute, from minute to minute: 20 Wh each. */
async function readings(meter: MeterOnBus, from: number, to: number, say = true): Promise<void> {
  for (let minute = from; minute <= to; minute += 1) {
    const energyImportWh = 1_000_000 + minute * 20;
    await meter.accept(
      START_MS + minute * MINUTE_MS,
      { powerW: 1200, energyImportWh, energyExportWh: 0 },
      say,
    );
  }
  await meter.sayPosition();
}

const seqReached = (heard: readonly { seq: number }[], seq: number): boolean =>
  heard.some((result) => result.seq >= seq);

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
      importWh: 800,
      exportWh: 0,
    },
    month: {
      month: '2026-03',
      from: '2026-02-28T23:00:00.000Z',
      to: '2026-03-31T22:00:00.000Z',
      importWh: 800,
      exportWh: 0,
    },
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

describe('after a kill', () => {
  /** What an analyzer says that nobody disturbs. */
  async function undisturbed(): Promise<{ day: DayAnalysis; energy: EnergyAnalysis }> {
    const energy = await person.hear(topics.energyAnalysis, { meter: 'twin' });
    const days = await person.hear(topics.dayAnalysis, { meter: 'twin' });
    const twin = await meterOnBus('twin');
    await readings(twin, 0, QUARTERS * 15);
    await until('the twin is analysed', () => seqReached(energy, QUARTERS * 15 + 1));
    return { day: days.at(-1)!, energy: energy.at(-1)! };
  }

  const asTwin = <Result extends { meter: string }>(result: Result | undefined) =>
    result && { ...result, meter: 'twin' };

  test('an analyzer goes on from its snapshot to the same bytes', async () => {
    const energy = await person.hear(topics.energyAnalysis, { meter: 'main' });
    const days = await person.hear(topics.dayAnalysis, { meter: 'main' });
    const snapshots = await person.hear(topics.analyzerSnapshot, { meter: 'main' });
    const meter = await meterOnBus('main');
    const first = await start('a');
    await readings(meter, 0, 70);
    await until('the first part is analysed', () => seqReached(energy, 71));
    await first.stop();
    running.splice(running.indexOf(first), 1);
    await until('a snapshot is saved', () => seqReached(snapshots, 71));
    const second = await start('b');
    await readings(meter, 71, 100);
    await until('the second part is analysed', () => seqReached(energy, 101));
    await kill(second);
    await readings(meter, 101, QUARTERS * 15);
    const asked = meter.requests;
    await start('c');
    await until('the rest is analysed', () => seqReached(energy, QUARTERS * 15 + 1));
    expect(meter.requests).toBeGreaterThan(asked);
    const expected = await undisturbed();
    expect(JSON.stringify(asTwin(energy.at(-1)))).toBe(JSON.stringify(expected.energy));
    expect(JSON.stringify(asTwin(days.at(-1)))).toBe(JSON.stringify(expected.day));
  });

  test('without a snapshot all is made again from the journal', async () => {
    const energy = await person.hear(topics.energyAnalysis, { meter: 'main' });
    const meter = await meterOnBus('main');
    const first = await start('a');
    await readings(meter, 0, 100);
    await until('the first part is analysed', () => seqReached(energy, 101));
    await kill(first);
    await readings(meter, 101, QUARTERS * 15);
    await start('b');
    await until('all is analysed', () => seqReached(energy, QUARTERS * 15 + 1));
    const expected = await undisturbed();
    expect(JSON.stringify(asTwin(energy.at(-1)))).toBe(JSON.stringify(expected.energy));
  });
});

test('a snapshot of another version is refused, and the journal read from its start', async () => {
  const energy = await person.hear(topics.energyAnalysis);
  const snapshot: AnalyzerSnapshot = {
    v: 1,
    meter: 'main',
    epoch: 'e1',
    seq: 5,
    savedAt: new Date(START_MS).toISOString(),
    state: { meter: 'main', epoch: 'e1', seq: 5, analysis: { v: 99 } },
  };
  await person.say(topics.analyzerSnapshot, { meter: 'main' }, snapshot);
  const meter = await meterOnBus('main');
  const service = await start('a');
  await readings(meter, 0, 40);
  await until('all is analysed', () => seqReached(energy, 41));
  expect(energy.at(-1)?.today.importWh).toBe(800);
  expect(service.context.counters.get('snapshotsRefused')).toBe(1);
});

describe('replicas', () => {
  const names = Array.from({ length: 12 }, (_, i) => `meter-${i}`);
  const owned = (service: RunningService): number => service.context.counters.get('metersOwned');

  test('share the meters, and take over those of one that is killed', async () => {
    const energy = await person.hear(topics.energyAnalysis);
    const [a, b] = await Promise.all([start('a'), start('b')]);
    await until('they know each other', () =>
      [a, b].every(({ context }) => context.counters.get('replicas') === 2),
    );
    const all = await Promise.all(names.map(meterOnBus));
    await Promise.all(all.map((meter) => readings(meter, 0, 20)));
    const analysed = (seq: number): boolean =>
      names.every((name) => energy.some((one) => one.meter === name && one.seq === seq));
    await until('all meters are analysed', () => analysed(21));
    expect(owned(a) + owned(b)).toBe(names.length);
    expect(Math.min(owned(a), owned(b))).toBeGreaterThan(0);
    await kill(b);
    await Promise.all(all.map((meter) => readings(meter, 21, 40)));
    await until('one replica has all meters', () => owned(a) === names.length);
    await until('all meters are analysed on', () => analysed(41));
    for (const name of names) {
      const last = energy.filter(({ meter, seq }) => meter === name && seq === 41).at(-1);
      expect(last?.today.importWh).toBe(800);
    }
  });

  test('hand a meter over to one that comes', async () => {
    const energy = await person.hear(topics.energyAnalysis);
    const site = await person.hear(topics.siteAnalysis);
    const a = await start('a');
    const all = await Promise.all(names.map(meterOnBus));
    await Promise.all(all.map((meter) => readings(meter, 0, 20)));
    await until('one replica has all meters', () => owned(a) === names.length);
    const b = await start('b');
    await until('the newcomer has some', () => owned(b) > 0 && owned(a) + owned(b) === 12);
    await Promise.all(all.map((meter) => readings(meter, 21, 40)));
    await until('all meters are analysed on', () =>
      names.every((name) => energy.some((one) => one.meter === name && one.seq === 41)),
    );
    await until('the site is the sum of them', () => site.at(-1)?.importTodayWh === 800 * 12);
  });
});

test('an older result that comes late from another replica is said over', async () => {
  const meter = await MeterOnBus.join(broker.url, 'main');
  meters.push(meter);
  await start('a1');
  const energies = await person.hear(topics.energyAnalysis, { meter: 'main' });
  await meter.accept(START_MS, { energyImportWh: 1_000 });
  await meter.sayPosition();
  const first = await until('the first result', () => energies.at(-1));
  await meter.accept(START_MS + MINUTE_MS, { energyImportWh: 1_010 });
  await meter.sayPosition();
  const second = await until('the second result', () => energies.find(({ seq }) => seq === 2));

  const heard = energies.length;
  await person.say(topics.energyAnalysis, { meter: 'main' }, first);
  await until('the older result and the newer one again', () => energies.length >= heard + 2);
  expect(energies.slice(heard, heard + 2)).toEqual([first, second]);
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
