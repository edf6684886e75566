import { describe, expect, test } from '@jest/globals';
import { readUsers, verifyPassword } from '@wattbus/broker';
import { withEachFault } from '@wattbus/testing';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates } from '../src/commands/certificates.js';
import { diskFiles, readText, writeWhole, type SecretFiles } from '../src/commands/secret-files.js';
import { makeSecrets } from '../src/commands/secrets.js';

const newDir = (): string => mkdtempSync(join(tmpdir(), 'wattbus-secrets-'));
const now = new Date();

test('a file is there whole or as it was, whichever call of the disk fails or is its last', async () => {
  const path = '/secrets/server.key';
  const [before, after] = ['a key\n'.repeat(200), 'another key\n'.repeat(300)];
  const met = await withEachFault(async ({ disk, what, end }) => {
    const written = [null as string | null];
    for (const text of [before, after]) {
      await writeWhole(disk, path, text, 0o600).then(
        () => written.splice(0, Infinity, text),
        () => written.push(text),
      );
    }
    end();
    const found = await readText(disk, path);
    expect([what, written]).toEqual([what, expect.arrayContaining([found])]);
    await writeWhole(disk, path, after, 0o600);
    disk.powerCut(() => 0);
    expect([what, await readText(disk, path)]).toEqual([what, after]);
  });
  expect(met).toBeGreaterThan(50);
});

/** A disk on which the process is killed just before this file gets its new content. */
const dyingAt = (file: string): SecretFiles => ({
  ...diskFiles,
  rename: (from, to) =>
    to === file ? Promise.reject(new Error('killed')) : diskFiles.rename(from, to),
});

describe('certificates', () => {
  async function expectGood(dir: string, names: readonly string[]): Promise<string> {
    const made = await makeCertificates(dir, names, now);
    expect(made.names.toSorted()).toEqual(names.toSorted());
    const read = (name: string): string => readFileSync(join(dir, name), 'utf8');
    const server = new X509Certificate(read('server.crt'));
    expect(server.checkPrivateKey(createPrivateKey(read('server.key')))).toBe(true);
    expect(server.verify(new X509Certificate(read('ca.crt')).publicKey)).toBe(true);
    return read('ca.crt');
  }

  test.each(['ca.key', 'ca.crt', 'server.key', 'server.crt'])(
    'are good after a kill before %s, and the next try',
    async (name) => {
      const dir = newDir();
      const dying = dyingAt(join(dir, name));
      await expect(makeCertificates(dir, ['a.example'], now, dying)).rejects.toThrow('killed');
      await expectGood(dir, ['a.example']);
    },
  );

  test.each(['server.key', 'server.crt'])(
    'are good after a kill before a new %s, and are of the same CA',
    async (name) => {
      const dir = newDir();
      const authority = await expectGood(dir, ['a.example']);
      const names = ['a.example', 'b.example'];
      const renewed = makeCertificates(dir, names, now, dyingAt(join(dir, name)));
      await expect(renewed).rejects.toThrow('killed');
      // Also where nothing but the old names is asked for.
      await expectGood(dir, ['a.example']);
      expect(await expectGood(dir, names)).toBe(authority);
    },
  );
});

describe('passwords', () => {
  test('that were made just before a kill have their account at the next try', async () => {
    const dir = newDir();
    const [usersFile, file] = [join(dir, 'users.json'), join(dir, 'viewer')];
    await makeSecrets(dir);
    const before = readFileSync(usersFile, 'utf8');
    rmSync(file);
    await expect(makeSecrets(dir, { files: dyingAt(usersFile) })).rejects.toThrow('killed');
    expect(readFileSync(usersFile, 'utf8')).toBe(before);

    expect(await makeSecrets(dir)).toEqual([]);
    const accounts = await readUsers(usersFile);
    const password = Buffer.from(readFileSync(file, 'utf8').trimEnd());
    expect(await verifyPassword(password, accounts.get('viewer')!.hash)).toBe(true);
    // Of the others nothing has changed.
    const kept = JSON.parse(before) as { users: Record<string, { hash: string }> };
    expect(accounts.get('historian')!.hash).toBe(kept.users['historian']!.hash);
  });

  test('stay as they are where nothing is missing', async () => {
    const dir = newDir();
    await makeSecrets(dir);
    const before = readFileSync(join(dir, 'users.json'), 'utf8');
    expect(await makeSecrets(dir)).toEqual([]);
    expect(readFileSync(join(dir, 'users.json'), 'utf8')).toBe(before);
  });
});
