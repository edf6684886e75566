import { afterEach, describe, expect, test } from '@jest/globals';
import { broker, BrokerService } from '@wattbus/broker';
import type { Reading } from '@wattbus/energy-model';
import { openJournal, type Journal } from '@wattbus/journal';
import { startService } from '@wattbus/nest-mqtt';
import { draftOf, joinBus, testConfig, until } from '@wattbus/testing';
import {
  openSqliteStore,
  readingPoint,
  type StoredPoint,
  type TimeSeriesStore,
} from '@wattbus/time-series';
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { create } from 'tar';
import { backUp, restoreData } from '../src/backup/archive.js';
import { backup } from '../src/commands/backup.js';
import { restore } from '../src/commands/restore.js';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const newDir = (): string => mkdtempSync(join(tmpdir(), 'wattbus-backup-'));
async function journalAt(dataDir: string): Promise<Journal> {
  const directory = join(dataDir, 'journal');
  // Small segments, so that some are closed and one is open.
  const opened = await openJournal({ directory, segmentBytes: 65_536 });
  assert(opened.ok, JSON.stringify(opened));
  return opened.journal;
}

async function allOf(journal: Journal): Promise<Reading[]> {
  const readings: Reading[] = [];
  for (let fromSeq = 1; ;) {
    const page = await journal.page({ meter: 'main', epoch: journal.epoch, fromSeq, limit: 500 });
    assert(page.ok, JSON.stringify(page));
    readings.push(...page.readings);
    if (page.readings.length === 0) return readings;
    fromSeq = page.readings.at(-1)!.seq + 1;
  }
}

const storeAt = (dataDir: string): TimeSeriesStore =>
  openSqliteStore({ path: join(dataDir, 'history.db'), retentionDays: 0 });

/** What the historian does with readings, in batches of this many. */
async function storeAll(store: TimeSeriesStore, readings: readonly Reading[]): Promise<void> {
  for (let at = 0; at < readings.length; at += 50) {
    const batch = readings.slice(at, at + 50);
    const { epoch, seq } = batch.at(-1)!;
    const written = await store.write({
      points: batch.map(readingPoint),
      cursors: [{ meter: 'main', epoch, seq }],
    });
    expect(written.outcome).toBe('committed');
  }
}

async function pointsOf(store: TimeSeriesStore): Promise<readonly StoredPoint[]> {
  const query = { measurement: 'reading', tags: { meter: 'main' }, limit: 5_000 } as const;
  const found = await store.points({ ...query, fromMs: 0, toMs: Date.UTC(2030, 0) });
  assert(found.outcome === 'found');
  return found.value;
}

async function cursorOf(store: TimeSeriesStore): Promise<number> {
  const found = await store.readCursors();
  assert(found.outcome === 'found');
  return found.value[0]!.seq;
}

/** When the archives of these tests say that they were made. */
const MADE_MS = Date.UTC(2026, 2, 1);

describe('a backup', () => {
  test('restores to an equal journal and an equal store', async () => {
    const config = testConfig({});
    const journal = await journalAt(config.dataDir);
    const store = storeAt(config.dataDir);
    for (let first = 0; first < 2_000; first += 100) {
      const drafts = Array.from({ length: 100 }, (_, i) => draftOf('main', first + i));
      const appended = await journal.appendAll(drafts);
      assert(appended.ok);
      await storeAll(store, appended.readings);
    }
    const archive = join(newDir(), 'wattbus.tar.gz');
    const report = await backUp(config, null, archive);
    expect(report.hasStore).toBe(true);
    // Manifest, store, and the journal in several segments.
    expect(report.files).toBeGreaterThan(4);
    expect(statSync(archive).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(archive, '..'))).toEqual(['wattbus.tar.gz']);

    const target = testConfig({});
    await restoreData(archive, target);
    const [journalThere, storeThere] = [await journalAt(target.dataDir), storeAt(target.dataDir)];
    expect(journalThere.epoch).toBe(journal.epoch);
    expect(await allOf(journalThere)).toEqual(await allOf(journal));
    expect(await pointsOf(storeThere)).toEqual(await pointsOf(store));
    expect(await storeThere.readCursors()).toEqual(await store.readCursors());
    for (const one of [journal, store, journalThere, storeThere]) await one.close();
  });

  test('that is taken while all is written lacks nothing that its store has', async () => {
    const config = testConfig({});
    const journal = await journalAt(config.dataDir);
    const store = storeAt(config.dataDir);
    let busy = true;
    let next = 0;
    const writing = (async () => {
      while (busy && next < 20_000) {
        const drafts = Array.from({ length: 20 }, () => draftOf('main', next++));
        const appended = await journal.appendAll(drafts);
        assert(appended.ok);
        await storeAll(store, appended.readings);
        await turn();
      }
    })();
    await until('some readings', () => next > 100);
    ends.push(() => ((busy = false), writing));
    for (let round = 0; round < 5; round += 1) {
      const archive = join(newDir(), 'running.tar.gz');
      await backUp(config, null, archive);
      const target = testConfig({});
      await restoreData(archive, target);
      const [journalThere, storeThere] = [await journalAt(target.dataDir), storeAt(target.dataDir)];
      const readings = await allOf(journalThere);
      const stored = await pointsOf(storeThere);
      expect(stored).toHaveLength(await cursorOf(storeThere));
      expect(readings.length).toBeGreaterThanOrEqual(stored.length);
      expect(readings.map(({ seq }) => seq)).toEqual(readings.map((_, i) => i + 1));
      // The historian goes on where the copied store stood.
      await storeAll(storeThere, readings.slice(stored.length));
      expect(await pointsOf(storeThere)).toHaveLength(readings.length);
      await journalThere.close();
      await storeThere.close();
    }
    busy = false;
    await writing;
    await journal.close();
    await store.close();
  });

  test('brings retained messages back to a broker', async () => {
    const given = { broker: { tcp: { port: 0 }, webSocket: { port: 0 }, retainedFlushMs: 100 } };
    const config = testConfig(given);
    const first = await startService(broker, config);
    const portOf = (service: typeof first): number =>
      service.get(BrokerService).listeners.find(({ kind }) => kind === 'tcp')!.port;
    const person = await joinBus(`mqtt://127.0.0.1:${portOf(first)}`);
    await person.client.publishAsync('energy/kept', 'still here', { qos: 1, retain: true });
    await person.leave();
    await first.stop();
    const archive = join(newDir(), 'retained.tar.gz');
    await backUp(config, null, archive);
    const target = testConfig(given);
    await restoreData(archive, target);
    const second = await startService(broker, target);
    ends.push(() => second.stop());
    const reader = await joinBus(`mqtt://127.0.0.1:${portOf(second)}`);
    ends.push(() => reader.leave());
    let heard = '';
    reader.client.on('message', (_topic, payload) => (heard = payload.toString()));
    await reader.client.subscribeAsync('energy/kept');
    await until('the retained message', () => heard === 'still here');
  });
});

