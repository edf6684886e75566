import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '@wattbus/testing';
import { connectAsync, type MqttClient } from 'mqtt';
import { networkInterfaces } from 'node:os';
import { hashPassword } from '../src/password.js';
import type { Account } from '../src/sign-in.js';
import { runBroker, type RunningBroker } from './running-broker.js';

let accounts: ReadonlyMap<string, Account>;
let broker: RunningBroker;

beforeAll(async () => {
  const hash = await hashPassword('right');
  accounts = new Map([
    ['ingest', { role: 'meter-ingest', hash }],
    ['anna', { role: 'viewer', hash }],
    ['analyzer', { role: 'analyzer', hash }],
  ]);
});
afterEach(() => broker.stop());

const everywhere = [
  { kind: 'tcp', host: '0.0.0.0', port: 0, anonymous: true },
  { kind: 'webSocket', host: '0.0.0.0', port: 0, anonymous: true },
] as const;

const otherAddress = (): string | undefined =>
  Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)?.address;

/** What the broker answers to a subscription, a code for each filter. */
const codesOf = (client: MqttClient, filters: string[]): Promise<readonly number[]> =>
  new Promise((resolve) => {
    client.subscribe(filters, { qos: 1 }, (_error, _granted, packet) =>
      resolve((packet?.granted ?? []) as number[]),
    );
  });

describe('signing in', () => {
  test('takes the right password, and refuses a wrong one and an unknown user', async () => {
    broker = await runBroker({ accounts });
    const anna = await broker.connect({ username: 'anna', password: 'right' });
    expect(anna.connected).toBe(true);
    const refused = expect.objectContaining({ code: 4 });
    await expect(broker.connect({ username: 'anna', password: 'wrong' })).rejects.toEqual(refused);
    await expect(broker.connect({ username: 'bob', password: 'right' })).rejects.toEqual(refused);
    await expect(broker.connect({ username: 'anna' })).rejects.toEqual(refused);
    expect(broker.counters.get('signInWrong')).toBe(3);
  });

  test('refuses clients without a password on a listener beyond loopback', async () => {
    broker = await runBroker({ accounts, listeners: everywhere });
    const refused = expect.objectContaining({ code: 5 });
    await expect(broker.connect()).rejects.toEqual(refused);
    const addresses = ['127.0.0.1', otherAddress()].filter((one) => one !== undefined);
    for (const address of addresses) {
      for (const url of [
        `mqtt://${address}:${broker.tcpPort}`,
        `ws://${address}:${broker.webSocketPort}/mqtt`,
      ]) {
        const attempt = connectAsync(url, { reconnectPeriod: 0 }, false);
        await expect(attempt).rejects.toEqual(refused);
      }
    }
    expect(broker.counters.get('signInMissing')).toBe(1 + 2 * addresses.length);
  });

  test('refuses clients without a password where the listener does not say otherwise', async () => {
    const here = { kind: 'tcp', host: '127.0.0.1', port: 0, anonymous: false } as const;
    broker = await runBroker({ accounts, listeners: [here] });
    await expect(broker.connect()).rejects.toMatchObject({ code: 5 });
  });

  test('stops checking passwords for an address that guesses, but knows its friends', async () => {
    broker = await runBroker({ accounts });
    await broker.connect({ username: 'anna', password: 'right' });
    for (let i = 0; i < 10; i += 1) {
      const guess = broker.connect({ username: 'ingest', password: `guess ${i}` });
      await expect(guess).rejects.toMatchObject({ code: 4 });
    }
    const more = broker.connect({ username: 'ingest', password: 'right' });
    await expect(more).rejects.toMatchObject({ code: 5 });
    expect(broker.counters.get('signInLimited')).toBe(1);
    const again = await broker.connect({ username: 'anna', password: 'right' });
    expect(again.connected).toBe(true);
  });

  test('does not let one user end the connection of another by taking its client id', async () => {
    broker = await runBroker({ accounts });
    const ingest = await broker.connect({
      clientId: 'meter-ingest',
      username: 'ingest',
      password: 'right',
    });
    const thief = broker.connect({ clientId: 'meter-ingest', username: 'anna', password: 'right' });
    await expect(thief).rejects.toMatchObject({ code: 2 });
    expect(ingest.connected).toBe(true);
    const own = { clientId: 'meter-ingest', username: 'ingest', password: 'right' };
    await broker.connect(own);
    await until('the first connection ends', () => !ingest.connected);
  });
});

