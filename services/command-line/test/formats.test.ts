import { describe, expect, test } from '@jest/globals';
import { openJournal } from '@wattbus/journal';
import { draftOf, keptFormat, testConfig } from '@wattbus/testing';
import { openSqliteStore, readingPoint } from '@wattbus/time-series';
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backUp, restoreData } from '../src/backup/archive.js';
import { makeSecrets } from '../src/commands/secrets.js';

const COUNT = 20;
const newDir = (): string => mkdtempSync(join(tmpdir(), 'wattbus-formats-'));

const keptBackup = (): Promise<string> =>
  keptFormat(import.meta.url, 'backup-1.tar.gz', async (path) => {
    const config = testConfig({});
    const opened = await openJournal({ directory: join(config.dataDir, 'journal') });
    assert(opened.ok);
    const { journal } = opened;
    const drafts = Array.from({ length: COUNT }, (_, n) => draftOf('main', n));
    const appended = await journal.appendAll(drafts);
    assert(appended.ok);
    await journal.close();
    const file = join(config.dataDir, 'history.db');
    const store = openSqliteStore({ path: file, retentionDays: 0 });
    const points = appended.readings.map(readingPoint);
    const cursors = [{ meter: 'main', epoch: journal.epoch, seq: COUNT }];
    await store.write({ points, cursors });
    await store.close();
    await backUp(config, null, path);
  });

async function expectRestored(dataDir: string): Promise<void> {
  const opened = await openJournal({ directory: join(dataDir, 'journal') });
  assert(opened.ok, JSON.stringify(opened));
  expect(opened.journal.position('main')).toMatchObject({ first: 1, last: COUNT });
  const store = openSqliteStore({ path: join(dataDir, 'history.db'), retentionDays: 0 });
  expect(await store.readCursors()).toMatchObject({ value: [{ meter: 'main', seq: COUNT }] });
  await store.close();
  await opened.journal.close();
}

describe('a backup of version 1', () => {
  test('is restored whole', async () => {
    const target = testConfig({});
    await restoreData(await keptBackup(), target);
    await expectRestored(target.dataDir);
  });

  test('that is cut off or damaged anywhere is restored whole or not at all', async () => {
    const archive = await keptBackup();
    const bytes = readFileSync(archive);
    const step = Math.ceil(bytes.length / 150);
    const variants: [string, Buffer][] = [];
    for (let at = 0; at < bytes.length; at += step) {
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 0x10;
      variants.push([`byte ${at} damaged`, flipped]);
      variants.push([`cut at ${at}`, bytes.subarray(0, at)]);
    }
    let refused = 0;
    for (const [what, content] of variants) {
      writeFileSync(archive, content);
      const target = testConfig({});
      const isRestored = await restoreData(archive, target).then(
        () => true,
        () => false,
      );
      if (isRestored) await expectRestored(target.dataDir);
      else expect([what, readdirSync(target.dataDir)]).toEqual([what, []]);
      refused += isRestored ? 0 : 1;
    }
    expect(refused).toBeGreaterThan(variants.length * 0.9);
  });
});

describe('secrets that were cut off while they were made', () => {
  test('are made anew: no password is ever empty', async () => {
    const dir = newDir();
    writeFileSync(join(dir, 'viewer'), '');
    writeFileSync(join(dir, 'historian'), '\n');
    expect(await makeSecrets(dir)).toEqual(expect.arrayContaining(['viewer', 'historian']));
    for (const name of ['viewer', 'historian', 'grafana']) {
      expect(readFileSync(join(dir, name), 'utf8')).toMatch(/^([0-9a-f]{6}-){4}[0-9a-f]{6}\n$/);
    }
    expect(readdirSync(dir).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  test('are never replaced where the accounts cannot be read: somebody may have added some', async () => {
    const dir = newDir();
    await makeSecrets(dir);
    const file = join(dir, 'users.json');
    const whole = readFileSync(file, 'utf8');
    for (const text of [whole.slice(0, 100), '{"version":9,"users":{}}']) {
      writeFileSync(file, text);
      writeFileSync(join(dir, 'viewer'), '');
      await expect(makeSecrets(dir)).rejects.toThrow(`${file}`);
      expect(readFileSync(file, 'utf8')).toBe(text);
    }
    expect(existsSync(`${file}.new`)).toBe(false);
  });
});
