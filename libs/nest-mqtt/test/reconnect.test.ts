import { afterEach, expect, test } from '@jest/globals';
import { topics } from '@wattbus/mqtt-contract';
import { joinBus, startTestBroker, until } from '@wattbus/testing';
import type { IClientOptions } from 'mqtt';
import mqttPacket, { type Packet } from 'mqtt-packet';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { BrokerAddresses } from '../src/broker-addresses.js';
import { Bus, Counters, Log } from '../src/index.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface MuteBroker {
  readonly url: string;
  readonly sockets: readonly Socket[];
  readonly heard: readonly string[];
  /** Filters of each SUBSCRIBE. */
  readonly subscribed: readonly string[][];
  readonly packets: readonly Packet[];
}

/**
 * Lets everybody in and acknowledges nothing, as a broker does that dies at the wrong moment. To the
 * n-th SUBSCRIBE it answers as told.
 */
async function startMuteBroker({
  returnCode = 0,
  answers = [] as readonly (readonly number[])[],
} = {}): Promise<MuteBroker> {
  const sockets: Socket[] = [];
  const heard: string[] = [];
  const subscribed: string[][] = [];
  const packets: Packet[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    const parser = mqttPacket.parser();
    parser.on('packet', (packet) => {
      packets.push(packet);
      if (packet.cmd === 'connect') {
        socket.write(mqttPacket.generate({ cmd: 'connack', returnCode, sessionPresent: false }));
        // MQTT 3.1.1 §3.2.2.3.
        if (returnCode !== 0) socket.end();
      }
      if (packet.cmd === 'publish') heard.push(`${sockets.length}: ${packet.payload.toString()}`);
      if (packet.cmd !== 'subscribe') return;
      const granted = answers[subscribed.length];
      subscribed.push(packet.subscriptions.map(({ topic }) => topic));
      const messageId = packet.messageId!;
      if (granted)
        socket.write(mqttPacket.generate({ cmd: 'suback', messageId, granted: [...granted] }));
    });
    socket.on('data', (bytes) => parser.parse(bytes));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `mqtt://127.0.0.1:${port}`, sockets, heard, subscribed, packets };
}

/** A bus at a broker that acknowledges nothing. */
async function startMuted(): Promise<{ broker: MuteBroker; bus: Bus; counters: Counters }> {
  const broker = await startMuteBroker();
  const counters = new Counters();
  const bus = new Bus(
    { url: broker.url, clientId: 'test', root: 'energy' },
    new Log('test', 'silent'),
    counters,
  );
  ends.push(() => bus.close(0));
  return { broker, bus, counters };
}

const cursor = { v: 1 as const, epoch: 'e1', seq: 1 };
const filters = ['energy/meter/+/reading', 'energy/meter/+/journal'];

test('what was not acknowledged is not sent again after a reconnect', async () => {
  const { broker, bus, counters } = await startMuted();
  const params = { meter: 'main', quantity: 'powerW' };
  bus.start();
  await until('the connection', () => bus.connected);
  bus.publish(topics.meterQuantity, params, '1');
  await until('the message', () => broker.heard.length === 1);

  broker.sockets[0]!.destroy();
  await until('the second connection', () => broker.sockets.length === 2 && bus.connected);
  bus.publish(topics.meterQuantity, params, '2');
  await until('the newer message', () => broker.heard.length >= 2);
  expect(broker.heard).toEqual(['1: 1', '2: 2']);
  expect(counters.get('publishesFailed')).toBe(1);
});

test('where a megabyte is under way, small messages still have room', async () => {
  const { broker, bus, counters } = await startMuted();
  bus.start();
  await until('the connection', () => bus.connected);
  const says = (bytes: number): boolean =>
    bus.publishText('energy/any', 'x'.repeat(bytes), { qos: 1, retain: false });
  expect([says(600_000), says(600_000), bus.isFull]).toEqual([true, true, true]);
  expect([says(300), says(100)]).toEqual([false, true]);
  expect(counters.get('publishesDropped')).toBe(1);
  broker.sockets[0]!.destroy();
  await until('the next connection', () => broker.sockets.length === 2 && bus.connected);
  expect([bus.isFull, says(600_000)]).toEqual([false, true]);
});

test('what the broker refuses to subscribe to is tried again until it is granted', async () => {
  const broker = await startMuteBroker({ answers: [[1, 0x80], [0x80], [1]] });
  const bus = new Bus(
    { url: broker.url, clientId: 'test', root: 'energy' },
    new Log('test', 'silent'),
    new Counters(),
  );
  ends.push(() => bus.close(0));
  bus.subscribe(topics.meterReading);
  bus.subscribe(topics.meterJournal);
  bus.start();
  const refusal = await until('the refusal', () => bus.refusal);
  expect(refusal).toBe(
    `the broker refuses subscriptions to ${filters[1]}: check the account's role`,
  );
  await until('all are granted', () => broker.subscribed.length === 3 && bus.refusal === null);
  expect(broker.subscribed).toEqual([filters, [filters[1]], [filters[1]]]);
  expect(broker.sockets).toHaveLength(1);
});

