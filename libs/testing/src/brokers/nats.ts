import { accessRules, type AccountRole } from '@wattbus/mqtt-contract';
import { connectAsync } from 'mqtt';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.js';
import { isInstalled, startNode, type BrokerNode, type OtherBroker } from './broker-node.js';

export const hasNats = (): boolean => isInstalled('nats-server');

/** What is retained or acknowledged is decided by a majority: with two nodes none may be away. */
const NODES = 3;
const CONNECT_MS_MAX = 3_000;

/**
 * A cluster of NATS servers, which speak MQTT, with an account for each role that has the rights of
 * the contract's table. All nodes have all retained messages.
 */
export async function startNatsCluster(root = 'energy'): Promise<OtherBroker> {
  const folder = mkdtempSync(join(tmpdir(), 'nats-'));
  const [password, routePassword] = [
    randomBytes(12).toString('hex'),
    randomBytes(12).toString('hex'),
  ];
  const ports: Ports[] = [];
  for (let i = 0; i < NODES; i += 1) {
    ports.push({ client: await freePort(), mqtt: await freePort(), route: await freePort() });
  }
  const account = { username: 'admin', password };
  const cluster = { folder, root, password, routePassword, ports };
  // A node takes nobody before it has found another one.
  const starts = await Promise.allSettled(ports.map((_, i) => start(cluster, i)));
  const nodes = starts.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const stop = async (): Promise<void> => {
    for (const node of nodes) await node.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  const failed = starts.find((one) => one.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return {
    url: nodes.map(({ url }) => url).join(','),
    account,
    nodes,
    // Each message with QoS 1 would go to the disks of a majority, and then from there.
    qosMax: 0,
    accountEnv: (role) => ({ WATTBUS_MQTT__USERNAME: role, WATTBUS_MQTT__PASSWORD: password }),
    stop,
  };
}

interface Ports {
  readonly client: number;
  readonly mqtt: number;
  readonly route: number;
}

interface Cluster {
  readonly folder: string;
  readonly root: string;
  readonly password: string;
  readonly routePassword: string;
  readonly ports: readonly Ports[];
}

function start(cluster: Cluster, index: number): Promise<BrokerNode> {
  const { folder, password, ports } = cluster;
  const name = `nats-${index + 1}`;
  const own = join(folder, name);
  mkdirSync(own);
  const config = join(own, 'nats.conf');
  writeFileSync(config, JSON.stringify(configOf(cluster, index, own)), { mode: 0o600 });
  const port = ports[index]!.mqtt;
  return startNode({
    name,
    port,
    command: 'nats-server',
    args: ['-c', config],
    // It listens long before it is a part of the cluster.
    isReady: () => signsIn(`mqtt://127.0.0.1:${port}`, password),
  });
}

async function signsIn(url: string, password: string): Promise<boolean> {
  const options = { username: 'admin', password, reconnectPeriod: 0, protocolVersion: 4 } as const;
  try {
    // Without the last argument it would wait for ever where the other side just hangs up.
    const client = await connectAsync(url, { ...options, connectTimeout: CONNECT_MS_MAX }, false);
    await client.endAsync(true);
    return true;
  } catch {
    return false;
  }
}

function configOf(
  { root, password, routePassword, ports }: Cluster,
  index: number,
  folder: string,
) {
  const { client, mqtt, route } = ports[index]!;
  const toRoutes = { user: 'route', password: routePassword };
  return {
    server_name: `nats-${index + 1}`,
    listen: `127.0.0.1:${client}`,
    jetstream: {
      store_dir: join(folder, 'store'),
      max_memory_store: 2 ** 26,
      max_file_store: 2 ** 30,
    },
    mqtt: { listen: `127.0.0.1:${mqtt}`, stream_replicas: NODES },
    cluster: {
      name: 'wattbus',
      listen: `127.0.0.1:${route}`,
      authorization: toRoutes,
      routes: ports.map((one) => `nats://route:${routePassword}@127.0.0.1:${one.route}`),
    },
    authorization: {
      users: Object.entries(accessRules(root)).map(([user, rights]) => ({
        user,
        password,
        permissions: permissionsOf(rights),
        allowed_connection_types: ['MQTT'],
      })),
    },
  };
}

type Rights = ReturnType<typeof accessRules>[AccountRole];

const permissionsOf = ({ publish, subscribe }: Rights) => ({
  publish: { allow: subjectsOf(publish) },
  // Messages with QoS 1 come to a client by way of the latter.
  subscribe: { allow: [...subjectsOf(subscribe), '$MQTT.sub.>'] },
});

/** MQTT filters as NATS writes them; `a.>` does not match `a` there. */
const subjectsOf = (filters: readonly string[]): string[] =>
  filters
    .filter((filter) => !filter.startsWith('$'))
    .map((filter) => filter.replaceAll('/', '.').replaceAll('+', '*').replaceAll('#', '>'))
    .flatMap((subject) => (subject.endsWith('.>') ? [subject.slice(0, -2), subject] : [subject]));