describe('restoring', () => {
  async function anArchive(): Promise<string> {
    const config = testConfig({});
    const journal = await journalAt(config.dataDir);
    await journal.appendAll([draftOf('main', 1)]);
    await journal.close();
    const archive = join(newDir(), 'small.tar.gz');
    await backUp(config, null, archive);
    return archive;
  }

  test('refuses a data directory in which something is, and leaves it as it is', async () => {
    const archive = await anArchive();
    const target = testConfig({});
    const journal = await journalAt(target.dataDir);
    const before = readdirSync(target.dataDir);
    await expect(restoreData(archive, target)).rejects.toThrow('is not empty: stop Wattbus');
    expect(readdirSync(target.dataDir)).toEqual(before);
    await journal.close();
  });

  test('puts nothing in place of an archive that is torn, foreign or newer', async () => {
    const archive = await anArchive();
    const dir = newDir();
    const torn = join(dir, 'torn.tar.gz');
    const bytes = readFileSync(archive);
    writeFileSync(torn, bytes.subarray(0, bytes.length - 200));
    mkdirSync(join(dir, 'data'));
    writeFileSync(join(dir, 'data', 'x'), 'x');
    const foreign = join(dir, 'foreign.tar.gz');
    await create({ cwd: dir, file: foreign, gzip: true }, ['data/x']);
    const manifest = { format: 99, version: '9.0.0', at: new Date(MADE_MS).toISOString() };
    writeFileSync(join(dir, 'manifest.json'), JSON.stringify(manifest));
    const newer = join(dir, 'newer.tar.gz');
    await create({ cwd: dir, file: newer, gzip: true }, ['manifest.json', 'data/x']);
    const target = testConfig({});
    await expect(restoreData(torn, target)).rejects.toThrow();
    await expect(restoreData(foreign, target)).rejects.toThrow('no backup of Wattbus');
    await expect(restoreData(newer, target)).rejects.toThrow('Wattbus 9.0.0, which is newer');
    expect(readdirSync(target.dataDir)).toEqual([]);
  });

  test('writes nothing outside of the data directory, whatever the archive says', async () => {
    const dir = newDir();
    mkdirSync(join(dir, 'in'));
    writeFileSync(join(dir, 'escaped'), 'x');
    const manifest = { format: 1, version: '0.1.0', at: new Date(MADE_MS).toISOString() };
    writeFileSync(join(dir, 'in', 'manifest.json'), JSON.stringify(manifest));
    const archive = join(dir, 'evil.tar.gz');
    const options = { cwd: join(dir, 'in'), file: archive, gzip: true, preservePaths: true };
    await create(options, ['manifest.json', '../escaped']);
    const parent = newDir();
    const target = testConfig({ dataDir: join(parent, 'data') });
    await restoreData(archive, target).catch(() => undefined);
    expect(readdirSync(parent)).toEqual(['data']);
    expect(existsSync(join(parent, 'escaped'))).toBe(false);
  });
});

describe('the commands', () => {
  test('save a configuration and put it back, or beside one that differs', async () => {
    const dir = newDir();
    const [data, config] = [join(dir, 'data'), join(dir, 'wattbus.yaml')];
    mkdirSync(data);
    const journal = await journalAt(data);
    await journal.appendAll([draftOf('main', 1)]);
    await journal.close();
    const text = `dataDir: ${data}\nsite: { name: Villa }\n`;
    writeFileSync(config, text);
    const archive = join(newDir(), 'all.tar.gz');
    expect(await backup.run([archive, '--config', config])).toBe(0);
    rmSync(dir, { recursive: true });
    expect(await restore.run([archive, '--config', config])).toBe(0);
    expect(readFileSync(config, 'utf8')).toBe(text);
    expect(readdirSync(join(data, 'journal'))).not.toEqual([]);

    const changed = text.replace('Villa', 'Other');
    writeFileSync(config, changed);
    rmSync(data, { recursive: true });
    expect(await restore.run([archive, '--config', config])).toBe(0);
    expect(readFileSync(config, 'utf8')).toBe(changed);
    expect(readFileSync(`${config}.restored`, 'utf8')).toBe(text);
  });
});