test('with QoS 0 at most, subscriptions, messages and the will have no more', async () => {
  const broker = await startMuteBroker({ answers: [[0]] });
  const bus = new Bus(
    {
      url: broker.url,
      clientId: 'test',
      root: 'energy',
      qosMax: 0,
      will: { topic: 'energy/gone', payload: 'x' },
    },
    new Log('test', 'silent'),
    new Counters(),
  );
  ends.push(() => bus.close(0));
  bus.subscribe(topics.meterReading);
  bus.onConnect(() => bus.publish(topics.storedCursor, { meter: 'main' }, cursor));
  bus.start();
  await until('all three', () => broker.packets.length === 3);
  const [connect, ...others] = broker.packets.toSorted((a, b) => a.cmd.localeCompare(b.cmd));
  expect(connect).toMatchObject({ will: { qos: 0, retain: true } });
  expect(others).toMatchObject([
    { cmd: 'publish', qos: 0, retain: true },
    { cmd: 'subscribe', subscriptions: [{ topic: filters[0], qos: 0 }] },
  ]);
});

test('many filters go in packets that every broker takes', async () => {
  const broker = await startMuteBroker();
  const bus = new Bus(
    { url: broker.url, clientId: 'test', root: 'energy' },
    new Log('test', 'silent'),
    new Counters(),
  );
  ends.push(() => bus.close(0));
  const wanted = Array.from({ length: 1_200 }, (_, i) => `energy/meter/m${i}/reading`);
  for (const filter of wanted) bus.subscribeTo(filter, 1);
  bus.start();
  await until('all subscriptions', () => broker.subscribed.flat().length === wanted.length);
  expect(broker.subscribed.map((filters) => filters.length)).toEqual([500, 500, 200]);
});

test('a broker that leaves a subscription without an answer is left', async () => {
  const broker = await startMuteBroker();
  const bus = new Bus(
    { url: broker.url, clientId: 'test', root: 'energy', subackMsMax: 100 },
    new Log('test', 'silent'),
    new Counters(),
  );
  ends.push(() => bus.close(0));
  bus.subscribe(topics.meterReading);
  bus.start();
  await until('another connection, and all subscriptions', () => broker.subscribed.length === 2);
  expect(broker.sockets).toHaveLength(2);
  expect(broker.subscribed[1]).toEqual([filters[0]]);
});

test('of several brokers the next one is taken when one is away, refuses or dies', async () => {
  const first = await startTestBroker();
  await first.stop();
  const second = await startMuteBroker({ returnCode: 3 });
  const third = await startTestBroker();
  ends.push(() => third.stop());
  const bus = new Bus(
    { url: `${first.url}, ${second.url},${third.url}`, clientId: 'test', root: 'energy' },
    new Log('test', 'silent'),
    new Counters(),
  );
  ends.push(() => bus.close(0));
  const heard: string[] = [];
  bus.client.on('message', (_topic, bytes) => heard.push(bytes.toString('utf8')));
  bus.subscribe(topics.meterQuantity, { meter: 'main', quantity: 'powerW' });
  bus.start();
  await until('the connection to the third', () => bus.connected);
  expect(second.sockets).toHaveLength(1);

  const again = await startTestBroker(first.port);
  ends.push(() => again.stop());
  const person = await joinBus(again.url);
  ends.push(() => person.leave());
  await third.stop();
  await until('the message at the first', async () => {
    await person.say(topics.meterQuantity, { meter: 'main', quantity: 'powerW' }, '7');
    return heard.includes('7');
  });
});

test('an address is taken whole: host, port, path and the name in the certificate', () => {
  const addresses = new BrokerAddresses('mqtts://a.example,ws://b.example:8083/mqtt,mqtt://[::1]');
  const options: IClientOptions = { servername: 'a.example', port: 8883 };
  const next = (): IClientOptions => {
    addresses.next(options);
    return { ...options };
  };
  expect(next()).toMatchObject({
    protocol: 'ws',
    hostname: 'b.example',
    port: 8083,
    path: '/mqtt',
    servername: undefined,
  });
  expect(next()).toMatchObject({ protocol: 'mqtt', hostname: '::1', port: undefined });
  expect(options.path).toBeUndefined();
  expect(next()).toMatchObject({ protocol: 'mqtts', hostname: 'a.example', port: undefined });
  expect(addresses.current).toBe('mqtts://a.example');
});

test('subscriptions of one turn go in one packet, what has gone before what has come', async () => {
  const broker = await startMuteBroker();
  const bus = new Bus(
    { url: broker.url, clientId: 'test', root: 'energy' },
    new Log('test', 'silent'),
    new Counters(),
  );
  ends.push(() => bus.close(0));
  bus.start();
  await until('the connection', () => bus.connected);
  for (const filter of ['a', 'b', 'c']) bus.subscribeTo(filter, 1);
  bus.unsubscribeFrom('b');
  bus.unsubscribeFrom('a');
  bus.subscribeTo('a', 1);
  await until('the subscriptions', () => broker.subscribed.length > 0);
  expect(broker.subscribed).toEqual([['c', 'a']]);
  const said = broker.packets.flatMap(({ cmd }) => (cmd === 'connect' ? [] : [cmd]));
  expect(said).toEqual(['unsubscribe', 'subscribe']);
});

test('who subscribes and then asks has subscribed when it asks', async () => {
  const broker = await startMuteBroker();
  const bus = new Bus(
    { url: broker.url, clientId: 'test', root: 'energy' },
    new Log('test', 'silent'),
    new Counters(),
  );
  ends.push(() => bus.close(0));
  bus.start();
  await until('the connection', () => bus.connected);
  bus.subscribeTo('answer', 1);
  bus.publish(topics.meterQuantity, { meter: 'main', quantity: 'powerW' }, '1');
  await until('the question', () => broker.heard.length > 0);
  expect(broker.packets.slice(1).map(({ cmd }) => cmd)).toEqual(['subscribe', 'publish']);
});
