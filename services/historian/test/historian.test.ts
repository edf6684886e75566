import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { topics, type ServiceHealth } from '@wattbus/mqtt-contract';
import { startService, type RunningService } from '@wattbus/nest-mqtt';
import { startTestBroker, testConfig, until, type Person, type TestBroker } from '@wattbus/testing';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BACKLOG_POINTS_MAX } from '../src/domain/backlog.js';
import { historian } from '../src/index.js';
import { differences, JournalOnBus, START_MS, storePlaces, type StorePlace } from './rig.js';

const at = (s: number): string => new Date(START_MS + s * 1_000).toISOString();

describe.each(['SQLite', 'InfluxDB'] as const)('the historian with %s', (kind) => {
  let broker: TestBroker;
  let place: StorePlace;
  let ingest: JournalOnBus;
  let bus: Person;
  let service: RunningService | null = null;

  const start = async (store: Record<string, unknown> = {}): Promise<RunningService> => {
    const config = testConfig({
      mqtt: { url: broker.url },
      instance: 'h1',
      logLevel: 'fatal',
      store: { ...place.settings, ...store },
    });
    return (service = await startService(historian, config));
  };
  const stop = async (): Promise<void> => {
    await service?.stop();
    service = null;
  };
  const counter = (name: string): number => service!.context.counters.get(name);
  const written = (points: number): Promise<true> =>
    until(`${points} points written`, () => counter('pointsWritten') >= points);
  /** Looks into the store once the historian is gone. */
  const differencesAfterStop = async (): Promise<string[]> => {
    await stop();
    const store = place.open();
    const found = await differences(store, ingest.accepted);
    await store.close();
    return found;
  };

  beforeEach(async () => {
    broker = await startTestBroker();
    place = await storePlaces[kind]();
    ingest = await JournalOnBus.open();
    bus = await ingest.join(broker.url);
  });
  afterEach(async () => {
    await stop();
    await bus.leave();
    await ingest.close();
    await place.remove();
    await broker.stop();
  });

  test('stores live readings of all meters with every value', async () => {
    await start();
    await until('connected', () => service!.context.bus.connected);
    for (const meter of ['main', 'pv', 'heat-pump']) {
      await ingest.publish(bus, await ingest.accept(meter, 300));
    }
    await written(900);
    expect(await differencesAfterStop()).toEqual([]);
  });

  test('says how far each meter is stored, also after a start without new readings', async () => {
    await start();
    await until('connected', () => service!.context.bus.connected);
    const cursors = await bus.hear(topics.storedCursor, { meter: 'main' });
    await ingest.publish(bus, await ingest.accept('main', 30));
    const { epoch } = ingest.accepted.get('main')![0]!;
    await until('the first cursor', () => cursors.length > 0);
    await stop();
    cursors.length = 0;
    await start();
    await until('the cursor of the store', () => cursors.at(-1)?.seq === 30);
    expect(cursors.at(-1)).toEqual({ v: 1, epoch, seq: 30 });
  });

  test('fetches what was made before it came, and what it missed while it was away', async () => {
    await ingest.publish(bus, await ingest.accept('main', 2_000));
    await start();
    await written(2_000);
    await stop();
    await ingest.publish(bus, await ingest.accept('main', 700));
    await start();
    await written(700);
    // From its cursor, not from the beginning.
    expect(counter('readingsTaken')).toBe(700);
    expect(await differencesAfterStop()).toEqual([]);
  });

  test('fetches readings whose messages got lost', async () => {
    await start();
    await until('connected', () => service!.context.bus.connected);
    const readings = await ingest.accept('main', 400);
    await ingest.publish(
      bus,
      readings.filter((_, i) => i % 7 !== 3),
    );
    await written(400);
    expect(await differencesAfterStop()).toEqual([]);
  });

  test('writes what it holds when it is stopped, though the batch is not due', async () => {
    await start({ batchMs: 60_000 });
    await until('connected', () => service!.context.bus.connected);
    await ingest.publish(bus, await ingest.accept('main', 40));
    await until('taken', () => counter('readingsTaken') === 40);
    expect(counter('pointsWritten')).toBe(0);
    expect(await differencesAfterStop()).toEqual([]);
  });

  test('puts a point that the store refuses aside and goes on with the next', async () => {
    await start();
    await until('connected', () => service!.context.bus.connected);
    const letters = await bus.hear(topics.serviceDeadLetter);
    // The contract takes the year 9999, no store does.
    const readings = await ingest.accept('main', 20, (given, i) =>
      i === 19 ? { ...given, at: '9999-12-31T00:00:00Z' } : given,
    );
    ingest.accepted.set('main', readings.slice(0, 19));
    await ingest.publish(bus, readings);
    await written(19);
    await until('a dead letter', () => letters.length > 0);
    expect(letters[0]).toMatchObject({
      reason: expect.stringMatching(/^time is no instant/),
      point: { tags: { meter: 'main' } },
    });
    const file = join(service!.context.config.dataDir, 'historian', 'dead-letters.jsonl');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(letters[0]);
    expect(counter('pointsRejected')).toBe(1);
    await stop();
    const store = place.open();
    const cursors = [{ meter: 'main', epoch: ingest.journal.epoch, seq: 20 }];
    expect(await store.readCursors()).toEqual({ outcome: 'found', value: cursors });
    await store.close();
    expect(await differencesAfterStop()).toEqual([]);
  });

  test('stores closed quarter-hours, days and costs of the analysis', async () => {
    await start();
    await until('connected', () => service!.context.bus.connected);
    const energy = topics.energyAnalysis.row.payload.parse(topics.energyAnalysis.row.sample);
    const day = topics.dayAnalysis.row.payload.parse(topics.dayAnalysis.row.sample);
    const cost = topics.costAnalysis.row.payload.parse(topics.costAnalysis.row.sample);
    const { meter } = energy;
    await bus.say(topics.energyAnalysis, { meter }, energy);
    await bus.say(topics.dayAnalysis, { meter }, day);
    await bus.say(topics.costAnalysis, { meter }, cost);
    const quarters = new Set([...energy.quarters, ...day.quarters].map((one) => one.start));
    await written(energy.quarters.length + 1 + day.quarters.length + 1 + 1);
    await stop();
    const store = place.open();
    const range = { tags: { meter }, fromMs: 0, toMs: START_MS * 2, limit: 100 };
    const found = await Promise.all(
      (['quarter', 'day', 'cost'] as const).map((measurement) =>
        store.points({ ...range, measurement }),
      ),
    );
    await store.close();
    const points = found.map((one) => (one.outcome === 'found' ? one.value : []));
    expect(points[0]!.map(({ atMs }) => atMs)).toEqual([...quarters].map(Date.parse).sort());
    expect(points[1]!.at(-1)!.fields).toMatchObject({ closed: true, cost: 2.41, currency: 'EUR' });
    expect(points[2]![0]!.fields).toMatchObject({ totalToday: 0.6436, totalMonth: 73.60224 });
  });

  test('answers requests for history, malformed ones with what is wrong', async () => {
    await start();
    await until('connected', () => service!.context.bus.connected);
    const replies = await bus.hear(topics.historyReply, { client: 'page-1' });
    await ingest.publish(bus, await ingest.accept('main', 600));
    await written(600);
    const request = {
      v: 1 as const,
      client: 'page-1',
      id: 'a',
      meter: 'main',
      quantity: 'energyImportWh' as const,
      from: at(0),
      to: at(600),
      resolutionS: 300,
    };
    await bus.say(topics.historyRequest, {}, request);
    const answer = await until('a reply', () => replies.find(({ id }) => id === 'a'));
    expect(answer).toEqual({
      v: 1,
      id: 'a',
      meter: 'main',
      quantity: 'energyImportWh',
      resolutionS: 300,
      cut: false,
      atMs: [START_MS, START_MS + 300_000],
      last: [5_000_299, 5_000_599],
    });
    const malformed = [
      { ...request, id: 'b', from: at(600), to: at(0) },
      { ...request, id: 'c', quantity: 'happiness' },
      { ...request, id: 'd', resolutionS: -5, to: 'tomorrow' },
      { client: 'page-1', id: 'e' },
    ];
    const topic = topics.historyRequest.topic('energy');
    for (const one of malformed) await bus.client.publishAsync(topic, JSON.stringify(one));
    await bus.client.publishAsync(topic, '{"client":"page-1"');
    await until('all replies', () => replies.length === 5);
    const errors = replies.slice(1).map(({ id, error }) => `${id}: ${error}`);
    expect(errors.sort()).toEqual([
      'b: from is not before to',
      expect.stringMatching(/^c: quantity: /),
      expect.stringMatching(/^d: to: .*resolutionS: /),
      expect.stringMatching(/^e: v: /),
    ]);
  });
});

