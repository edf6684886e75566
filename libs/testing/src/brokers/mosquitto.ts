import { accessRules, type AccountRole } from '@wattbus/mqtt-contract';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.js';
import { isInstalled, startNode, type OtherBroker } from './broker-node.js';

export const hasMosquitto = (): boolean => isInstalled('mosquitto');

/** Mosquitto with an account for each role, which has the rights of the contract's table. */
export async function startMosquitto(root = 'energy'): Promise<OtherBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'mosquitto-'));
  const password = randomBytes(12).toString('hex');
  const rules = Object.entries(accessRules(root));
  const port = await freePort();
  const [config, users, rights] = ['mosquitto.conf', 'users', 'rights'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  writeFileSync(users, rules.map(([role]) => `${role}:${password}\n`).join(''), { mode: 0o600 });
  // Plain passwords become hashes.
  execFileSync('mosquitto_passwd', ['-U', users]);
  writeFileSync(rights, rules.map(rightsOf).join('\n'), { mode: 0o600 });
  writeFileSync(config, configOf({ folder, port, users, rights }));
  const node = await startNode({
    name: 'mosquitto',
    port,
    command: 'mosquitto',
    args: ['-c', config],
  });
  return {
    url: node.url,
    account: { username: 'admin', password },
    nodes: [node],
    qosMax: 1,
    accountEnv: (role) => ({ WATTBUS_MQTT__USERNAME: role, WATTBUS_MQTT__PASSWORD: password }),
    stop: async () => {
      await node.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const rightsOf = ([role, { publish, subscribe }]: [string, Rights]): string =>
  [
    `user ${role}`,
    ...publish.map((filter) => `topic write ${filter}`),
    ...subscribe.map((filter) => `topic read ${filter}`),
    '',
  ].join('\n');

type Rights = ReturnType<typeof accessRules>[AccountRole];

/** Started as root it would take another user, who may not read the folder. */
const configOf = (at: { folder: string; port: number; users: string; rights: string }): string => `
user ${userInfo().username}
listener ${at.port} 127.0.0.1
allow_anonymous false
password_file ${at.users}
acl_file ${at.rights}
persistence true
persistence_location ${at.folder}/
set_tcp_nodelay true
max_queued_messages 10000
log_type error
log_dest stderr
`;
