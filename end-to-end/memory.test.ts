import { afterEach, describe, expect, test } from '@jest/globals';
import { joinBus, startTestInfluxdb, until } from '@wattbus/testing';
import { openInfluxStore } from '@wattbus/time-series';
import { readFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import mqttPacket, { type Packet } from 'mqtt-packet';
import { newChain, type Chain, type ServiceProcess } from './src/chain.js';
import { startHouseMeter } from './src/house-meter.js';

const MIB = 2 ** 20;
/** A heap that grew beyond this would end the process, and the test with it. */
const bounded = { NODE_OPTIONS: '--max-old-space-size=96' };
/** What a process may grow by while something is wrong: buffers with names, and a lazy collector. */
const GROWTH_BYTES_MAX = 64 * MIB;
const BACKLOG_POINTS_MAX = 5_000;
const START_MS = Date.parse('2026-06-10T12:00:00+02:00');
const HOUR_S = 3_600;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Resident memory of a process, as the kernel counts it. */
function residentBytes({ pid }: ServiceProcess): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Number(line![1]) * 1024;
}

/** Watches until it is asked; gives how much each has grown at most since it began. */
function watchGrowth(services: readonly ServiceProcess[]): () => Record<string, number> {
  const first = services.map(residentBytes);
  const most = [...first];
  const look = (): void => {
    for (const [i, service] of services.entries()) {
      most[i] = Math.max(most[i]!, residentBytes(service));
    }
  };
  const timer = setInterval(look, 100);
  ends.push(() => clearInterval(timer));
  return () => {
    clearInterval(timer);
    look();
    return Object.fromEntries(services.map(({ role }, i) => [role, most[i]! - first[i]!]));
  };
}

function expectBounded(growth: Record<string, number>): void {
  console.info(`grown by ${JSON.stringify(growth)} bytes`);
  for (const bytes of Object.values(growth)) expect(bytes).toBeLessThan(GROWTH_BYTES_MAX);
}

async function counterOf(service: ServiceProcess, name: string): Promise<number> {
  return (await service.health())?.counters[name] ?? 0;
}

test('with InfluxDB away for an hour of load, memory stays bounded and nothing is lost', async () => {
  const influxdb = await startTestInfluxdb();
  ends.push(() => influxdb.stop());
  const names = ['main', 'pv', 'ev'];
  const meters = await Promise.all(names.map((_, seed) => startHouseMeter(START_MS, { seed })));
  const environment = names.flatMap((name, i) => [
    [`WATTBUS_METERS__${i}__NAME`, name],
    [`WATTBUS_METERS__${i}__PROTOCOL`, 'dsmr'],
    [`WATTBUS_METERS__${i}__PORT`, meters[i]!.port],
  ]);
  const chain = await newChain({
    ...bounded,
    ...Object.fromEntries(environment),
    WATTBUS_SITE__ZONE: 'Europe/Amsterdam',
    WATTBUS_STORE__KIND: 'influxdb',
    WATTBUS_STORE__INFLUXDB__URL: influxdb.url,
    WATTBUS_STORE__INFLUXDB__DATABASE: influxdb.database,
  });
  ends.push(async () => {
    await chain.stop();
    for (const meter of meters) await meter.close();
  });
  const roles = ['broker', 'historian', 'analyzer', 'meter-ingest'] as const;
  const services: ServiceProcess[] = [];
  // Not silent when it is first listened to, else the start is one with a fault.
  for (const meter of meters) meter.talk(200);
  for (const role of roles) services.push(await chain.start(role));
  const historian = services[1]!;
  const talkedFor = async (seconds: number): Promise<void> => {
    const from = Math.max(...meters.map(({ said }) => said.length));
    for (const meter of meters) {
      meter.pause();
      meter.talk(4);
    }
    const all = (): boolean => meters.every(({ said }) => said.length >= from + seconds);
    let backlogMax = 0;
    await until(
      `${seconds} s of load`,
      async () => {
        backlogMax = Math.max(backlogMax, await counterOf(historian, 'backlogPoints'));
        return all();
      },
      240_000,
    );
    for (const meter of meters) meter.pause();
    expect(backlogMax).toBeLessThanOrEqual(BACKLOG_POINTS_MAX);
  };

  await talkedFor(600);
  await until('first points', async () => (await counterOf(historian, 'pointsWritten')) > 1_000);
  await influxdb.kill();
  const growth = watchGrowth(services);
  await talkedFor(HOUR_S);
  expect(await counterOf(historian, 'timesFull')).toBeGreaterThan(0);
  await influxdb.restart();
  await talkedFor(300);
  expectBounded(growth());
  expect(services.every(({ isRunning }) => isRunning)).toBe(true);

  const { url, database } = influxdb;
  const store = openInfluxStore({ url, database, timeoutMs: 20_000, retentionDays: 0 });
  ends.push(() => store.close());
  for (const [i, meter] of names.entries()) {
    await until(`all readings of ${meter}`, async () => {
      const range = { tags: { meter }, fromMs: START_MS, toMs: 2 * START_MS, limit: 5_000 };
      const found = await store.points({ measurement: 'reading', ...range });
      if (found.outcome !== 'found' || found.value.length === 0) return false;
      // Nobody listened to the first ones.
      const firstMs = found.value[0]!.atMs;
      const wanted = meters[i]!.said.filter(({ atMs }) => atMs >= firstMs);
      if (found.value.length < wanted.length) return false;
      expect(found.value.map(({ atMs }) => atMs)).toEqual(wanted.map(({ atMs }) => atMs));
      return wanted.length > HOUR_S;
    });
  }
}, 900_000);

