import { afterEach, expect, test } from '@jest/globals';
import { openJournal } from '@wattbus/journal';
import { serviceRoles, topics } from '@wattbus/mqtt-contract';
import { joinBus, startTestInfluxdb, until } from '@wattbus/testing';
import { openSqliteStore } from '@wattbus/time-series';
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newChain, type Chain, type ServiceProcess } from './src/chain.js';
import { startHouseMeter, type HouseMeter } from './src/house-meter.js';

const START_MS = Date.parse('2026-06-10T12:00:00+02:00');
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function houseWith(store: Record<string, string>): Promise<[HouseMeter, Chain]> {
  const meter = await startHouseMeter(START_MS);
  const chain = await newChain({
    WATTBUS_SITE__ZONE: 'Europe/Amsterdam',
    WATTBUS_METERS__0__NAME: 'main',
    WATTBUS_METERS__0__PROTOCOL: 'dsmr',
    WATTBUS_METERS__0__PORT: meter.port,
    // Far from due when the stop comes: what is written then is written because of it.
    WATTBUS_STORE__BATCH_MS: '600000',
    WATTBUS_STORE__BATCH_POINTS: '2000',
    WATTBUS_BROKER__RETAINED_FLUSH_MS: '600000',
    WATTBUS_PRICES__KIND: 'csv',
    WATTBUS_PRICES__FILE: priceFile(),
    WATTBUS_SIMULATOR__LISTEN: 'tcp://127.0.0.1:0',
    ...store,
  });
  ends.push(async () => {
    await chain.stop();
    await meter.close();
  });
  return [meter, chain];
}

/** Prices of today and tomorrow. */
function priceFile(): string {
  const file = join(mkdtempSync(join(tmpdir(), 'wattbus-prices-')), 'prices.csv');
  const hourMs = 3_600_000;
  const fromMs = Math.floor(Date.now() / hourMs) * hourMs;
  const lines = Array.from(
    { length: 48 },
    (_, hour) => `${new Date(fromMs + hour * hourMs).toISOString()},0.${hour + 10}`,
  );
  writeFileSync(file, ['time,price', ...lines, ''].join('\n'));
  return file;
}

/** A process that has not stopped within five seconds ends itself with another code than 0. */
const stopped = async (service: ServiceProcess): Promise<[string, number | null]> => [
  service.role,
  await service.stop(),
];

test('every service stops within five seconds under load, and leaves everything written', async () => {
  const [meter, chain] = await houseWith({});
  const services = new Map<string, ServiceProcess>();
  const roles = [
    'broker',
    'historian',
    'analyzer',
    'controller',
    'dashboard',
    'price-feed',
    'meter-simulator',
    'meter-ingest',
  ] as const;
  expect(roles.toSorted()).toEqual(serviceRoles.toSorted());
  for (const role of roles) services.set(role, await chain.start(role));
  const person = await joinBus(chain.mqttUrl);
  const readings = await person.hear(topics.meterReading, { meter: 'main' });
  const states = await person.hear(topics.serviceHealth);
  meter.talk(20);
  await until('load', () => readings.length > 100);
  for (const [role, service] of services) {
    const name = `wattbus_${role.replaceAll('-', '_')}_ready`;
    expect(await service.metrics()).toContain(`\n${name} 1\n`);
  }

  // In the order in which nothing that is stopped later is still needed.
  for (const role of [...roles].reverse().filter((one) => one !== 'broker')) {
    expect(await stopped(services.get(role)!)).toEqual([role, 0]);
    await until(`the last words of ${role}`, () =>
      states.some(({ service, state }) => service === role && state === 'stopped'),
    );
  }
  meter.pause();
  await person.leave();
  expect(await stopped(services.get('broker')!)).toEqual(['broker', 0]);

  const opened = await openJournal({ directory: join(chain.dir, 'meter-ingest', 'journal') });
  assert(opened.ok);
  const { last, epoch } = opened.journal.position('main');
  await opened.journal.close();
  expect(last).toBeGreaterThanOrEqual(readings.at(-1)!.seq);
  const path = join(chain.dir, 'historian', 'history.db');
  const store = openSqliteStore({ path, retentionDays: 0 });
  const found = await store.readCursors();
  await store.close();
  assert(found.outcome === 'found');
  expect(found.value).toContainEqual({ meter: 'main', epoch, seq: last });
  await services.get('broker')!.restart();
  const late = await joinBus(chain.mqttUrl);
  ends.push(() => late.leave());
  const snapshots = await late.hear(topics.analyzerSnapshot, { meter: 'main' });
  const snapshot = await until('the retained snapshot', () => snapshots[0]);
  expect(snapshot).toMatchObject({ epoch, seq: last });
}, 300_000);

test('a historian whose store does not answer stops in time as well', async () => {
  const influxdb = await startTestInfluxdb();
  ends.push(() => influxdb.stop());
  const { url, database } = influxdb;
  const [meter, chain] = await houseWith({
    WATTBUS_STORE__KIND: 'influxdb',
    WATTBUS_STORE__INFLUXDB__URL: url,
    WATTBUS_STORE__INFLUXDB__DATABASE: database,
    WATTBUS_STORE__BATCH_MS: '100',
  });
  await chain.start('broker');
  const historian = await chain.start('historian');
  await chain.start('meter-ingest');
  meter.talk(20);
  const counter = async (name: string): Promise<number> =>
    (await historian.health())?.counters[name] ?? 0;
  await until('points', async () => (await counter('pointsWritten')) > 0);
  await influxdb.freeze();
  ends.push(() => influxdb.thaw());
  const taken = await counter('readingsTaken');
  await until('points that wait', async () => (await counter('readingsTaken')) > taken + 50);
  expect(await stopped(historian)).toEqual(['historian', 0]);
}, 300_000);
