import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { topics } from '@wattbus/mqtt-contract';
import { startService, type RunningService } from '@wattbus/nest-mqtt';
import { freePort, testConfig, until } from '@wattbus/testing';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { broker } from '../src/index.js';

const root = join(import.meta.dirname, '../../..');
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const holdPort = (): Promise<Server> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
  });
const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function settings(given: Readonly<Record<string, unknown>> = {}) {
  const port = await freePort();
  return {
    port,
    mqtt: { url: `mqtt://127.0.0.1:${port}` },
    broker: {
      tcp: { port },
      webSocket: { port: 0 },
      retainedFlushMs: 100,
      ...given,
    },
  };
}

async function started(given: Readonly<Record<string, unknown>> = {}): Promise<RunningService> {
  const service = await startService(broker, testConfig(given));
  ends.push(() => service.stop());
  return service;
}

async function client(port: number): Promise<MqttClient> {
  const made = await connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 }, false);
  ends.push(() => made.endAsync(true));
  return made;
}

async function retainedBelow(mqtt: MqttClient, filter: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  mqtt.on('message', (topic, payload) => found.set(topic, payload.toString()));
  await mqtt.subscribeAsync([filter, 'end'], { qos: 1 });
  await mqtt.publishAsync('end', 'x', { qos: 1 });
  await until('the retained messages', () => found.has('end'));
  found.delete('end');
  return found;
}

describe('the broker service', () => {
  test('says on its own bus that it is ready, and how much it does', async () => {
    const { port, ...given } = await settings();
    await started({ instance: 'b1', ...given });
    const mqtt = await client(port);
    const heard = new Map<string, string>();
    mqtt.on('message', (topic, payload) => heard.set(topic, payload.toString()));
    await mqtt.subscribeAsync(['energy/service/#', '$SYS/#'], { qos: 1 });
    const healthTopic = 'energy/service/broker/b1';
    const health = await until('health', () => {
      const parsed = topics.serviceHealth.row.payload.safeParse(
        JSON.parse(heard.get(healthTopic) ?? 'null'),
      );
      return parsed.success && parsed.data.state === 'ready' ? parsed.data : null;
    });
    expect(health).toMatchObject({ service: 'broker', instance: 'b1', reason: '' });
    await until('figures', () => heard.has('$SYS/broker/messages/sent-per-second'));
    expect(heard.get('$SYS/broker/version')).toMatch(/^wattbus \d/);
    expect(Number(heard.get('$SYS/broker/memory/rss'))).toBeGreaterThan(1_000_000);
    expect(heard.get('$SYS/broker/refused/oversize')).toBe('0');
  });

  test('leaves behind that it has stopped, not that it was lost', async () => {
    const { port, ...given } = await settings();
    const config = testConfig({ instance: 'b1', ...given });
    const first = await startService(broker, config);
    await until('the bus', () => first.context.bus.connected);
    await first.stop();
    const log = readFileSync(join(config.dataDir, 'broker', 'retained.log'), 'utf8');
    expect(log).toContain('"state":"stopped"');
    expect(log).not.toContain('"state":"lost"');
    expect(port).toBeGreaterThan(0);
  });

  test('names the port that is taken', async () => {
    const taken = await holdPort();
    ends.push(() => new Promise((resolve) => taken.close(resolve)));
    const given = await settings({ tcp: { port: portOf(taken) } });
    const start = startService(broker, testConfig(given));
    await expect(start).rejects.toThrow(`EADDRINUSE: address already in use 127.0.0.1:`);
  });

  test('does not start where nobody could sign in, or the accounts are no accounts', async () => {
    const open = { tcp: { host: '0.0.0.0', port: 0 }, webSocket: { port: 0 } };
    const start = (users: object): Promise<unknown> =>
      startService(broker, testConfig({ broker: { ...open, ...users } }));
    await expect(start({})).rejects.toThrow('broker.tcp: nobody could sign in on 0.0.0.0');
    const missing = { usersFile: '/nowhere/users.yaml' };
    await expect(start(missing)).rejects.toThrow('broker.usersFile /nowhere/users.yaml cannot be');
    const usersFile = join(mkdtempSync(join(tmpdir(), 'wattbus-users-')), 'users.yaml');
    writeFileSync(
      usersFile,
      'version: 1\nusers:\n  anna: { role: boss, hash: secret }\n  bob: { role: viewer }\n',
    );
    await expect(start({ usersFile })).rejects.toThrow(
      /users\.anna\.role: .*users\.anna\.hash: must be a hash.*users\.bob\.hash/,
    );
  });
});

describe('kill -9', () => {
  beforeAll(() => {
    const build = [join(root, 'node_modules/tsc7/bin/tsc'), '-b', 'services/broker'];
    execFileSync(process.execPath, build, { cwd: root });
  });

  function spawned(config: string): ChildProcess {
    const main = join(root, 'services/broker/dist/main.js');
    return spawn(process.execPath, [main, '--config', config], { stdio: 'ignore' });
  }

  const exited = (child: ChildProcess): Promise<boolean> =>
    until('the process is gone', () => child.exitCode !== null || child.signalCode !== null);

  test('leaves every retained message that is older than the time to write it', async () => {
    const { port, mqtt, broker: own } = await settings();
    const directory = mkdtempSync(join(tmpdir(), 'wattbus-killed-'));
    const config = join(directory, 'wattbus.yaml');
    // JSON is YAML.
    writeFileSync(config, JSON.stringify({ dataDir: directory, mqtt, broker: own }));
    const log = join(directory, 'broker', 'retained.log');
    const expected = new Map<string, string>();

    for (let round = 0; round < 3; round += 1) {
      const child = spawned(config);
      ends.push(() => (child.kill('SIGKILL'), exited(child)));
      const publisher = await until('the broker', () => client(port).catch(() => null));
      expect(await retainedBelow(publisher, 'kept/#')).toEqual(expected);
      for (let i = 0; i < 50; i += 1) {
        const [topic, value] = [`kept/${(round * 25 + i) % 80}`, `${round}-${i}`];
        expected.set(topic, value);
        await publisher.publishAsync(topic, value, { qos: 1, retain: true });
      }
      await publisher.publishAsync(`kept/${round}`, '', { qos: 1, retain: true });
      expected.delete(`kept/${round}`);
      await publisher.publishAsync('last', `round ${round}`, { qos: 1, retain: true });
      await until('it is on disk', () => readFileSync(log).includes(`round ${round}`));
      child.kill('SIGKILL');
      await exited(child);
    }
  });
});
