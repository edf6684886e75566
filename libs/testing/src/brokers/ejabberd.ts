import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../wait.js';
import { freePort, startNode, type BrokerNode, type OtherBroker } from './broker-node.js';

const CONTROL = '/usr/sbin/ejabberdctl';
const HOST = 'localhost';
const USER = 'wattbus';

/**
 * Two nodes of ejabberd that share subscriptions and retained messages. To a filter with a wildcard
 * a node gives only those retained topics that were published to it, or that it found at its start.
 *
 * They are run without its control script, which insists on another user and on a port mapper that
 * stays behind. Each node has a loopback address of its own, so that one port of the Erlang
 * distribution does for both.
 */
export async function startEjabberdCluster(): Promise<OtherBroker> {
  if (!existsSync(CONTROL)) throw new Error('ejabberd is not installed: apt-get install ejabberd');
  const libraries = /^ERL_LIBS='(.+)'$/m.exec(readFileSync(CONTROL, 'utf8'))?.[1];
  if (libraries === undefined) throw new Error(`${CONTROL} names no ERL_LIBS`);
  const folder = mkdtempSync(join(tmpdir(), 'ejabberd-'));
  const shared = {
    folder,
    libraries,
    password: randomBytes(12).toString('hex'),
    cookie: randomBytes(12).toString('hex'),
    distributionPort: await freePort(),
  };
  const nodes: BrokerNode[] = [];
  for (const address of ['127.0.0.1', '127.0.0.2']) nodes.push(await start(shared, address));
  return {
    url: nodes.map(({ url }) => url).join(','),
    account: { username: `${USER}@${HOST}`, password: shared.password },
    nodes,
    accountEnv: () => ({
      WATTBUS_MQTT__USERNAME: `${USER}@${HOST}`,
      WATTBUS_MQTT__PASSWORD: shared.password,
    }),
    stop: async () => {
      for (const node of nodes) await node.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Shared {
  readonly folder: string;
  readonly libraries: string;
  readonly password: string;
  readonly cookie: string;
  readonly distributionPort: number;
}

const FIRST = `node@127.0.0.1`;

async function start(shared: Shared, address: string): Promise<BrokerNode> {
  const folder = join(shared.folder, address);
  mkdirSync(folder);
  const port = await freePort();
  const config = join(folder, 'ejabberd.yml');
  writeFileSync(config, configOf(port));
  const name = `node@${address}`;
  // Only the first start has something to set up; a node that comes back knows where it belongs.
  const once =
    name === FIRST
      ? `ejabberd_auth:try_register(<<"${USER}">>, <<"${HOST}">>, <<"${shared.password}">>)`
      : `case lists:member('${FIRST}', ejabberd_cluster:get_nodes()) of true -> ok; ` +
        `false -> ok = ejabberd_admin:join_cluster(<<"${FIRST}">>) end`;
  const node = await startNode({
    name,
    port,
    command: 'erl',
    args: [
      // One scheduler that does not spin: two nodes share a small machine with all the rest.
      ...['+S', '1', '+sbwt', 'none', '-noinput', '-name', name, '-setcookie', shared.cookie],
      ...['-start_epmd', 'false', '-erl_epmd_port', String(shared.distributionPort)],
      ...['-kernel', 'inet_dist_use_interface', `{${address.replaceAll('.', ',')}}`],
      ...['-mnesia', 'dir', `"${join(folder, 'tables')}"`],
      ...['-s', 'ejabberd', '-eval', `${once}, file:write_file("${folder}/is-set-up", "")`],
    ],
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      ERL_LIBS: shared.libraries,
      ERL_CRASH_DUMP_BYTES: '0',
      EJABBERD_CONFIG_PATH: config,
      EJABBERD_LOG_PATH: join(folder, 'ejabberd.log'),
    },
  });
  await until(`${name} to be set up`, () => existsSync(join(folder, 'is-set-up')));
  // Joining takes the listener down for a moment.
  await node.ready();
  return node;
}

const configOf = (port: number): string => `
hosts: [${HOST}]
loglevel: error
auth_method: [internal]
listen:
  - { port: ${port}, ip: "127.0.0.1", module: mod_mqtt, backlog: 100 }
modules:
  mod_mqtt:
    access_publish: { "#": [ { allow: all } ] }
    access_subscribe: { "#": [ { allow: all } ] }
    max_queue: 10000
    match_retained_limit: infinity
`;
