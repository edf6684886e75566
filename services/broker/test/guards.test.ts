import { afterEach, describe, expect, test } from '@jest/globals';
import { until } from '@wattbus/testing';
import fc from 'fast-check';
import mqttPacket from 'mqtt-packet';
import { connect as connectTcp } from 'node:net';
import { connectPacket, runBroker, type RunningBroker } from './running-broker.js';

let broker: RunningBroker;
afterEach(() => broker.stop());

/** Longer than any pause of a busy machine, and far below any time-out in the broker. */
const GAP_MS_MAX = 4_000;

describe('a subscriber that stops reading', () => {
  test.each([0, 1] as const)('does not hold up the others at QoS %i', async (qos) => {
    broker = await runBroker();
    const frozen = await broker.rawClient();
    frozen.send(connectPacket());
    frozen.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'flood', qos }] });
    await until('SUBACK', () => frozen.received.length === 2);
    frozen.socket.pause();

    const [healthy, publisher] = [await broker.connect(), await broker.connect()];
    let seen = 0;
    healthy.on('message', () => (seen += 1));
    await healthy.subscribeAsync('flood', { qos });
    const payload = Buffer.alloc(60_000);
    let sent = 0;
    let longestMs = 0;
    const kind = qos === 0 ? 'slowDropped' : 'slowClosed';
    // First as much as the kernel takes for the frozen one, then a hundred times more.
    for (let left = 100; left > 0; left -= broker.counters.get(kind) > 0 ? 1 : 0) {
      const startMs = performance.now();
      for (let i = 0; i < 5; i += 1) publisher.publish('flood', payload, { qos });
      sent += 5;
      await until('the healthy one has all', () => seen === sent);
      longestMs = Math.max(longestMs, performance.now() - startMs);
    }
    expect(longestMs).toBeLessThan(GAP_MS_MAX);
    expect(healthy.connected).toBe(true);
    if (qos === 1) expect(broker.counters.get('slowClosed')).toBe(1);
  });

  test('still gets all that is retained when it reads on, however much that is', async () => {
    broker = await runBroker();
    const publisher = await broker.connect();
    const payload = 'x'.repeat(20_000);
    const topics = Array.from({ length: 400 }, (_, i) => `retained/${i}`);
    await Promise.all(
      topics.map((topic) => publisher.publishAsync(topic, payload, { qos: 1, retain: true })),
    );
    const reader = await broker.rawClient();
    reader.socket.pause();
    reader.send(connectPacket());
    reader.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [{ topic: 'retained/#', qos: 1 }],
    });
    for (let i = 0; i < 20; i += 1) await publisher.publishAsync('other', payload, { qos: 1 });
    reader.socket.resume();
    await until('all retained', () => reader.received.length === 2 + topics.length);
    const got = reader.received.flatMap((one) => (one.cmd === 'publish' ? [one.topic] : []));
    expect(got.toSorted()).toEqual(topics.toSorted());
    expect(broker.counters.get('slowClosed')).toBe(0);
  });

  test('is heard all the same, as many write before they read on', async () => {
    broker = await runBroker();
    const publisher = await broker.connect();
    const writer = await broker.rawClient();
    writer.send(connectPacket());
    writer.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'flood', qos: 0 }] });
    await until('SUBACK', () => writer.received.length === 2);
    writer.socket.pause();
    // Until its messages wait here, and not in the kernel only.
    while (broker.counters.get('slowDropped') === 0) {
      await publisher.publishAsync('flood', Buffer.alloc(60_000), { qos: 1 });
    }
    let heard = 0;
    publisher.on('message', () => (heard += 1));
    await publisher.subscribeAsync('said', { qos: 1 });
    const payload = 'x'.repeat(1_000);
    for (let messageId = 1; messageId <= 1_000; messageId += 1) {
      const subscriptions = [{ topic: `a/${messageId}`, qos: 0 } as const];
      writer.send({ cmd: 'subscribe', messageId, subscriptions });
      writer.send({ cmd: 'publish', topic: 'said', payload, qos: 0, dup: false, retain: false });
    }
    await until('all that it says', () => heard === 1_000);
    expect(writer.socket.closed).toBe(false);
  });
});