describe('rights', () => {
  test('refuses a subscription beyond the role with 128, and keeps the client', async () => {
    broker = await runBroker({ accounts });
    const ingest = await broker.connect({ username: 'ingest', password: 'right' });
    const filters = ['energy/#', 'energy/meter/+/replay/request', '$share/g/energy/#'];
    expect(await codesOf(ingest, filters)).toEqual([128, 1, 128]);
    expect(ingest.connected).toBe(true);
    expect(broker.counters.get('subscribeDenied')).toBe(2);
  });

  test('lets an analyzer of many meters hold many filters, and nobody else', async () => {
    broker = await runBroker({ accounts });
    const filters = Array.from({ length: 4_000 }, (_, i) => `energy/meter/m${i}/reading`);
    const grantedTo = async (username: string): Promise<number> => {
      const client = await broker.connect({ username, password: 'right' });
      const granted = await Promise.all(
        [0, 1, 2, 3].map((part) =>
          codesOf(client, filters.slice(part * 1_000, part * 1_000 + 1_000)),
        ),
      );
      return granted.flat().filter((code) => code < 128).length;
    };
    expect(await grantedTo('analyzer')).toBe(4_000);
    expect(await grantedTo('anna')).toBe(1_000);
  });

  test('drops what a role may not publish, wills too, and keeps the client', async () => {
    broker = await runBroker({ accounts });
    const seen: string[] = [];
    const admin = await broker.connect();
    admin.on('message', (topic) => seen.push(topic));
    await admin.subscribeAsync('#');
    const anna = await broker.connect({
      username: 'anna',
      password: 'right',
      will: {
        topic: 'energy/meter/main/state',
        payload: Buffer.from('dead'),
        qos: 1,
        retain: true,
      },
    });
    await anna.publishAsync('energy/meter/main/reading', '{}', { qos: 1 });
    await anna.publishAsync('energy/meter/main/state', 'x', { qos: 1, retain: true });
    await anna.publishAsync('$SYS/broker/uptime', '0', { qos: 1 });
    await anna.publishAsync('energy/history/request', '{}', { qos: 1 });
    anna.stream.destroy();
    await until('four denials', () => broker.counters.get('publishDenied') === 4);
    await admin.publishAsync('energy/end', '');
    await until('the end is seen', () => seen.includes('energy/end'));
    expect(seen).toEqual(['energy/history/request', 'energy/end']);
    const late = await broker.connect();
    const retained: string[] = [];
    late.on('message', (topic) => retained.push(topic));
    await late.subscribeAsync('energy/#');
    await late.publishAsync('energy/end', '');
    await until('the end is seen', () => retained.includes('energy/end'));
    expect(retained).toEqual(['energy/end']);
  });

  test('publishes the will of a client that is gone where its role may', async () => {
    broker = await runBroker({ accounts });
    const admin = await broker.connect();
    const topic = 'energy/service/meter-ingest/a1';
    const heard = new Promise((resolve) =>
      admin.on('message', (name, payload) => resolve([name, payload.toString()])),
    );
    await admin.subscribeAsync('energy/service/#');
    const ingest = await broker.connect({
      username: 'ingest',
      password: 'right',
      will: { topic, payload: Buffer.from('lost'), qos: 1, retain: true },
    });
    ingest.stream.destroy();
    expect(await heard).toEqual([topic, 'lost']);
  });
});
