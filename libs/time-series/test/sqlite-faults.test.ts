import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openSqliteStore, type Point, type TimeSeriesStore } from '../src/index.js';
import Database from 'libsql';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const START_MS = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;

const point = (seq: number, stepMs = 1_000): Point => ({
  measurement: 'reading',
  tags: { meter: 'main', medium: 'electricity', role: 'grid' },
  fields: { seq, epoch: 'e1', powerW: seq % 500, energyImportWh: 1_000_000 + seq },
  atMs: START_MS + seq * stepMs,
});
const batch = (from: number, to: number, stepMs?: number) => ({
  points: Array.from({ length: to - from }, (_, i) => point(from + i, stepMs)),
  cursors: [{ meter: 'main', epoch: 'e1', seq: to - 1 }],
});
const committed = { outcome: 'committed', rejected: [] };

async function history(store: TimeSeriesStore, days: number, resolutionS: number) {
  const found = await store.history({
    meter: 'main',
    quantity: 'powerW',
    fromMs: START_MS,
    toMs: START_MS + days * DAY_MS,
    resolutionS,
  });
  if (found.outcome !== 'found') throw new Error(found.reason);
  return found.value;
}

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sqlite-'));
  path = join(folder, 'history.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the SQLite file', () => {
  test('holds a reading of eighteen quantities in less than 150 bytes', async () => {
    const store = openSqliteStore({ path, retentionDays: 0 });
    const names = ['powerL1W', 'powerL2W', 'voltageL1V', 'voltageL2V', 'currentL1A', 'currentL2A'];
    const registers = ['Import', 'Export'].flatMap((way) =>
      [1, 2, 3, 4].map((tariff) => `energy${way}Tariff${tariff}Wh`),
    );
    const wide = (seq: number): Point => {
      const gauges = names.map((name, i) => [name, 231.4 + ((seq + i) % 9) / 10]);
      const energies = registers.map((name, i) => [name, 1_000_000 + seq + i]);
      const { fields } = point(seq);
      return {
        ...point(seq),
        fields: {
          ...fields,
          ...Object.fromEntries([...gauges, ...energies]),
          volumeL: 1,
          pulses: 2,
        },
      };
    };
    const count = 20_000;
    for (let from = 0; from < count; from += 1_000) {
      const points = Array.from({ length: 1_000 }, (_, i) => wide(from + i));
      expect(await store.write({ points, cursors: [] })).toEqual(committed);
    }
    await store.close();
    expect(statSync(path).size / count).toBeLessThan(150);
  });

  test('is refused, with what to do, when a newer program made it', () => {
    const file = new Database(path);
    file.exec('PRAGMA user_version = 99');
    file.close();
    expect(() => openSqliteStore({ path, retentionDays: 0 })).toThrow(
      /cannot open the store .*: its version 99 is newer than this program's 1/,
    );
  });

  test('that cannot be is named in the error', () => {
    writeFileSync(join(folder, 'file'), '');
    const impossible = join(folder, 'file', 'history.db');
    expect(() => openSqliteStore({ path: impossible, retentionDays: 0 })).toThrow(impossible);
    writeFileSync(path, 'this is no database, but long enough to look like one'.repeat(100));
    expect(() => openSqliteStore({ path, retentionDays: 0 })).toThrow(/not a database/);
  });

  test('answers after its end that it is closed', async () => {
    const store = openSqliteStore({ path, retentionDays: 0 });
    await store.close();
    const closed = { outcome: 'retry', reason: 'the store is closed' };
    expect(await store.write(batch(1, 2))).toEqual(closed);
    expect(await store.readCursors()).toEqual(closed);
  });

  test('locked by somebody else gives a retry; the batch is whole afterwards', async () => {
    const store = openSqliteStore({ path, retentionDays: 0 });
    expect(await store.write(batch(1, 11))).toEqual(committed);
    const other = new Database(path);
    other.exec('BEGIN IMMEDIATE');
    expect(await store.write(batch(11, 21))).toMatchObject({
      outcome: 'retry',
      reason: expect.stringMatching(/BUSY/),
    });
    other.exec('ROLLBACK');
    other.close();
    expect(await store.write(batch(11, 21))).toEqual(committed);
    expect((await history(store, 1, 0)).atMs).toHaveLength(20);
    await store.close();
  });

  test('on a full disk gives a retry, and takes the batch once there is room', async () => {
    const small = join(folder, 'small');
    mkdirSync(small);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small], { stdio: 'ignore' });
    } catch {
      console.warn('skipped: a small file system cannot be mounted here');
      return;
    }
    try {
      const ballast = join(small, 'ballast');
      writeFileSync(ballast, Buffer.alloc(500_000));
      const store = openSqliteStore({ path: join(small, 'history.db'), retentionDays: 0 });
      let stored = 1;
      let outcome = await store.write(batch(stored, stored + 500));
      while (outcome.outcome === 'committed' && stored < 50_000) {
        stored += 500;
        outcome = await store.write(batch(stored, stored + 500));
      }
      expect(outcome).toMatchObject({
        outcome: 'retry',
        reason: expect.stringMatching(/full|disk/i),
      });
      rmSync(ballast);
      expect(await store.write(batch(stored, stored + 500))).toEqual(committed);
      const { last } = await store
        .history({
          meter: 'main',
          quantity: 'energyImportWh',
          fromMs: 0,
          toMs: START_MS * 2,
          resolutionS: 86_400,
        })
        .then((found) => (found.outcome === 'found' ? found.value : { last: [] }));
      expect(last!.at(-1)).toBe(1_000_000 + stored + 499);
      await store.close();
    } finally {
      execFileSync('umount', ['-l', small]);
    }
  });
});

describe('old readings', () => {
  test('are deleted after the days configured, and a long history stays', async () => {
    const store = openSqliteStore({ path, retentionDays: 2 });
    // One reading a minute for six days, then late ones of the first day once more.
    for (let from = 0; from < 6 * 1_440; from += 360) {
      expect(await store.write(batch(from, from + 360, 60_000))).toEqual(committed);
    }
    const before = await history(store, 6, 3_600);
    expect(await store.write(batch(100, 110, 60_000))).toEqual(committed);
    const after = await history(store, 6, 3_600);
    expect(after).toEqual(before);
    expect(after.atMs).toHaveLength(6 * 24);
    const raw = await history(store, 6, 0);
    expect(raw.atMs[0]).toBeGreaterThanOrEqual(START_MS + 4 * DAY_MS - 300_000);
    expect(raw.atMs.at(-1)).toBe(START_MS + 6 * DAY_MS - 60_000);
    await store.close();
  });
});