describe('delivery', () => {
  test.each([0, 1] as const)(
    'misses nothing when retained and plain messages alternate at QoS %i',
    async (qos) => {
      broker = await runBroker();
      const [subscriber, publisher] = [await broker.connect(), await broker.connect()];
      const seen: string[] = [];
      subscriber.on('message', (topic) => seen.push(topic));
      await subscriber.subscribeAsync('mixed/#', { qos: 1 });
      const sent = Array.from({ length: 2_000 }, (_, i) => `mixed/${i}`);
      await Promise.all(
        sent.map((topic, i) => publisher.publishAsync(topic, 'x', { qos, retain: i % 2 === 0 })),
      );
      await until('all messages', () => seen.length === sent.length);
      expect(seen.toSorted()).toEqual(sent.toSorted());
    },
  );

  test('gives each subscriber the QoS that it was granted', async () => {
    broker = await runBroker();
    const publisher = await broker.connect();
    const qosSeen: number[] = [];
    for (const qos of [0, 1, 2] as const) {
      const subscriber = await broker.connect();
      subscriber.on('message', (_topic, _payload, packet) => qosSeen.push(packet.qos));
      await subscriber.subscribeAsync('a/+', { qos });
    }
    await publisher.publishAsync('a/b', 'x', { qos: 2 });
    await until('all three', () => qosSeen.length === 3);
    expect(qosSeen.toSorted()).toEqual([0, 1, 2]);
  });

  test('keeps the order of messages of a client on one topic', async () => {
    broker = await runBroker();
    const [subscriber, publisher] = [await broker.connect(), await broker.connect()];
    const seen: number[] = [];
    subscriber.on('message', (_topic, payload) => seen.push(Number(payload)));
    await subscriber.subscribeAsync('ordered', { qos: 1 });
    for (let i = 0; i < 3_000; i += 1) publisher.publish('ordered', String(i), { qos: 1 });
    await until('all messages', () => seen.length === 3_000);
    expect(seen).toEqual(Array.from({ length: 3_000 }, (_, i) => i));
  });

  test('keeps no session, and says so, for a client that asks for one', async () => {
    broker = await runBroker();
    const publisher = await broker.connect();
    const asking = { clean: false, clientId: 'sleeper' };
    const sleeper = await broker.connect(asking);
    await sleeper.subscribeAsync('a', { qos: 1 });
    await sleeper.endAsync();
    await publisher.publishAsync('a', 'x', { qos: 1 });
    const raw = await broker.rawClient();
    raw.send(connectPacket({ clientId: 'sleeper', clean: false }));
    await until('CONNACK', () => raw.received.length > 0);
    expect(raw.received).toMatchObject([{ cmd: 'connack', returnCode: 0, sessionPresent: false }]);
  });
});

