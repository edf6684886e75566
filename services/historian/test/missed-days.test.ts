import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { packDay, topics, type DayAnalysis, type RecentDays } from '@wattbus/mqtt-contract';
import { startService, type RunningService } from '@wattbus/nest-mqtt';
import {
  joinBus,
  startTestBroker,
  testConfig,
  until,
  type Person,
  type TestBroker,
} from '@wattbus/testing';
import type { StoredPoint } from '@wattbus/time-series';
import { historian } from '../src/index.js';
import { START_MS, storePlaces, type StorePlace } from './rig.js';

const DAY_MS = 86_400_000;
const instant = (atMs: number): string => new Date(atMs).toISOString();

const day = (meter: string, n: number): DayAnalysis => ({
  v: 1,
  meter,
  medium: 'electricity',
  role: 'grid',
  at: instant(START_MS + (n + 1) * DAY_MS),
  epoch: 'e1',
  seq: (n + 1) * 1_000,
  date: instant(START_MS + n * DAY_MS).slice(0, 10),
  from: instant(START_MS + n * DAY_MS),
  to: instant(START_MS + (n + 1) * DAY_MS),
  importWh: 9_600 + n,
  quarters: Array.from({ length: 96 }, (_, i) => ({
    start: instant(START_MS + n * DAY_MS + i * 900_000),
    importWh: 100 + n,
    estimated: false,
  })),
});
const listOf = (days: readonly DayAnalysis[]): RecentDays => {
  const { v, meter, medium, role } = days[0]!;
  return { v, meter, medium, role, days: days.map(packDay) };
};

describe.each(['SQLite', 'InfluxDB'] as const)('with %s, days that closed unseen', (kind) => {
  let broker: TestBroker;
  let place: StorePlace;
  let bus: Person;
  let service: RunningService | null = null;

  const start = async (store: Record<string, unknown> = {}): Promise<RunningService> => {
    const config = testConfig({
      mqtt: { url: broker.url },
      logLevel: 'fatal',
      store: { ...place.settings, ...store },
    });
    return (service = await startService(historian, config));
  };
  const counter = (name: string): number => service!.context.counters.get(name);
  const say = async (days: readonly DayAnalysis[]): Promise<void> => {
    const { meter } = days[0]!;
    await bus.say(topics.recentDays, { meter }, listOf(days));
    await bus.say(topics.dayAnalysis, { meter }, days.at(-1)!);
  };
  /** The historian is stopped, then looked into. */
  const stored = async (meter: string): Promise<{ days: StoredPoint[]; quarters: number }> => {
    await service?.stop();
    service = null;
    const store = place.open();
    const range = { tags: { meter }, fromMs: 0, toMs: START_MS * 2, limit: 5_000 };
    const [days, quarters] = await Promise.all([
      store.points({ measurement: 'day', ...range }),
      store.points({ measurement: 'quarter', ...range }),
    ]);
    await store.close();
    if (days.outcome !== 'found' || quarters.outcome !== 'found') throw new Error('no answer');
    return { days: [...days.value], quarters: quarters.value.length };
  };

  beforeEach(async () => {
    broker = await startTestBroker();
    place = await storePlaces[kind]();
    bus = await joinBus(broker.url);
  });
  afterEach(async () => {
    await service?.stop();
    service = null;
    await bus.leave();
    await place.remove();
    await broker.stop();
  });

  test('are fetched for every meter when it comes, once', async () => {
    const meters = ['main', 'pv', 'heat-pump'];
    for (const meter of meters) await say([0, 1, 2, 3].map((n) => day(meter, n)));
    await start();
    await until('all of them', () => counter('pointsWritten') >= 3 * 4 * 97);
    const first = await stored('pv');
    expect(first.quarters).toBe(4 * 96);
    expect(first.days.map(({ fields }) => fields['importWh'])).toEqual([
      9_600, 9_601, 9_602, 9_603,
    ]);
    expect(first.days.every(({ fields }) => fields['closed'] === true)).toBe(true);

    // Another day closes while it is away; the others are there already.
    for (const meter of meters) await say([0, 1, 2, 3, 4].map((n) => day(meter, n)));
    await start();
    await until('all meters looked at', () => counter('daysLists') === 3);
    expect(counter('daysFetched')).toBeLessThanOrEqual(3);
    expect((await stored('main')).days).toHaveLength(5);
  });

  test('are fetched when the connection was away, without a new start', async () => {
    await start();
    await say([day('main', 0)]);
    await until('the first day', () => counter('pointsWritten') >= 97);
    const { port } = broker;
    await broker.stop();
    await bus.leave();
    broker = await startTestBroker(port);
    bus = await joinBus(broker.url);
    await say([0, 1, 2, 3].map((n) => day('main', n)));
    await until('the missed days', () => counter('daysFetched') >= 2);
    const found = await stored('main');
    expect(found.days).toHaveLength(4);
    expect(found.quarters).toBe(4 * 96);
  });
});
