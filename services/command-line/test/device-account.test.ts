import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { broker, BrokerService } from '@wattbus/broker';
import { topics, type Topic } from '@wattbus/mqtt-contract';
import { startService, type RunningService } from '@wattbus/nest-mqtt';
import { testConfig, until } from '@wattbus/testing';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeSecrets } from '../src/commands/secrets.js';

const dir = mkdtempSync(join(tmpdir(), 'wattbus-device-'));
const rows = Object.values(topics) as Topic[];
const withDevice = rows.filter(({ paramNames }) => paramNames.includes('device'));
let service: RunningService;

beforeAll(async () => {
  expect(await makeSecrets(dir, { devices: ['boiler'] })).toContain('device-boiler');
  service = await startService(
    broker,
    testConfig({
      broker: {
        tcp: { port: 0 },
        webSocket: { port: 0 },
        anonymous: false,
        usersFile: join(dir, 'users.json'),
      },
      logLevel: 'fatal',
    }),
  );
});
afterAll(() => service?.stop());

function connectAs(username: string, more: IClientOptions = {}): Promise<MqttClient> {
  const { port } = service.get(BrokerService).listeners.find(({ kind }) => kind === 'tcp')!;
  const password = readFileSync(join(dir, username), 'utf8').trimEnd();
  const options = { username, password, reconnectPeriod: 0, ...more };
  return connectAsync(`mqtt://127.0.0.1:${port}`, options, false);
}

/** The row's topic for a device; of all else it may have in it, anything. */
function topicOf(one: Topic, device: string): string {
  const values = one.paramNames.map((name) => {
    const [first = 'word'] = one.row.values?.[name] ?? [];
    return [name, name === 'device' ? device : first] as const;
  });
  return one.topic('energy', Object.fromEntries(values));
}

const allOf = (device: string): string[] => [...new Set(rows.map((one) => topicOf(one, device)))];
const own = rows
  .filter(({ row }) => row.publishedBy.includes('device'))
  .map((one) => topicOf(one, 'boiler'))
  .toSorted();

/** Where this word is heard while `act` runs; without it, where it is retained. */
async function placesOf(word: string, act = (): Promise<void> => Promise.resolve()) {
  const witness = await connectAs('admin');
  const places: string[] = [];
  let ended = false;
  witness.on('message', (topic, bytes) => {
    if (topic === 'test/end') ended = true;
    else if (bytes.toString() === word) places.push(topic);
  });
  await witness.subscribeAsync('#', { qos: 1 });
  await act();
  await witness.publishAsync('test/end', '', { qos: 1 });
  await until('the end is heard', () => ended);
  await witness.endAsync();
  return places.toSorted();
}

describe('an account for one device', () => {
  test('publishes and retains what is of this device, and of no other', async () => {
    const client = await connectAs('device-boiler');
    const heard = await placesOf('said', async () => {
      for (const topic of [...allOf('boiler'), ...allOf('washer')]) {
        await client.publishAsync(topic, 'said', { qos: 1, retain: true });
      }
    });
    expect(own.length).toBeGreaterThan(5);
    expect(heard).toEqual(own);
    expect(await placesOf('said')).toEqual(own);
    await client.endAsync();
  });

  test('leaves a will for this device only', async () => {
    const { counters } = service.context;
    const all = withDevice.flatMap((one) => [topicOf(one, 'boiler'), topicOf(one, 'washer')]);
    const denied = counters.get('publishDenied');
    const heard = await placesOf('left', async () => {
      for (const topic of all) {
        const will = { topic, payload: Buffer.from('left'), qos: 1, retain: true } as const;
        const client = await connectAs('device-boiler', { will });
        client.stream.destroy();
      }
      const refused = all.length - own.length;
      await until('the refused ones', () => counters.get('publishDenied') - denied === refused);
      await until('the others', async () => (await placesOf('left')).length >= own.length);
    });
    expect(heard).toEqual(own);
  });

  test('is given commands for this device only, and no more by wildcards', async () => {
    const client = await connectAs('device-boiler');
    const granted = (filter: string): Promise<boolean> =>
      new Promise((resolve) => {
        client.subscribe(filter, { qos: 1 }, (_error, _granted, packet) => {
          const [code] = (packet?.granted ?? []) as number[];
          resolve(code !== undefined && code < 128);
        });
      });
    for (const one of withDevice) {
      const mayHear = one.row.subscribedBy.includes('device');
      const [boiler, washer] = [topicOf(one, 'boiler'), topicOf(one, 'washer')];
      expect([boiler, await granted(boiler)]).toEqual([boiler, mayHear]);
      expect([washer, await granted(washer)]).toEqual([washer, false]);
    }
    for (const filter of ['#', 'cmnd/#', 'cmnd/+/POWER', 'energy/control/+/command']) {
      expect([filter, await granted(filter)]).toEqual([filter, false]);
    }
    await client.endAsync();
  });
});

test('a device with a name that is no topic level gets no account', async () => {
  await expect(makeSecrets(dir, { devices: ['a/b'] })).rejects.toThrow('--device a/b: must be');
});