describe('the historian while InfluxDB is away', () => {
  test('holds a bounded number of points, says so, and loses and doubles nothing', async () => {
    const broker = await startTestBroker();
    const place = await storePlaces.InfluxDB();
    const ingest = await JournalOnBus.open();
    const bus = await ingest.join(broker.url);
    const health = await bus.hear(topics.serviceHealth);
    const config = testConfig({
      mqtt: { url: broker.url },
      logLevel: 'fatal',
      store: place.settings,
    });
    const service = await startService(historian, config);
    const { counters } = service.context;
    const last = (): ServiceHealth | undefined => health.at(-1);
    await until('connected', () => service.context.bus.connected);

    const load = async (rounds: number): Promise<void> => {
      for (let round = 0; round < rounds; round += 1) {
        for (const meter of ['main', 'pv']) {
          await ingest.publish(bus, await ingest.accept(meter, 500));
        }
      }
    };
    await load(2);
    await until('first points', () => counters.get('pointsWritten') > 0);
    await place.influxdb!.kill();
    let backlogMax = 0;
    const watch = setInterval(() => {
      backlogMax = Math.max(backlogMax, counters.get('backlogPoints'));
    }, 5);
    await load(10);
    await until('degraded', () => last()?.state === 'degraded');
    expect(last()!.reason).toMatch(/does not take points/);
    await until('it is full', () => counters.get('timesFull') > 0);
    await place.influxdb!.restart();
    await load(2);
    const all = [...ingest.accepted.values()].flat().length;
    await until('all written', () => counters.get('pointsWritten') >= all);
    await until('ready again', () => last()?.state === 'ready');
    clearInterval(watch);
    await service.stop();
    expect(backlogMax).toBeLessThanOrEqual(BACKLOG_POINTS_MAX);
    const store = place.open();
    expect(await differences(store, ingest.accepted)).toEqual([]);
    await bus.leave();
    await ingest.close();
    await place.remove();
    await broker.stop();
  });
});
