import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chunks, isFault, type Telegram } from '@wattbus/energy-model';
import { measurementsOf, protocolNamed } from '@wattbus/meter-protocols';
import { openTransport, type Transport } from '@wattbus/meter-simulator';
import { Log } from '@wattbus/nest-mqtt';
import { startTestInfluxdb, until, type TestInfluxdb } from '@wattbus/testing';
import { openInfluxStore } from '@wattbus/time-series';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newChain, type Chain, type ServiceProcess } from '../src/chain.js';

const root = new URL('../..', import.meta.url).pathname;
const corpus = process.env['WATTBUS_CORPUS'] ?? join(root, '../shared/corpus');
const file = join(corpus, 'telegrams/dsmr-p1/nielsbasjes-dsmr-tools/stream_ttyUSB0-raw.txt');
const present = existsSync(file);
if (!present) console.warn(`no captures at ${corpus}: the stream of a real meter is skipped`);

/** The capture has lost its carriage returns, which the checksums cover. */
const stream = (): Buffer =>
  Buffer.from(readFileSync(file, 'latin1').replace(/\r?\n/g, '\r\n'), 'latin1');

/** What the decoder makes of the whole stream at once: checked in its own tests. */
function telegramsOf(bytes: Buffer): Telegram[] {
  const decoder = protocolNamed('dsmr')!.decoder({ standardOffsetMinutes: 60 });
  return decoder.push(bytes).filter((result): result is Telegram => !isFault(result));
}

(present ? describe : describe.skip)('the stream of a real meter on a pty', () => {
  let influxdb: TestInfluxdb;
  let cable: Transport;
  let chain: Chain;
  let ingest: ServiceProcess;

  beforeAll(async () => {
    influxdb = await startTestInfluxdb();
    chain = await newChain({
      WATTBUS_SITE__ZONE: 'Europe/Amsterdam',
      WATTBUS_STORE__KIND: 'influxdb',
      WATTBUS_STORE__INFLUXDB__URL: influxdb.url,
      WATTBUS_STORE__INFLUXDB__DATABASE: influxdb.database,
    });
    const link = join(chain.dir, 'ttyUSB0');
    cable = await openTransport(`pty:${link}`, new Log('test', 'error'));
    for (const role of ['broker', 'historian', 'analyzer'] as const) await chain.start(role);
    ingest = await chain.start('meter-ingest', {
      WATTBUS_METERS__0__NAME: 'main',
      WATTBUS_METERS__0__PROTOCOL: 'dsmr',
      WATTBUS_METERS__0__PORT: link,
      WATTBUS_METERS__0__BAUD_RATE: '115200',
    });
  }, 120_000);

  afterAll(async () => {
    await chain?.stop();
    await cable?.close();
    await influxdb?.stop();
  });

  test('is one point with the right registers for each telegram with a good checksum', async () => {
    const bytes = stream();
    const good = telegramsOf(bytes);
    expect(good).toHaveLength(566);
    expect(good.every(({ checked }) => checked)).toBe(true);

    // One telegram is made bad, so that there is one to refuse.
    const spoilt = Buffer.from(bytes);
    const at = spoilt.indexOf('1-0:1.8.1(', 200_000) + 12;
    spoilt[at] = spoilt[at] === 0x39 ? 0x38 : spoilt[at]! + 1;
    const expected = telegramsOf(spoilt);
    expect(expected).toHaveLength(565);

    for (const chunk of chunks(spoilt, 7, 4_096)) await cable.write(chunk);

    const store = openInfluxStore({
      url: influxdb.url,
      database: influxdb.database,
      retentionDays: 0,
      timeoutMs: 20_000,
    });
    const points = await until('a point for each good telegram', async () => {
      const found = await store.points({
        measurement: 'reading',
        tags: { meter: 'main' },
        fromMs: 0,
        toMs: Date.now(),
        limit: 5_000,
      });
      return found.outcome === 'found' && found.value.length === expected.length && found.value;
    });
    await store.close();

    const stated = expected.map((telegram) => {
      const { measured } = measurementsOf(telegram).find(({ subject }) => subject === 'main')!;
      return { atMs: Date.parse(telegram.at!), measured };
    });
    for (const [i, { atMs, measured }] of stated.entries()) {
      expect(points[i]!.fields).toMatchObject(measured);
      // Two telegrams of one second are a millisecond apart.
      expect(points[i]!.atMs - atMs).toBeGreaterThanOrEqual(0);
      expect(points[i]!.atMs - atMs).toBeLessThan(1_000);
    }
    const health = await ingest.health();
    expect(health!.counters['telegrams']).toBe(565);
    expect(health!.counters['fault.checksum']).toBe(1);
  });
});
