import { describe, expect, test } from '@jest/globals';
import { keptFormat } from '@wattbus/testing';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashPassword, verifyPassword } from '../src/password.js';
import { diskFiles } from '../src/retained/retained-files.js';
import { RetainedStore } from '../src/retained/retained-store.js';
import { readUsers } from '../src/users-file.js';

const opened = (directory: string, damage: string[] = []): Promise<RetainedStore> =>
  RetainedStore.open(diskFiles, {
    directory,
    flushMs: 600_000,
    bytesMax: 1_048_576,
    onFault: (reason) => expect(reason).toBeNull(),
    onDamage: (message) => damage.push(message),
  });

async function valuesOf(store: RetainedStore): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for await (const { topic, payload, qos } of store.matching('#')) {
    values[topic] = `${payload.toString()} at ${qos}`;
  }
  return values;
}

describe('retained messages of version 1', () => {
  const made = { 'energy/a': '2 at 1', 'energy/전력': 'ä at 0' };

  test('are read, and written on', async () => {
    const directory = await keptFormat(import.meta.url, 'retained-1', async (path) => {
      mkdirSync(path);
      const store = await opened(path);
      store.put({ topic: 'energy/a', payload: '1', qos: 1 });
      store.put({ topic: 'energy/gone', payload: '1', qos: 1 });
      await store.flush();
      store.put({ topic: 'energy/a', payload: '2', qos: 1 });
      store.put({ topic: 'energy/전력', payload: 'ä', qos: 0 });
      store.remove('energy/gone');
      await store.close();
    });
    const damage: string[] = [];
    const store = await opened(directory, damage);
    expect(await valuesOf(store)).toEqual(made);
    expect(damage).toEqual([]);
    store.put({ topic: 'energy/b', payload: '3', qos: 1 });
    await store.close();
    expect(await valuesOf(await opened(directory))).toEqual({ ...made, 'energy/b': '3 at 1' });
  });

  test('of a newer version are refused and stay as they are', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'wattbus-retained-'));
    const path = join(directory, 'retained.log');
    const newer = Buffer.concat([Buffer.from('WBRT'), Buffer.from([0, 9, 0, 0]), Buffer.from('?')]);
    writeFileSync(path, newer);
    await expect(opened(directory)).rejects.toThrow(
      `${path} was written by a newer Wattbus (format 9, this one knows 1)`,
    );
    expect(readFileSync(path)).toEqual(newer);
  });
});

describe('accounts of version 1', () => {
  test('are read, with their passwords', async () => {
    const file = await keptFormat(import.meta.url, 'users-1.json', async (path) => {
      const hash = await hashPassword('right');
      const users = { anna: { role: 'viewer', hash }, historian: { role: 'historian', hash } };
      writeFileSync(path, JSON.stringify({ version: 1, users }));
    });
    const users = await readUsers(file);
    expect([...users].map(([name, { role }]) => [name, role])).toEqual([
      ['anna', 'viewer'],
      ['historian', 'historian'],
    ]);
    expect(await verifyPassword(Buffer.from('right'), users.get('anna')!.hash)).toBe(true);
    expect(await verifyPassword(Buffer.from('wrong'), users.get('anna')!.hash)).toBe(false);
  });

  test('of a newer version are refused and stay as they are', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'wattbus-users-')), 'users.json');
    const newer = '{"version":9,"accounts":[]}';
    writeFileSync(file, newer);
    await expect(readUsers(file)).rejects.toThrow(
      `broker.usersFile ${file} is of a newer Wattbus (version 9, this one knows 1)`,
    );
    expect(readFileSync(file, 'utf8')).toBe(newer);
  });
});
