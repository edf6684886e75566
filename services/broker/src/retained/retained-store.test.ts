import { Buffer } from 'node:buffer';
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { diskFiles, type AppendedFile, type RetainedFiles } from './retained-files.js';
import { RETAINED_TOPICS_MAX, RetainedStore } from './retained-store.js';

interface Opened {
  readonly store: RetainedStore;
  readonly faults: (string | null)[];
  readonly damage: string[];
}

async function opened(directory: string, files: RetainedFiles = diskFiles): Promise<Opened> {
  const faults: (string | null)[] = [];
  const damage: string[] = [];
  const store = await RetainedStore.open(files, {
    directory,
    flushMs: 600_000,
    onFault: (reason) => faults.push(reason),
    onDamage: (message) => damage.push(message),
  });
  return { store, faults, damage };
}

const emptyDirectory = (): string => mkdtempSync(join(tmpdir(), 'wattbus-retained-'));
const packet = (topic: string, text: string) => ({ topic, payload: text, qos: 1 as const });

async function valuesOf(store: RetainedStore): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for await (const { topic, payload } of store.matching('#')) values[topic] = payload.toString();
  return values;
}

/** The file system of this machine, on which the nth call of append, sync or rename fails. */
function failing(failAt: number, torn: boolean): { files: RetainedFiles; calls: () => number } {
  let calls = 0;
  const fault = (): boolean => {
    calls += 1;
    return calls === failAt;
  };
  const noSpace = new Error('ENOSPC: no space left on device');
  const wrap = (file: AppendedFile): AppendedFile => ({
    close: () => file.close(),
    append: async (bytes) => {
      if (!fault()) return file.append(bytes);
      if (torn) await file.append(bytes.subarray(0, Math.floor(bytes.length / 2)));
      throw noSpace;
    },
    sync: async () => {
      if (fault()) throw noSpace;
      return file.sync();
    },
  });
  const files: RetainedFiles = {
    ...diskFiles,
    open: async (path, content) => wrap(await diskFiles.open(path, content)),
    rename: async (from, to) => {
      if (fault()) throw noSpace;
      return diskFiles.rename(from, to);
    },
  };
  return { files, calls: () => calls };
}

describe('RetainedStore', () => {
  test('gives back after a restart what was written, and forgets what was removed', async () => {
    const directory = emptyDirectory();
    const { store } = await opened(directory);
    store.put(packet('energy/a', '1'));
    store.put(packet('energy/b', '2'));
    await store.flush();
    store.put(packet('energy/a', '3'));
    store.remove('energy/b');
    store.put(packet('$SYS/broker/uptime', '4'));
    await store.close();

    const again = await opened(directory);
    expect(await valuesOf(again.store)).toEqual({ 'energy/a': '3' });
    expect(again.damage).toEqual([]);
    await again.store.close();
  });

  test('reads a log with a torn end, says so, and goes on with a clean file', async () => {
    const directory = emptyDirectory();
    const { store } = await opened(directory);
    store.put(packet('energy/a', '1'));
    await store.close();
    appendFileSync(join(directory, 'retained.log'), Buffer.from([0, 0, 0, 40, 1, 2]));

    const torn = await opened(directory);
    expect(torn.damage).toHaveLength(1);
    expect(await valuesOf(torn.store)).toEqual({ 'energy/a': '1' });
    torn.store.put(packet('energy/b', '2'));
    await torn.store.close();
    const clean = await opened(directory);
    expect(clean.damage).toEqual([]);
    expect(await valuesOf(clean.store)).toEqual({ 'energy/a': '1', 'energy/b': '2' });
  });

  test('puts a file that is none of its own aside instead of overwriting it', async () => {
    const directory = emptyDirectory();
    const path = join(directory, 'retained.log');
    writeFileSync(path, 'something else entirely');
    const { store, damage } = await opened(directory);
    expect(damage[0]).toContain('retained.log.unreadable');
    store.put(packet('energy/a', '1'));
    await store.close();
    expect(readFileSync(`${path}.unreadable`, 'utf8')).toBe('something else entirely');
    expect(await valuesOf((await opened(directory)).store)).toEqual({ 'energy/a': '1' });
  });

  test('keeps the log small however often a value changes', async () => {
    const directory = emptyDirectory();
    const { store } = await opened(directory);
    for (let round = 0; round < 100; round += 1) {
      for (let i = 0; i < 20; i += 1) store.put(packet(`energy/${i}`, `${round}`.repeat(1_000)));
      await store.flush();
    }
    await store.close();
    expect(readFileSync(join(directory, 'retained.log')).length).toBeLessThan(1.2 * 1024 * 1024);
    expect(Object.keys(await valuesOf((await opened(directory)).store))).toHaveLength(20);
  });

  test.each([true, false])(
    'survives each failed write (torn: %p): says so, and has all on disk after the next',
    async (torn) => {
      for (let failAt = 1; ; failAt += 1) {
        const directory = emptyDirectory();
        const { files, calls } = failing(failAt, torn);
        const { store, faults } = await opened(directory, files);
        const expected: Record<string, string> = {};
        for (let step = 0; step < 4; step += 1) {
          expected[`energy/${step % 3}`] = String(step);
          store.put(packet(`energy/${step % 3}`, String(step)));
          await store.flush();
          const before = await opened(directory);
          const onDisk = await valuesOf(before.store);
          if (faults.at(-1) === null || faults.length === 0) expect(onDisk).toEqual(expected);
        }
        await store.close();
        expect(await valuesOf((await opened(directory)).store)).toEqual(expected);
        if (calls() < failAt) break;
        expect(faults).toEqual([expect.stringContaining('ENOSPC'), null]);
      }
    },
  );

  test('holds no more topics than it may, and forgets the value that it could not replace', () => {
    return opened(emptyDirectory()).then(async ({ store }) => {
      for (let i = 0; i < RETAINED_TOPICS_MAX; i += 1) store.put(packet(`energy/${i}`, 'x'));
      expect(store.put(packet('energy/one-more', 'x'))).toBe(false);
      expect(store.put(packet('energy/1', 'y'))).toBe(true);
      expect(store.topics).toBe(RETAINED_TOPICS_MAX);
      await store.close();
    });
  });
});
