import { hashPassword, readUsers, type UsersFile } from '@wattbus/broker';
import { serviceRoles, userRoles, type AccountRole } from '@wattbus/mqtt-contract';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Command } from '../command.js';
import { makeCertificates, namesOfThisMachine } from './certificates.js';

/** Passwords of the containers that are not ours: files of the same folder. */
const others = ['influxdb-admin', 'influxdb', 'influxdb-reader', 'grafana'] as const;

export const secrets: Command = {
  name: 'secrets',
  usage: '[--dir secrets] [--tls [--host NAME]…]',
  about: 'make passwords, accounts and, with --tls, certificates that are missing',
  run: async (args) => {
    const { values } = parseArgs({
      args: [...args],
      options: {
        dir: { type: 'string', default: 'secrets' },
        tls: { type: 'boolean', default: false },
        host: { type: 'string', multiple: true, default: [] },
      },
    });
    const made = await makeSecrets(values.dir);
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

/** Makes what is missing, changes nothing that is there; returns the names of what it made. */
export async function makeSecrets(dir: string): Promise<string[]> {
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, 0o700);
  const made: string[] = [];
  const passwordOf = (name: string): string => {
    const file = join(dir, name);
    // An empty one would be an account that anybody can use.
    if (!existsSync(file) || readFileSync(file, 'utf8').trim() === '') {
      // Groups make it readable aloud and typable on a phone; 100 bits remain.
      write(file, `${randomBytes(15).toString('hex').match(/.{6}/g)!.join('-')}\n`);
      made.push(name);
    }
    return readFileSync(file, 'utf8').trimEnd();
  };

  const users: Record<string, { role: AccountRole; hash: string }> = {};
  const usersFile = join(dir, 'users.json');
  // Before anything is made: what cannot be read must not be replaced.
  const kept = existsSync(usersFile) ? Object.fromEntries(await readUsers(usersFile)) : {};
  for (const role of [...serviceRoles, ...userRoles]) {
    users[role] = { role, hash: await hashPassword(passwordOf(role)) };
  }
  if (!existsSync(usersFile) || made.length > 0) {
    const file: UsersFile = { version: 1, users: { ...users, ...own(kept, users) } };
    for (const name of made) if (name in users) file.users[name] = users[name]!;
    write(usersFile, `${JSON.stringify(file, null, 2)}\n`);
  }
  const [admin, writer, reader] = others.map(passwordOf);
  write(
    join(dir, 'influxdb.env'),
    [
      'INFLUXDB_ADMIN_USER=admin',
      `INFLUXDB_ADMIN_PASSWORD=${admin}`,
      'INFLUXDB_USER=wattbus',
      `INFLUXDB_USER_PASSWORD=${writer}`,
      'INFLUXDB_READ_USER=grafana',
      `INFLUXDB_READ_USER_PASSWORD=${reader}`,
      '',
    ].join('\n'),
  );
  return made;
}

/** Accounts that somebody added by hand stay as they are. */
const own = (kept: UsersFile['users'], made: UsersFile['users']): UsersFile['users'] =>
  Object.fromEntries(Object.entries(kept).filter(([name]) => !(name in made)));

/**
 * The folder is for its owner only; the files in it can be read by whoever gets one, because a
 * container's user is another than the folder's owner. Whole or not there, whatever happens.
 */
function write(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o644, flush: true });
  renameSync(`${file}.new`, file);
}
