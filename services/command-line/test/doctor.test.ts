import { afterEach, describe, expect, test } from '@jest/globals';
import { broker } from '@wattbus/broker';
import { dashboard, DashboardServer } from '@wattbus/dashboard';
import { topics } from '@wattbus/mqtt-contract';
import { startService } from '@wattbus/nest-mqtt';
import { loadConfig } from '@wattbus/service-config';
import { joinBus, startTestBroker, testConfig, until } from '@wattbus/testing';
import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates } from '../src/commands/certificates.js';
import { examine } from '../src/commands/doctor.js';
import { makeSecrets } from '../src/commands/secrets.js';
import type { Finding } from '../src/doctor/finding.js';
import { clockFinding, diskFinding, memoryFinding } from '../src/doctor/machine.js';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const newDir = (): string => mkdtempSync(join(tmpdir(), 'wattbus-doctor-'));

async function findings(given: object): Promise<(what: string) => Finding | undefined> {
  const dashboardPort = { port: 0 };
  const config = testConfig({ dashboard: dashboardPort, ...given });
  const all = await examine({ ok: true, config, file: null });
  return (what) => all.find((one) => one.what === what);
}

/** An HTTP server that gives every request this answer. */
async function answering(status: number, text: string): Promise<number> {
  const server = createServer((_request, response) => response.writeHead(status).end(text));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => new Promise((resolve) => server.close(() => resolve())));
  return (server.address() as AddressInfo).port;
}

