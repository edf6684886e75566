import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  accountRoles,
  serviceRoles,
  topics,
  type AccountRole,
  type Topic,
} from '@wattbus/mqtt-contract';
import { until } from '@wattbus/testing';
import type { MqttClient } from 'mqtt';
import { hashPassword } from '../src/password.js';
import { runBroker, type RunningBroker } from './running-broker.js';

/**
 * Every role tries every row of the contract. What it may do is read off the rows here, in another
 * way than the broker's rules are made.
 */
const rows = Object.values(topics) as Topic[];
const password = 'right';
const people: readonly AccountRole[] = ['viewer', 'operator', 'admin'];
let broker: RunningBroker;

beforeAll(async () => {
  const hash = await hashPassword(password);
  const accounts = new Map(accountRoles.map((role) => [role as string, { role, hash }]));
  broker = await runBroker({ accounts });
});
afterAll(() => broker.stop());

const connectAs = (role: AccountRole): Promise<MqttClient> =>
  broker.connect({ username: role, password });

/** Concrete topics of every row, for a service's rows as two different services; no two are equal. */
function concreteTopics(word: string): readonly string[] {
  const found = rows.flatMap((one) =>
    ['historian', 'controller'].map((service) => {
      const values = one.paramNames.map((name) => {
        const [first] = one.row.values?.[name] ?? [word];
        return [name, name === 'service' ? service : first!] as const;
      });
      return one.topic('energy', Object.fromEntries(values));
    }),
  );
  return [...new Set(found)];
}

/** MQTT has no filter for "one of these values", so a row's `values` do not narrow a right. */
function fits({ row }: Topic, topic: string, service: string | null): boolean {
  const own = row.absolute ? row.path : `energy/${row.path}`;
  const pattern = own
    .replaceAll('.', '\\.')
    .replaceAll('{service}', service ?? '[^/]+')
    .replaceAll(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${pattern}$`).test(topic);
}

function mayPublish(role: AccountRole, topic: string): boolean {
  if (role === 'admin') return true;
  const service = serviceRoles.some((one) => one === role) ? role : null;
  return rows.some((one) => one.row.publishedBy.includes(role) && fits(one, topic, service));
}

function mayRead(role: AccountRole, topic: string): boolean {
  if (role === 'admin' || (people.includes(role) && topic.startsWith('energy/'))) return true;
  return rows.some((one) => one.row.subscribedBy.includes(role) && fits(one, topic, null));
}

/** What an admin hears while `act` runs, of what has this payload. */
async function heardDuring(payload: string, act: () => Promise<void>): Promise<string[]> {
  const witness = await connectAs('admin');
  const heard: string[] = [];
  let ended = false;
  witness.on('message', (topic, bytes) => {
    if (topic === 'test/end') ended = true;
    else if (bytes.toString() === payload) heard.push(topic);
  });
  await witness.subscribeAsync('#', { qos: 1 });
  await act();
  await witness.publishAsync('test/end', '', { qos: 1 });
  await until('the end is heard', () => ended);
  await witness.endAsync();
  return heard.toSorted();
}

const retained = (payload: string): Promise<string[]> =>
  heardDuring(payload, () => Promise.resolve());

async function granted(client: MqttClient, filter: string): Promise<boolean> {
  return new Promise((resolve) => {
    client.subscribe(filter, { qos: 1 }, (_error, _granted, packet) => {
      const [code] = (packet?.granted ?? []) as number[];
      resolve(code !== undefined && code < 128);
    });
  });
}

describe.each(accountRoles)('the role %s', (role) => {
  test('publishes and retains what the contract says that it publishes, and nothing else', async () => {
    const word = `said-by-${role}`;
    const all = concreteTopics(word);
    const allowed = all.filter((topic) => mayPublish(role, topic)).toSorted();
    const client = await connectAs(role);
    const heard = await heardDuring(word, async () => {
      for (const topic of all) await client.publishAsync(topic, word, { qos: 1, retain: true });
    });
    expect(heard).toEqual(allowed);
    expect(await retained(word)).toEqual(allowed);
    expect(client.connected).toBe(true);
    await client.endAsync();
  });

  test('leaves a will where it may publish, and nowhere else', async () => {
    const word = `left-by-${role}`;
    const all = concreteTopics(word);
    const allowed = all.filter((topic) => mayPublish(role, topic)).toSorted();
    const denied = (): number => broker.counters.get('publishDenied');
    const deniedBefore = denied();
    const heard = await heardDuring(word, async () => {
      for (const topic of all) {
        const will = { topic, payload: Buffer.from(word), qos: 1, retain: true } as const;
        const client = await broker.connect({ username: role, password, will });
        client.stream.destroy();
      }
      const refused = all.length - allowed.length;
      await until('the refused wills', () => denied() - deniedBefore === refused);
      await until('the others', async () => (await retained(word)).length >= allowed.length);
    });
    expect(heard).toEqual(allowed);
    expect(await retained(word)).toEqual(allowed);
  });

  test('reads what the contract says that it reads, and nothing else', async () => {
    const all = concreteTopics(`for-${role}`);
    const allowed = all.filter((topic) => mayRead(role, topic)).toSorted();
    const client = await connectAs(role);
    const heard = new Set<string>();
    client.on('message', (topic) => heard.add(topic));
    const open: string[] = [];
    for (const topic of all) if (await granted(client, topic)) open.push(topic);
    expect(open.toSorted()).toEqual(allowed);
    const admin = await connectAs('admin');
    for (const topic of all) await admin.publishAsync(topic, 'x', { qos: 1, retain: true });
    await until('all that it may hear', () => heard.size >= allowed.length);
    expect([...heard].toSorted()).toEqual(allowed);
    await Promise.all([client.endAsync(), admin.endAsync()]);
  });

  test('gets no more by wildcards than by names', async () => {
    const client = await connectAs(role);
    const isPerson = people.includes(role);
    const filters: Readonly<Record<string, boolean>> = {
      '#': role === 'admin',
      '+/#': role === 'admin',
      '+/+/+': role === 'admin',
      'energy/#': isPerson,
      'energy/+/+/command': isPerson,
      '$SYS/#': isPerson,
      '$share/group/energy/#': false,
      'energy/analyzer/+/snapshot': isPerson || role === 'analyzer',
      'energy/meter/+/replay/#': isPerson,
      'energy/analysis/main/+': isPerson || role === 'analyzer',
    };
    for (const [filter, isOpen] of Object.entries(filters)) {
      expect([filter, await granted(client, filter)]).toEqual([filter, isOpen]);
    }
    await client.endAsync();
  });
});
