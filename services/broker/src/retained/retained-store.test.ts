import { Buffer } from 'node:buffer';
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { withEachFault } from '@wattbus/testing';
import { diskFiles, type RetainedFiles } from './retained-files.js';
import { retainedBytes, RetainedStore } from './retained-store.js';

interface Opened {
  readonly store: RetainedStore;
  readonly faults: (string | null)[];
  readonly damage: string[];
}

async function opened(
  directory: string,
  files: RetainedFiles = diskFiles,
  bytesMax = 1_048_576,
): Promise<Opened> {
  const faults: (string | null)[] = [];
  const damage: string[] = [];
  const store = await RetainedStore.open(files, {
    directory,
    flushMs: 600_000,
    bytesMax,
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

  test('has what it said was written, whichever call of the disk fails or is its last', async () => {
    const met = await withEachFault(async ({ disk, what, isPowerCut, end }) => {
      const states: Record<string, string>[] = [{}];
      /** Index of the newest state that is on the disk for all that the store has said. */
      let written = 0;
      for (let life = 0; life < 2; life += 1) {
        // A read error ends the start; whoever supervises the process starts it again.
        const given = await opened('/r', disk).catch(() => opened('/r', disk).catch(() => null));
        if (given === null) break;
        const { store, faults } = given;
        const flushed = async (): Promise<void> => {
          await store.flush();
          if ((faults.at(-1) ?? null) === null) written = states.length - 1;
        };
        for (let step = 0; step < 5; step += 1) {
          const state = { ...states.at(-1)! };
          if (step === 3) {
            store.remove('energy/1');
            delete state['energy/1'];
          } else {
            store.put(packet(`energy/${step % 3}`, `${life}-${step}`));
            state[`energy/${step % 3}`] = `${life}-${step}`;
          }
          states.push(state);
          await flushed();
        }
        await store.close();
        if ((faults.at(-1) ?? null) === null) written = states.length - 1;
        // Said once when it fails, and once when it works again.
        const said = faults.length === 0 ? [] : [expect.stringMatching(/ENOSPC|EIO/), null];
        if (!isPowerCut) expect([what, faults]).toEqual([what, said]);
      }
      end();
      const again = await opened('/r', disk);
      const found = await valuesOf(again.store);
      expect([what, states.slice(written)]).toEqual([what, expect.arrayContaining([found])]);
      await again.store.close();
    });
    expect(met).toBeGreaterThan(100);
  });

  test('holds no more than it may, and forgets the value that it could not replace', async () => {
    const each = retainedBytes('energy/0', 'x');
    const { store } = await opened(emptyDirectory(), diskFiles, 10 * each);
    for (let i = 0; i < 10; i += 1) expect(store.put(packet(`energy/${i}`, 'x'))).toBe(true);
    expect(store.put(packet('energy/a', 'x'))).toBe(false);
    expect(store.put(packet('energy/1', 'y'))).toBe(true);
    expect(store.put(packet('energy/1', 'longer'))).toBe(false);
    expect(Object.keys(await valuesOf(store))).toHaveLength(9);
    expect(store.put(packet('energy/a', 'x'))).toBe(true);
    expect(store.bytes).toBe(10 * each);
    await store.close();
  });

  test('keeps an eighth of its room for small messages', async () => {
    const large = 'x'.repeat(10_000);
    const { store } = await opened(emptyDirectory(), diskFiles, 80_000);
    const taken = Array.from({ length: 8 }, (_, i) => store.put(packet(`snapshot/${i}`, large)));
    expect(taken).toEqual([...Array.from({ length: 6 }, () => true), false, false]);
    expect(store.put(packet('position/7', '7'))).toBe(true);
    await store.close();
  });
});