describe('bad input', () => {
  test('ends a connection at the header of a packet that is too large', async () => {
    broker = await runBroker();
    const flood = await broker.rawClient();
    flood.send(connectPacket());
    await until('CONNACK', () => flood.received.length === 1);
    // The header of a PUBLISH of 250 MB, and nothing of its body.
    flood.socket.write(Buffer.from([0x30, 0x80, 0xe5, 0x9a, 0x77]));
    await flood.closed();
    expect(broker.counters.get('oversize')).toBe(1);
    const largest = await broker.connect();
    await largest.publishAsync('a', Buffer.alloc(64 * 1024 - 5), { qos: 1 });
    expect(largest.connected).toBe(true);
  });

  test('allows no more than a CONNECT needs before a client has signed in', async () => {
    broker = await runBroker({ packetBytesMax: 10 * 1024 * 1024 });
    const early = await broker.rawClient();
    early.socket.write(Buffer.from([0x10, 0x80, 0x80, 0x80, 0x01]));
    await early.closed();
    expect(broker.counters.get('oversize')).toBe(1);
  });

  test('refuses MQTT 5 and MQTT 3.1 with the return code for that', async () => {
    broker = await runBroker();
    const modern = broker.connect({ protocolVersion: 5 });
    await expect(modern).rejects.toMatchObject({ message: expect.stringMatching(/version/i) });
    const old = await broker.rawClient();
    old.send(connectPacket({ protocolId: 'MQIsdp', protocolVersion: 3 }));
    await until('CONNACK', () => old.received.length === 1);
    expect(old.received).toMatchObject([{ cmd: 'connack', returnCode: 1 }]);
    await old.closed();
    expect(broker.counters.get('protocolVersion')).toBe(2);
  });

  test('refuses a client id that is too long, or empty with a session', async () => {
    broker = await runBroker();
    for (const given of [{ clientId: 'x'.repeat(129) }, { clientId: '', clean: false }]) {
      const raw = await broker.rawClient();
      raw.socket.write(
        given.clientId === ''
          ? Buffer.from('100c00044d51545404000000' + '0000', 'hex')
          : mqttPacket.generate(connectPacket(given)),
      );
      await raw.closed();
    }
    expect(broker.counters.get('clientId') + broker.counters.get('malformed')).toBe(2);
  });

  test('survives ten thousand malformed packets while others notice nothing', async () => {
    broker = await runBroker();
    const [healthy, publisher] = [await broker.connect(), await broker.connect()];
    let seen = 0;
    healthy.on('message', () => (seen += 1));
    await healthy.subscribeAsync('healthy', { qos: 1 });
    const garbage = fc.sample(
      fc.tuple(fc.boolean(), fc.uint8Array({ minLength: 1, maxLength: 60 })),
      { numRuns: 10_000, seed: 7 },
    );
    const batch = 100;
    for (let at = 0; at < garbage.length; at += batch) {
      const ended = garbage.slice(at, at + batch).map(([signedIn, bytes]) => {
        const socket = connectTcp(broker.tcpPort, '127.0.0.1');
        socket.on('error', () => undefined);
        if (signedIn) socket.write(mqttPacket.generate(connectPacket({ clientId: '' })));
        socket.end(bytes);
        socket.resume();
        return new Promise((resolve) => socket.once('close', resolve));
      });
      await publisher.publishAsync('healthy', 'x', { qos: 1 });
      await Promise.all(ended);
    }
    await until('all healthy messages', () => seen === garbage.length / batch);
    expect(healthy.connected && publisher.connected).toBe(true);
    expect(broker.counters.get('malformed')).toBeGreaterThan(1_000);
    expect(broker.counters.get('brokerErrors')).toBe(0);
  });

  test('refuses connections beyond the limit and serves those it has', async () => {
    broker = await runBroker({ connectionsMax: 5 });
    const clients = [];
    for (let i = 0; i < 5; i += 1) clients.push(await broker.connect());
    await expect(broker.connect()).rejects.toBeDefined();
    await until('a refusal', () => broker.counters.get('connectionsFull') >= 1);
    expect(clients.every(({ connected }) => connected)).toBe(true);
    await clients[0]!.endAsync();
    await until('a free place', async () => (await broker.connect().catch(() => null)) !== null);
  });

  test('ends a connection that says who it is byte by byte and too slowly', async () => {
    broker = await runBroker({ connectMsMax: 300 });
    const healthy = await broker.connect();
    const slow = await broker.rawClient();
    const bytes = mqttPacket.generate(connectPacket());
    for (const byte of bytes.subarray(0, -1)) slow.socket.write(Buffer.from([byte]));
    await slow.closed();
    expect(slow.received).toEqual([]);
    expect(broker.counters.get('connectTimeout')).toBe(1);
    await healthy.publishAsync('a', 'x', { qos: 1 });
    expect(healthy.connected).toBe(true);
  });

  test('keeps nobody out for those who hold connections open and say nothing', async () => {
    broker = await runBroker();
    const silent = await Promise.all(Array.from({ length: 100 }, () => broker.rawClient()));
    for (const { socket } of silent) socket.write(Buffer.from([0x10]));
    for (let i = 0; i < 10; i += 1) expect((await broker.connect()).connected).toBe(true);
    await until('the silent ones to go', () => silent.some(({ socket }) => socket.closed));
    expect(broker.counters.get('connectionsFull')).toBeGreaterThan(0);
  });

  test('lets no more than a hundred connections wait before they sign in', async () => {
    broker = await runBroker();
    const silent = await Promise.all(Array.from({ length: 101 }, () => broker.rawClient()));
    await until('a refusal', () => broker.counters.get('connectionsFull') === 1);
    for (const { socket } of silent) socket.destroy();
    await until('a free place', async () => (await broker.connect().catch(() => null)) !== null);
  });
});
