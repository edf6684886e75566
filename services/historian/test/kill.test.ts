import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { topics } from '@wattbus/mqtt-contract';
import { startTestBroker, until, type Person } from '@wattbus/testing';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { differences, JournalOnBus, storePlaces } from './rig.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const KILLS = 6;

/** The historian as its own process, because kill -9 cannot be tried on oneself. */
function launch(environment: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, [join(root, 'services/historian/dist/main.js')], {
    env: { PATH: process.env['PATH'], WATTBUS_LOG_LEVEL: 'fatal', ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  launched.push(child);
  return child;
}

/** Also those of a test that failed; they would outlive it. */
const launched: ChildProcess[] = [];
afterEach(() => {
  for (const child of launched.splice(0)) child.kill('SIGKILL');
});

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => child.once('exit', () => resolve()));

beforeAll(() => {
  const tsc = join(root, 'node_modules/tsc7/bin/tsc');
  execFileSync(process.execPath, [tsc, '-b', join(root, 'services/historian')]);
});

describe.each(['SQLite', 'InfluxDB'] as const)('kill -9 with %s', (kind) => {
  const folder = mkdtempSync(join(tmpdir(), 'historian-kill-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('of the historian, the broker and the store loses and doubles no reading', async () => {
    const place = await storePlaces[kind]();
    const ingest = await JournalOnBus.open();
    let broker = await startTestBroker();
    let bus: Person = await ingest.join(broker.url);
    const { port, url } = broker;
    const settings = place.settings as { influxdb?: { url: string }; sqliteFile?: string };
    const environment = {
      WATTBUS_DATA_DIR: folder,
      WATTBUS_MQTT__URL: url,
      WATTBUS_STORE__KIND: settings.influxdb ? 'influxdb' : 'sqlite',
      ...(settings.influxdb ? { WATTBUS_STORE__INFLUXDB__URL: settings.influxdb.url } : {}),
      ...(settings.sqliteFile ? { WATTBUS_STORE__SQLITE_FILE: settings.sqliteFile } : {}),
    };
    let child = launch(environment);
    for (let kill = 0; kill < KILLS; kill += 1) {
      const requests = await bus.hear(topics.replayRequest);
      for (const meter of ['main', 'pv', 'ev']) {
        await ingest.publish(bus, await ingest.accept(meter, 700));
      }
      // It is at work: it has asked for what it missed.
      await until('a request for a replay', () => requests.length > kill % 3);
      const gone = ended(child);
      child.kill('SIGKILL');
      await gone;
      if (kill === 2) {
        await broker.stop();
        await bus.leave();
        broker = await startTestBroker(port);
        bus = await ingest.join(url);
      }
      if (kill === 4) {
        await place.influxdb?.kill();
        await place.influxdb?.restart();
      }
      child = launch(environment);
    }
    await ingest.publish(bus, await ingest.accept('main', 10));
    for (const meter of ['pv', 'ev']) {
      await ingest.publish(bus, await ingest.accept(meter, 1));
    }
    const store = place.open();
    await until('all readings stored', async () => {
      const found = await store.readCursors();
      const cursors = found.outcome === 'found' ? found.value : [];
      return ['main', 'pv', 'ev'].every((meter) => {
        const { last } = ingest.journal.position(meter);
        return cursors.some((cursor) => cursor.meter === meter && cursor.seq === last);
      });
    });
    expect(await differences(store, ingest.accepted)).toEqual([]);
    const gone = ended(child);
    child.kill('SIGTERM');
    await gone;
    expect(child.exitCode).toBe(0);
    await store.close();
    await bus.leave();
    await ingest.close();
    await place.remove();
    await broker.stop();
  }, 240_000);
});