describe('the doctor', () => {
  test('finds nothing wrong with a running broker, store and page', async () => {
    const bus = await startTestBroker();
    ends.push(() => bus.stop());
    const page = await startService(
      dashboard,
      testConfig({ mqtt: { url: bus.url }, dashboard: { port: 0 } }),
    );
    ends.push(() => page.stop());
    const port = Number(new URL(page.get(DashboardServer).url).port);
    const config = testConfig({ mqtt: { url: bus.url }, dashboard: { port } });
    const all = await examine({ ok: true, config, file: 'wattbus.yaml' });
    expect(all.filter(({ level }) => level === 'fault')).toEqual([]);
    expect(all.find(({ what }) => what === 'broker')).toMatchObject({ level: 'ok' });
    expect(all.find(({ what }) => what === 'page')).toMatchObject({ level: 'ok' });
    expect(all.map(({ what }) => what).slice(0, 3)).toEqual([
      'configuration',
      'data directory',
      'disk',
    ]);
  });

  test('lists the faults of a configuration with their place', async () => {
    const file = join(newDir(), 'wattbus.yaml');
    writeFileSync(file, 'dashboard:\n  port: many\n');
    const all = await examine(loadConfig({ file, env: {} }));
    expect(all).toHaveLength(1);
    expect(all[0]).toMatchObject({ level: 'fault', what: 'configuration' });
    expect(all[0]!.text).toContain(`${file}:2: dashboard.port: `);
  });

  test('says what to do where nothing can be written', async () => {
    const file = join(newDir(), 'a-file');
    writeFileSync(file, '');
    // Also root cannot write below this one.
    const found = await findings({ dataDir: '/proc/self/wattbus' });
    expect(found('data directory')).toMatchObject({ level: 'fault' });
    expect(found('data directory')!.text).toContain('cannot be written to');
    const store = await findings({ store: { sqliteFile: '/proc/version' } });
    expect(store('store')).toMatchObject({ level: 'fault' });
  });

  test('tells a missing serial port from one that is there and one that will move', async () => {
    const link = join(newDir(), 'by-id');
    symlinkSync('/dev/null', link);
    const found = await findings({
      meters: [
        { name: 'missing', port: '/dev/serial/by-id/nothing' },
        { name: 'there', port: link },
        { name: 'elsewhere', port: `tcp://127.0.0.1:${await answering(200, '')}` },
        { name: 'silent', port: 'tcp://127.0.0.1:1' },
      ],
    });
    expect(found('meter missing')).toMatchObject({ level: 'fault' });
    expect(found('meter missing')!.text).toContain('is the cable plugged in?');
    expect(found('meter there')).toMatchObject({ level: 'ok' });
    expect(found('meter elsewhere')).toMatchObject({ level: 'ok' });
    expect(found('meter silent')).toMatchObject({ level: 'fault' });
  });

  test('tells a broker that refuses the account from one that does not run', async () => {
    const dir = newDir();
    await makeSecrets(dir);
    const holder = await startTestBroker();
    await holder.stop();
    const url = `mqtt://127.0.0.1:${holder.port}`;
    expect((await findings({ mqtt: { url } }))('broker')).toMatchObject({ level: 'warn' });
    const remote = { url: 'mqtt://wattbus.invalid:1883' };
    expect((await findings({ mqtt: remote }))('broker')).toMatchObject({ level: 'fault' });
    const service = await startService(
      broker,
      testConfig({
        mqtt: { url, username: 'broker', passwordFile: join(dir, 'broker') },
        broker: {
          tcp: { port: holder.port },
          webSocket: { port: 0 },
          anonymous: false,
          usersFile: join(dir, 'users.json'),
        },
      }),
    );
    ends.push(() => service.stop());
    await until('the bus', () => service.context.bus.connected);
    const account = { url, username: 'historian', passwordFile: join(dir, 'historian') };
    expect((await findings({ mqtt: account }))('broker')).toMatchObject({ level: 'ok' });
    const wrong = { ...account, username: 'analyzer' };
    const refused = (await findings({ mqtt: wrong }))('broker');
    expect(refused).toMatchObject({ level: 'fault' });
    expect(refused!.text).toContain('check mqtt.username and mqtt.passwordFile');
  });

  test('tells what InfluxDB answers, and another program at the port of the page', async () => {
    const influxAt = async (port: number) =>
      (
        await findings({
          store: { kind: 'influxdb', influxdb: { url: `http://127.0.0.1:${port}` } },
        })
      )('store');
    const list = '{"results":[{"series":[{"values":[["wattbus"]]}]}]}';
    expect(await influxAt(await answering(200, list))).toMatchObject({ level: 'ok' });
    expect(await influxAt(await answering(200, '{}'))).toMatchObject({ level: 'warn' });
    expect(await influxAt(await answering(401, ''))).toMatchObject({ level: 'fault' });
    expect((await influxAt(1))!.text).toContain('cannot be reached');
    const passwordFile = join(newDir(), 'missing');
    const store = { kind: 'influxdb', influxdb: { passwordFile } };
    const unknown = (await findings({ store, mqtt: { passwordFile } }))!;
    expect(unknown('store')!.text).toContain(`passwordFile ${passwordFile} cannot be read`);
    expect(unknown('broker')!.text).toContain(`mqtt: passwordFile ${passwordFile} cannot be read`);
    const taken = await findings({ dashboard: { port: await answering(200, 'hello') } });
    expect(taken('page')!.text).toContain('another program has port');
  });

  test('tells how far the readings of each meter are analysed and stored', async () => {
    const bus = await startTestBroker();
    ends.push(() => bus.stop());
    const person = await joinBus(bus.url);
    ends.push(() => person.leave());
    const epoch = 'e1';
    for (const [meter, last, seq] of [
      ['main', 500, 500],
      ['pv', 5_000, 100],
    ] as const) {
      await person.say(topics.meterJournal, { meter }, { v: 1, epoch, first: 1, last });
      await person.say(topics.storedCursor, { meter }, { v: 1, epoch, seq });
      const analysis = { ...topics.energyAnalysis.row.sample, meter, epoch, seq: last };
      await person.say(topics.energyAnalysis, { meter }, analysis);
    }
    const found = await findings({ mqtt: { url: bus.url } });
    expect(found('readings main')).toEqual({
      level: 'ok',
      what: 'readings main',
      text: '500, all analysed and stored',
    });
    expect(found('readings pv')).toMatchObject({ level: 'warn' });
    expect(found('readings pv')!.text).toBe(
      '5000 in the journal, 5000 analysed, 100 stored: ' +
        'if it stays so, look at the health of historian',
    );
  });

  test('warns of a certificate that is about to expire', async () => {
    const dir = newDir();
    const files = { certFile: join(dir, 'server.crt'), keyFile: join(dir, 'server.key') };
    const missing = await findings({ dashboard: { port: 0, tls: files } });
    expect(missing('certificate')!.text).toContain('server.crt cannot be read');
    const made = new Date(Date.now() - 815 * 86_400_000);
    await makeCertificates(dir, ['localhost'], made);
    const soon = await findings({ dashboard: { port: 0, tls: files } });
    expect(soon('certificate')).toMatchObject({ level: 'warn' });
    expect(soon('certificate')!.text).toMatch(/dashboard\.tls lasts (9|10) days: renew/);
  });

  test('judges disk, clock and memory limits by their figures', () => {
    const levels = [50, 500, 5_000].map((mib) => diskFinding(mib * 2 ** 20, 2 ** 30).level);
    expect(levels).toEqual(['fault', 'warn', 'ok']);
    const at = Date.UTC(2026, 6, 1);
    expect(clockFinding(0, 'no').level).toBe('fault');
    expect(clockFinding(at, 'no').text).toContain('timedatectl set-ntp true');
    expect([clockFinding(at, 'yes').level, clockFinding(at, '').level]).toEqual(['ok', 'ok']);
    expect(memoryFinding('cpuset cpu io memory pids\n', '').level).toBe('ok');
    expect(memoryFinding('', 'cpu\t1\t3\t1\nmemory\t4\t134\t1\n').level).toBe('ok');
    const pi = memoryFinding('cpuset cpu io pids\n', 'memory\t0\t90\t0\n');
    expect(pi.level).toBe('warn');
    expect(pi.text).toContain('cgroup_enable=memory cgroup_memory=1');
  });
});