describe('the broker as a process', () => {
  async function startBroker(): Promise<{ chain: Chain; broker: ServiceProcess }> {
    const chain = await newChain(bounded);
    ends.push(() => chain.stop());
    return { chain, broker: await chain.start('broker') };
  }

  async function raw(chain: Chain, clientId: string): Promise<Socket> {
    const socket = connectTcp(Number(new URL(chain.mqttUrl).port), '127.0.0.1');
    socket.on('error', () => undefined);
    ends.push(() => socket.destroy());
    const connack = new Promise((resolve) => socket.once('data', resolve));
    send(socket, {
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      clientId,
      keepalive: 0,
    });
    await connack;
    return socket;
  }
  const send = (socket: Socket, packet: Packet): boolean =>
    socket.write(mqttPacket.generate(packet));

  test('takes no more memory for a subscriber that is frozen', async () => {
    const { chain, broker } = await startBroker();
    const frozen = await raw(chain, 'frozen');
    const subscriptions = [{ topic: '#', qos: 0 as const }];
    send(frozen, { cmd: 'subscribe', messageId: 1, subscriptions });
    frozen.pause();
    const person = await joinBus(chain.mqttUrl);
    ends.push(() => person.leave());
    let heard = 0;
    person.client.on('message', () => (heard += 1));
    await person.client.subscribeAsync('load');
    const growth = watchGrowth([broker]);
    // Four times what it may grow by.
    const payload = Buffer.alloc(256 * 1024);
    const COUNT = 1_000;
    for (let n = 0; n < COUNT; n += 1)
      await person.client.publishAsync('load', payload, { qos: 1 });
    await until('all of them', () => heard === COUNT);
    // Messages for it were dropped until it was sent away.
    expect(await counterOf(broker, 'slowDropped')).toBeGreaterThan(0);
    expectBounded(growth());
  }, 300_000);

  test('takes no more memory for a client that floods and never reads', async () => {
    const { chain, broker } = await startBroker();
    const person = await joinBus(chain.mqttUrl);
    ends.push(() => person.leave());
    let heard = 0;
    person.client.on('message', () => (heard += 1));
    await person.client.subscribeAsync('calm', { qos: 1 });
    const growth = watchGrowth([broker]);
    const flood = await raw(chain, 'flood');
    flood.pause();
    // Acknowledgements that are never read, each publish to itself, and retained all over.
    const subscriptions = [{ topic: 'flood/#', qos: 1 as const }];
    send(flood, { cmd: 'subscribe', messageId: 1, subscriptions });
    const payload = Buffer.alloc(5_000);
    for (let n = 1; n <= 40_000 && !flood.destroyed; n += 1) {
      const messageId = (n % 65_535) + 1;
      const topic = `flood/${n % 100}`;
      const shape = { topic, payload, messageId, qos: 1, retain: true, dup: false } as const;
      if (!send(flood, { cmd: 'publish', ...shape })) await drained(flood);
      if (n % 1_000 === 0) await person.client.publishAsync('calm', 'x', { qos: 1 });
    }
    const before = heard;
    await person.client.publishAsync('calm', 'x', { qos: 1 });
    await until('calm as before', () => heard > before);
    expectBounded(growth());
    expect(broker.isRunning).toBe(true);
  }, 300_000);
});

/** Until there is room again, or the broker has had enough. */
const drained = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done).off('close', done);
      clearTimeout(timer);
      resolve();
    };
    // The broker may hold a flood up for as long as it likes.
    const timer = setTimeout(done, 1_000);
    socket.once('drain', done).once('close', done);
  });
