import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Reading } from '@wattbus/energy-model';
import { openJournal } from '@wattbus/journal';
import { until } from '@wattbus/testing';
import { openSqliteStore, type StoredPoint } from '@wattbus/time-series';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { newChain, type Chain } from './src/chain.js';
import { checkStoredResults, undisturbedRun } from './src/chaos/oracle.js';
import { Tally } from './src/chaos/tally.js';
import { startHouseMeter, type HouseMeter } from './src/house-meter.js';

const ZONE = 'Europe/Amsterdam';
const MINUTE_MS = 60_000;
const QUARTER_MS = 15 * MINUTE_MS;
const DAY_MS = 1_440 * MINUTE_MS;
/** Over the night in which the clock goes forward. */
const START_MS = Date.parse('2026-03-27T20:00:00+01:00');
/** Of the local midnights since the start; by the end the clock has gone forward. */
const daysClosedUntil = (atMs: number): number =>
  Math.floor((atMs + 120 * MINUTE_MS) / DAY_MS) - Math.floor((START_MS + 60 * MINUTE_MS) / DAY_MS);

let chain: Chain;
let meter: HouseMeter;

beforeAll(async () => {
  meter = await startHouseMeter(START_MS, { stepMs: QUARTER_MS });
  chain = await newChain({
    WATTBUS_SITE__ZONE: ZONE,
    WATTBUS_METERS__0__NAME: 'main',
    WATTBUS_METERS__0__PROTOCOL: 'dsmr',
    WATTBUS_METERS__0__PORT: meter.port,
    WATTBUS_STORE__BATCH_MS: '100',
  });
});
afterAll(async () => {
  await chain?.stop();
  await meter?.close();
});

test('a historian that is away over several ends of days stores what it would have stored', async () => {
  await chain.start('broker');
  const analyzer = await chain.start('analyzer');
  const historian = await chain.start('historian');
  await chain.start('meter-ingest');
  const talkedFor = async (days: number): Promise<void> => {
    meter.talk(10);
    await until(`${days} days`, () => (meter.said.at(-1)?.atMs ?? 0) >= START_MS + days * DAY_MS);
    meter.pause();
  };

  await talkedFor(1);
  await historian.kill();
  // Whoever takes the meter over has to know of the days that closed before.
  await talkedFor(3);
  await analyzer.kill();
  await talkedFor(3.5);
  await analyzer.restart();
  await talkedFor(6);
  await historian.restart();

  const lastMs = meter.said.at(-1)!.atMs;
  const closed = daysClosedUntil(lastMs);
  const storeFile = join(chain.dir, 'historian', 'history.db');
  await until('the last reading in the store', async () =>
    (await stored(storeFile, 'reading')).some(({ atMs }) => atMs === lastMs),
  );
  await until('the finals of all days', async () => {
    const days = await stored(storeFile, 'day');
    return days.filter(({ fields }) => fields['closed'] === true).length >= closed;
  });
  // Those of the open day come with what the analyzer says next.
  const newestMs = Math.floor(lastMs / QUARTER_MS) * QUARTER_MS - QUARTER_MS;
  await until('the newest quarter-hour', async () =>
    (await stored(storeFile, 'quarter')).some(({ atMs }) => atMs === newestMs),
  );
  expect(await historian.stop()).toBe(0);
  await chain.stop();
  const wanted = undisturbedRun(await journaled(chain.dir), ZONE, 'energy')!;
  expect(wanted.days).toHaveLength(closed);
  const tally = new Tally();
  const quarters = await stored(storeFile, 'quarter');
  checkStoredResults(wanted, { quarters, days: await stored(storeFile, 'day') }, tally);
  expect(tally.examples).toEqual([]);
}, 400_000);

async function stored(
  path: string,
  measurement: 'reading' | 'quarter' | 'day',
): Promise<readonly StoredPoint[]> {
  const store = openSqliteStore({ path, retentionDays: 0 });
  const range = { tags: { meter: 'main' }, fromMs: 0, toMs: 2 * START_MS, limit: 5_000 };
  const found = await store.points({ measurement, ...range });
  await store.close();
  return found.outcome === 'found' ? found.value : [];
}

/** Everything that was accepted. */
async function journaled(dir: string): Promise<readonly Reading[]> {
  const opened = await openJournal({ directory: join(dir, 'meter-ingest', 'journal') });
  assert(opened.ok, JSON.stringify(opened));
  const { journal } = opened;
  const readings: Reading[] = [];
  for (let fromSeq = 1; fromSeq <= journal.position('main').last;) {
    const page = await journal.page({ meter: 'main', epoch: journal.epoch, fromSeq, limit: 500 });
    assert(page.ok, JSON.stringify(page));
    readings.push(...page.readings);
    fromSeq = page.readings.at(-1)!.seq + 1;
  }
  await journal.close();
  return readings;
}
