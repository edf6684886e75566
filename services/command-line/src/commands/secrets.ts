import { hashPassword, readUsers, verifyPassword, type UsersFile } from '@wattbus/broker';
import { Name } from '@wattbus/energy-model';
import { serviceRoles, userRoles } from '@wattbus/mqtt-contract';
import { randomBytes } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Command } from '../command.js';
import { makeCertificates, namesOfThisMachine } from './certificates.js';
import { diskFiles, readText, writeWhole, type SecretFiles } from './secret-files.js';

/** Passwords of the containers that are not ours: files of the same folder. */
const others = ['influxdb-admin', 'influxdb', 'influxdb-reader', 'grafana'] as const;

/** Of names of accounts that are for one device each. */
const DEVICE_PREFIX = 'device-';

export const secrets: Command = {
  name: 'secrets',
  usage: '[--dir secrets] [--device NAME]… [--tls [--host NAME]…]',
  about: 'make passwords, accounts and, with --tls, certificates that are missing',
  run: async (args) => {
    const { values } = parseArgs({
      args: [...args],
      options: {
        dir: { type: 'string', default: 'secrets' },
        device: { type: 'string', multiple: true, default: [] },
        tls: { type: 'boolean', default: false },
        host: { type: 'string', multiple: true, default: [] },
      },
    });
    const made = [...(await makeSecrets(values.dir, { devices: values.device }))];
    if (values.tls) {
      const wanted = [...namesOfThisMachine(), ...values.host];
      const tls = await makeCertificates(join(values.dir, 'tls'), wanted, new Date());
      made.push(...tls.made);
      console.log(`The certificate is for ${tls.names.join(', ')}; --host adds another.`);
      console.log(`Browsers and programs need ${basename(values.dir)}/tls/ca.crt to trust it.`);
    }
    console.log(made.length > 0 ? `made: ${made.join(', ')}` : 'nothing was missing');
    console.log(
      `Sign in to the page as "viewer"; the password is in ${basename(values.dir)}/viewer.`,
    );
    console.log(`Grafana’s "admin" has the password in ${basename(values.dir)}/grafana.`);
    return 0;
  },
};

export interface SecretsWanted {
  /** Each gets an account that speaks for this device only. */
  readonly devices?: readonly string[];
  readonly files?: SecretFiles;
}

/**
 * Makes what is missing, changes nothing that is there; returns the names of what it made. The
 * folder is for its owner only; the files in it can be read by whoever gets one, because a
 * container's user is another than the folder's owner.
 */
export async function makeSecrets(
  dir: string,
  { devices = [], files = diskFiles }: SecretsWanted = {},
): Promise<readonly string[]> {
  await files.makeDirectory(dir);
  await chmod(dir, 0o700);
  const usersFile = join(dir, 'users.json');
  const isThere = (await files.read(usersFile)) !== null;
  // Before anything is made: what cannot be read must not be replaced.
  const kept: UsersFile['users'] = isThere ? Object.fromEntries(await readUsers(usersFile)) : {};
  const accounts = { ...standard, ...deviceAccounts(kept, devices) };
  const passwords = await makePasswords(dir, [...Object.keys(accounts), ...others], files);
  const users = { ...kept };
  for (const [name, account] of Object.entries(accounts)) {
    const { password } = passwords.get(name)!;
    const known = kept[name];
    // One that was made shortly before a kill has no account yet.
    const isRight = known && (await verifyPassword(Buffer.from(password), known.hash));
    if (!isRight) users[name] = { ...account, ...known, hash: await hashPassword(password) };
  }
  const text = `${JSON.stringify({ version: 1, users } satisfies UsersFile, null, 2)}\n`;
  const isChanged = Object.keys(users).some((name) => users[name] !== kept[name]);
  if (isChanged) await writeWhole(files, usersFile, text, 0o644);
  await writeWhole(files, join(dir, 'influxdb.env'), influxdbEnv(passwords), 0o644);
  return [...passwords].filter(([, { isNew }]) => isNew).map(([name]) => name);
}

type AccountWanted = Pick<UsersFile['users'][string], 'role' | 'devices'>;

/** One for each role. */
const standard = Object.fromEntries(
  [...serviceRoles, ...userRoles].map((role): [string, AccountWanted] => [role, { role }]),
);

/** Those that are wanted now, and those of before, whose passwords may have been deleted. */
function deviceAccounts(
  kept: UsersFile['users'],
  wanted: readonly string[],
): Record<string, AccountWanted> {
  const before = Object.entries(kept).filter(
    ([name, { devices }]) => name.startsWith(DEVICE_PREFIX) && devices !== undefined,
  );
  const added = wanted.map((device): [string, AccountWanted] => {
    const name = Name.safeParse(device);
    if (!name.success) throw new Error(`--device ${device}: ${name.error.issues[0]!.message}`);
    return [`${DEVICE_PREFIX}${device}`, { role: 'device', devices: [device] }];
  });
  return Object.fromEntries([...before, ...added]);
}

interface Password {
  readonly password: string;
  readonly isNew: boolean;
}

/** One for each account and container, kept in a file of its name. */
async function makePasswords(
  dir: string,
  names: readonly string[],
  files: SecretFiles,
): Promise<ReadonlyMap<string, Password>> {
  const passwords = new Map<string, Password>();
  for (const name of names) {
    const file = join(dir, name);
    const there = (await readText(files, file))?.trimEnd() ?? '';
    // An empty one would be an account that anybody can use.
    const isNew = there.trim() === '';
    // Groups make it readable aloud and typable on a phone; 100 bits remain.
    const password = isNew ? randomBytes(15).toString('hex').match(/.{6}/g)!.join('-') : there;
    if (isNew) await writeWhole(files, file, `${password}\n`, 0o644);
    passwords.set(name, { password, isNew });
  }
  return passwords;
}

function influxdbEnv(passwords: ReadonlyMap<string, Password>): string {
  const [admin, writer, reader] = others.map((name) => passwords.get(name)!.password);
  return [
    'INFLUXDB_ADMIN_USER=admin',
    `INFLUXDB_ADMIN_PASSWORD=${admin}`,
    'INFLUXDB_USER=wattbus',
    `INFLUXDB_USER_PASSWORD=${writer}`,
    'INFLUXDB_READ_USER=grafana',
    `INFLUXDB_READ_USER_PASSWORD=${reader}`,
    '',
  ].join('\n');
}
