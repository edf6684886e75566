import { afterEach, describe, expect, test } from '@jest/globals';
import { topics } from '@wattbus/mqtt-contract';
import { freePort, joinBus, until } from '@wattbus/testing';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type MqttClient } from 'mqtt';
import { startHouseMeter } from './src/house-meter.js';

const root = new URL('..', import.meta.url).pathname;

interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly mqttUrl: string;
  readonly pageUrl: string;
  readonly ports: readonly [mqtt: number, page: number];
}

describe('npm start', () => {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  /** The main program of `npm start`, without the installing and building in front of it. */
  async function start(
    options: string[] = [],
    dataDir = mkdtempSync(join(tmpdir(), 'wattbus-start-')),
  ): Promise<Started> {
    const ports = [await freePort(), await freePort()] as const;
    const [mqtt, page] = ports;
    const child = spawn(
      process.execPath,
      [
        ...[join(root, 'services/standalone/dist/main.js'), '--data-dir', dataDir],
        ...['--mqtt-port', String(mqtt), '--page-port', String(page), ...options],
      ],
      { cwd: tmpdir() },
    );
    let text = '';
    const keep = (bytes: Buffer): void => {
      text += bytes.toString('utf8');
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    ends.push(async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    });
    return {
      child,
      output: () => text,
      mqttUrl: `mqtt://127.0.0.1:${mqtt}`,
      pageUrl: `http://127.0.0.1:${page}/`,
      ports,
    };
  }

  const running = (started: Started): Promise<unknown> =>
    until('the greeting', () => {
      if (started.child.exitCode !== null) throw new Error(started.output());
      return started.output().includes('Stop with Ctrl-C.');
    });

  test('runs everything with the simulated house, and stops cleanly on Ctrl-C', async () => {
    const started = await start();
    await running(started);
    expect(started.output()).toContain(started.pageUrl);
    expect(await (await fetch(started.pageUrl)).text()).toContain('Wattbus');

    const person = await joinBus(started.mqttUrl);
    ends.push(() => person.leave());
    const history = await person.hear(topics.historyReply, { client: 'test' });
    const analyses = await person.hear(topics.siteAnalysis);
    await until('an analysis of now', () =>
      analyses.some(({ at }) => Math.abs(Date.parse(at) - Date.now()) < 60_000),
    );
    await until('a full day of history', async () => {
      await person.say(
        topics.historyRequest,
        {},
        {
          v: 1,
          client: 'test',
          id: 'day',
          meter: 'main',
          quantity: 'powerW',
          from: new Date(Date.now() - 86_400_000).toISOString(),
          to: new Date().toISOString(),
          resolutionS: 300,
        },
      );
      return (history.at(-1)?.atMs.length ?? 0) > 280;
    });

    started.child.kill('SIGINT');
    const [code] = (await once(started.child, 'exit')) as [number];
    expect(code).toBe(0);
    expect(started.output()).not.toMatch(/"level":[456]0/);
  });

  test('goes on after a second start with the same registers and history', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'wattbus-start-'));
    const first = await start([], dataDir);
    await running(first);
    const before = await joinBus(first.mqttUrl);
    const readings = await before.hear(topics.meterReading, { meter: 'main' });
    await until('a reading', () => readings.length > 0);
    const { epoch, seq } = readings.at(-1)!;
    await before.leave();
    first.child.kill('SIGTERM');
    await once(first.child, 'exit');

    const second = await start([], dataDir);
    await running(second);
    const after = await joinBus(second.mqttUrl);
    ends.push(() => after.leave());
    const more = await after.hear(topics.meterReading, { meter: 'main' });
    await until('a reading', () => more.length > 0);
    expect(more[0]!.epoch).toBe(epoch);
    expect(more[0]!.seq).toBeGreaterThan(seq);
  });

  test('reads a real meter instead where --port names one', async () => {
    const meter = await startHouseMeter(Date.now());
    ends.push(() => meter.close());
    const started = await start(['--port', meter.port]);
    await running(started);
    const person = await joinBus(started.mqttUrl);
    ends.push(() => person.leave());
    const readings = await person.hear(topics.meterReading, { meter: 'main' });
    meter.talk(50);
    await until('its reading', () => readings.length > 2);
    expect(meter.said.map(({ energyImportWh }) => energyImportWh)).toContain(
      readings[0]!.energyImportWh,
    );
  });

  test('names the port that is taken and the flag that changes it', async () => {
    const taken = createServer().listen(await freePort(), '127.0.0.1');
    await once(taken, 'listening');
    ends.push(() => new Promise((resolve) => taken.close(resolve)));
    const { port } = taken.address() as { port: number };
    const started = await start(['--page-port', String(port)]);
    const [code] = (await once(started.child, 'exit')) as [number];
    expect(code).toBe(1);
    expect(started.output()).toContain(
      `Port ${port} for the page is taken; choose another with --page-port N.`,
    );
  });

  test('encrypts MQTT and WebSocket with what `wattbus secrets --tls` makes', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'wattbus-start-'));
    const wattbus = join(root, 'services/command-line/dist/main.js');
    execFileSync(process.execPath, [wattbus, 'secrets', '--dir', dir, '--tls'], {
      stdio: 'ignore',
    });
    const [mqtts, wss] = [await freePort(), await freePort()];
    const files = { certFile: join(dir, 'tls/server.crt'), keyFile: join(dir, 'tls/server.key') };
    const config = join(dir, 'wattbus.yaml');
    // One is for this machine only, the other for all; JSON is YAML.
    const tcp = { tls: { port: mqtts, host: '0.0.0.0', ...files } };
    const webSocket = { tls: { port: wss, ...files } };
    writeFileSync(config, JSON.stringify({ broker: { tcp, webSocket } }));
    const started = await start(['--config', config]);
    await running(started);
    const file = /password is in (\S+?)\.\s/.exec(started.output())![1]!;
    const password = readFileSync(file, 'utf8').trim();
    const ca = readFileSync(join(dir, 'tls/ca.crt'));
    for (const url of [`mqtts://127.0.0.1:${mqtts}`, `wss://localhost:${wss}/mqtt`]) {
      const connect = (options: object): Promise<MqttClient> =>
        connectAsync(url, { reconnectPeriod: 0, username: 'viewer', ...options }, false);
      const viewer = await connect({ ca, password });
      await viewer.endAsync();
      await expect(connect({ password })).rejects.toThrow(/certificate/);
      await expect(connect({ ca, password: 'guess' })).rejects.toMatchObject({ code: 4 });
    }
  });

  test('beyond this machine, lets nobody in without signing in', async () => {
    const started = await start(['--host', '0.0.0.0']);
    await running(started);
    const file = /password is in (\S+?)\.\s/.exec(started.output())![1]!;
    await expect(joinBus(started.mqttUrl)).rejects.toThrow(/not authorized|refused/i);
    const password = readFileSync(file, 'utf8').trim();
    const viewer = await joinBus(started.mqttUrl, 'energy', { username: 'viewer', password });
    ends.push(() => viewer.leave());
    const analyses = await viewer.hear(topics.siteAnalysis);
    await until('an analysis', () => analyses.length > 0);
  });
});
