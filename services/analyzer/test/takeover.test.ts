import { describe, expect, test } from '@jest/globals';
import {
  topics,
  type AnalyzerSnapshot,
  type DayAnalysis,
  type EnergyAnalysis,
} from '@wattbus/mqtt-contract';
import type { RunningService } from '@wattbus/nest-mqtt';
import { until } from '@wattbus/testing';
import { nextMeterState, type MeterState } from '../src/domain/meter-state.js';
import { meterResults } from '../src/domain/results.js';
import { flatSite } from '../src/load-site.js';
import {
  kill,
  meterOnBus,
  person,
  readings,
  restartBroker,
  seqReached,
  start,
  START_MS,
  stop,
} from './rig.js';

const QUARTERS = 16;

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
    await stop(first);
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

describe('what comes late from another replica is said over', () => {
  test('an older result, on any of the topics', async () => {
    const meter = await meterOnBus('main');
    const service = await start('a');
    await readings(meter, 0, 61);
    const site = flatSite(service.context.config);
    const state = meter.journal.reduce<MeterState | null>(
      (before, reading) => nextMeterState(before, reading, site).state,
      null,
    )!;
    const there = meterResults.filter(
      ({ stampOf, textOf }) => stampOf(state) && textOf(state, site) !== null,
    );
    expect(there.length).toBeGreaterThanOrEqual(4);
    for (const [i, { topic, stampOf }] of there.entries()) {
      const heard = (await person.hear(topic, { meter: 'main' })) as EnergyAnalysis[];
      const { seq } = stampOf(state)!;
      const newest = await until(`the newest on ${topic.row.path}`, () =>
        heard.find((one) => one.seq === seq),
      );
      const before = heard.length;
      const older = { ...newest, seq: seq - 1 };
      await person.say(topic, { meter: 'main' }, older);
      await until('the older one and the newer one again', () => heard.length >= before + 2);
      expect(heard.slice(before, before + 2)).toEqual([older, newest]);
      expect(service.context.counters.get('resultsSaidOver')).toBe(i + 1);
    }
  });

  test('a result of a journal that is there no more', async () => {
    const heard = await person.hear(topics.energyAnalysis, { meter: 'main' });
    const meter = await meterOnBus('main');
    await start('a');
    await readings(meter, 0, 10);
    const newest = await until('the newest result', () => heard.find(({ seq }) => seq === 11));
    const before = heard.length;
    await person.say(topics.energyAnalysis, { meter: 'main' }, { ...newest, epoch: 'e0', seq: 99 });
    await until('it is said over', () => heard.length >= before + 2);
    expect(heard.at(-1)).toEqual(newest);
  });

  test('what a broker comes back with that had not written the newest', async () => {
    const heard = await person.hear(topics.energyAnalysis, { meter: 'main' });
    const meter = await meterOnBus('main');
    const service = await start('a');
    await readings(meter, 0, 10);
    const newest = await until('the newest result', () => heard.find(({ seq }) => seq === 11));
    await restartBroker();
    await person.say(topics.energyAnalysis, { meter: 'main' }, { ...newest, seq: 5 });
    await until('the analyzer is back', () => service.context.bus.connected);
    await until('the older result and the newest after it', () => {
      const older = heard.findLastIndex(({ seq }) => seq === 5);
      return older >= 0 && heard.findLastIndex(({ seq }) => seq === 11) > older;
    });
    expect(heard.at(-1)).toEqual(newest);
  });

  test('another summary of the site', async () => {
    const heard = await person.hear(topics.siteAnalysis);
    const meter = await meterOnBus('main');
    await start('a');
    await readings(meter, 0, 10);
    const newest = await until('the summary', () =>
      heard.find(({ importTodayWh, demandAverageW }) => importTodayWh === 200 && demandAverageW),
    );
    await person.say(topics.siteAnalysis, {}, { ...newest, importTodayWh: 180 });
    await until('it is heard', () => heard.some(({ importTodayWh }) => importTodayWh === 180));
    await until('it is said over', () => heard.at(-1)!.importTodayWh === 200);
    expect(heard.at(-1)).toEqual(newest);
  });
});
