import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { broker, BrokerService } from '@wattbus/broker';
import { dashboard, DashboardServer } from '@wattbus/dashboard';
import { startService, type RunningService } from '@wattbus/nest-mqtt';
import { freePort, testConfig, until } from '@wattbus/testing';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { get } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { makeCertificates } from '../src/commands/certificates.js';

const now = new Date();
const names = ['localhost', '127.0.0.1', '::1'];
const newDir = (): string => mkdtempSync(join(tmpdir(), 'wattbus-tls-'));
let dir: string;
let otherCa: string;

beforeAll(async () => {
  dir = newDir();
  await makeCertificates(dir, names, now);
  const other = newDir();
  await makeCertificates(other, names, now);
  otherCa = join(other, 'ca.crt');
});

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const filesIn = (from: string) => ({
  certFile: join(from, 'server.crt'),
  keyFile: join(from, 'server.key'),
});
const files = () => filesIn(dir);
const caFile = (): string => join(dir, 'ca.crt');

interface Ports {
  readonly tcp: number;
  readonly tls: number;
  readonly webSocketTls: number;
}

async function startBroker(): Promise<Ports & { readonly service: RunningService }> {
  const tcp = await freePort();
  const service = await startService(
    broker,
    testConfig({
      mqtt: { url: `mqtt://127.0.0.1:${tcp}` },
      broker: {
        tcp: { port: tcp, tls: { port: 0, ...files() } },
        webSocket: { port: 0, tls: { port: 0, ...files() } },
      },
      logLevel: 'fatal',
    }),
  );
  ends.push(() => service.stop());
  const { listeners } = service.get(BrokerService);
  const portOf = (kind: string): number =>
    listeners.find((one) => one.kind === kind && one.encrypted)!.port;
  return { service, tcp, tls: portOf('tcp'), webSocketTls: portOf('webSocket') };
}

async function startPage(mqtt: object, own: object): Promise<RunningService> {
  const config = testConfig({ mqtt, dashboard: { port: 0, ...own }, logLevel: 'fatal' });
  const service = await startService(dashboard, config);
  ends.push(() => service.stop());
  return service;
}

describe('certificates', () => {
  test('are for the names asked for, signed by a CA that only its owner can use', () => {
    const server = new X509Certificate(readFileSync(files().certFile));
    const ca = new X509Certificate(readFileSync(caFile()));
    expect(server.checkIssued(ca)).toBe(true);
    expect(server.verify(ca.publicKey)).toBe(true);
    expect(server.checkHost('localhost')).toBe('localhost');
    expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(server.ca).toBe(false);
    expect(statSync(join(dir, 'ca.key')).mode & 0o077).toBe(0);
  });

  test('stay while they are good, and are renewed by the same CA with the names they had', async () => {
    const own = newDir();
    await makeCertificates(own, names, now);
    const authority = readFileSync(join(own, 'ca.crt'), 'utf8');
    expect((await makeCertificates(own, ['localhost'], now)).made).toEqual([]);
    const renewed = ['server.crt', 'server.key'];
    const more = await makeCertificates(own, ['home.example.org'], now);
    expect(more).toEqual({ names: [...names, 'home.example.org'], made: renewed });
    const late = new Date(now.getTime() + 800 * 86_400_000);
    expect((await makeCertificates(own, names, late)).made).toEqual(renewed);
    expect(readFileSync(join(own, 'ca.crt'), 'utf8')).toBe(authority);
    const server = new X509Certificate(readFileSync(join(own, 'server.crt')));
    expect(server.verify(new X509Certificate(authority).publicKey)).toBe(true);
    expect(Date.parse(server.validTo)).toBeGreaterThan(late.getTime());
  });
});

describe('MQTT with TLS', () => {
  test('connects a service over mqtts and over wss that knows the CA', async () => {
    const { tls, webSocketTls } = await startBroker();
    for (const url of [`mqtts://127.0.0.1:${tls}`, `wss://localhost:${webSocketTls}/mqtt`]) {
      const service = await startPage({ url, caFile: caFile() }, {});
      await until('the bus', () => service.context.bus.connected);
    }
  });

  test('refuses a broker of another CA, and says in its health what to do', async () => {
    const { tls } = await startBroker();
    const url = `mqtts://127.0.0.1:${tls}`;
    const wrong = await startPage({ url, caFile: otherCa }, {});
    const refusal = await until('a refusal', () => wrong.context.bus.refusal);
    expect(refusal).toBe(`broker ${url}: its certificate is not signed by mqtt.caFile`);
    const unset = await startPage({ url }, {});
    const unknown = await until('a refusal', () => unset.context.bus.refusal);
    expect(unknown).toMatch(/its certificate is (not )?signed by .*mqtt\.caFile$/);
    expect(wrong.context.bus.connected || unset.context.bus.connected).toBe(false);
  });

  test('refuses a certificate for another name', async () => {
    const other = newDir();
    await makeCertificates(other, ['example.org'], now);
    const tcp = await freePort();
    const tlsPort = await freePort();
    const service = await startService(
      broker,
      testConfig({
        mqtt: { url: `mqtt://127.0.0.1:${tcp}` },
        broker: {
          tcp: { port: tcp, tls: { port: tlsPort, ...filesIn(other) } },
          webSocket: { port: 0 },
        },
        logLevel: 'fatal',
      }),
    );
    ends.push(() => service.stop());
    const mqtt = { url: `mqtts://127.0.0.1:${tlsPort}`, caFile: join(other, 'ca.crt') };
    const page = await startPage(mqtt, {});
    const refusal = await until('a refusal', () => page.context.bus.refusal);
    expect(refusal).toContain('its certificate is for another name');
  });

  test('stays up when plain bytes and half a handshake arrive, and stops with them', async () => {
    const { tls, service } = await startBroker();
    const sockets = [connectTcp(tls, '127.0.0.1'), connectTcp(tls, '127.0.0.1')] as const;
    for (const socket of sockets) socket.on('error', () => undefined);
    sockets[0].write('GET / HTTP/1.1\r\n\r\n');
    await until('the first is closed', () => sockets[0].closed);
    // A TLS record header that promises more than ever comes.
    sockets[1].write(Buffer.from([0x16, 3, 1, 2, 0, 1]));
    const url = `mqtts://127.0.0.1:${tls}`;
    const client = await connectAsync(url, { ca: readFileSync(caFile()), reconnectPeriod: 0 });
    await client.publishAsync('energy/anything', 'x', { qos: 1 });
    await client.endAsync();
    await service.stop();
    await until('the second is closed', () => sockets[1].closed);
  });

  test('does not start with a key of another certificate, or without the file', async () => {
    const other = newDir();
    await makeCertificates(other, names, now);
    const start = (tls: object): Promise<unknown> =>
      startService(
        broker,
        testConfig({ broker: { tcp: { port: 0, tls }, webSocket: { port: 0 } } }),
      );
    const mixed = { certFile: files().certFile, keyFile: filesIn(other).keyFile };
    await expect(start(mixed)).rejects.toThrow('broker.tcp.tls: the key');
    const missing = { ...files(), certFile: '/nowhere/server.crt' };
    await expect(start(missing)).rejects.toThrow('broker.tcp.tls.certFile /nowhere/server.crt');
    const swapped = { certFile: files().keyFile, keyFile: files().certFile };
    await expect(start(swapped)).rejects.toThrow('is no PEM of the right kind');
  });
});

describe('the page with TLS', () => {
  test('is served over https, and its wss reaches the broker', async () => {
    const { tcp, webSocketTls } = await startBroker();
    const page = await startPage(
      { url: `mqtt://127.0.0.1:${tcp}`, caFile: caFile() },
      { tls: files(), brokerWebSocketUrl: `wss://127.0.0.1:${webSocketTls}/mqtt` },
    );
    const { url } = page.get(DashboardServer);
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/$/);
    const ca = readFileSync(caFile());
    const status = await new Promise((resolve, reject) => {
      get(url, { ca }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on('error', reject);
    });
    expect(status).toBe(200);
    const pipe = `${url.replace('https', 'wss')}mqtt`;
    const client = await connectAsync(pipe, { ca, reconnectPeriod: 0 }, false);
    await client.publishAsync('energy/anything', 'x', { qos: 1 });
    await client.endAsync();
    await expect(
      connectAsync(pipe, { ca: readFileSync(otherCa), reconnectPeriod: 0 }, false),
    ).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  });

  test('says that the broker has a certificate of another CA', async () => {
    const { tcp, webSocketTls } = await startBroker();
    const page = await startPage(
      { url: `mqtt://127.0.0.1:${tcp}`, caFile: otherCa },
      { brokerWebSocketUrl: `wss://127.0.0.1:${webSocketTls}/mqtt` },
    );
    const pipe = `${page.get(DashboardServer).url.replace('http', 'ws')}mqtt`;
    await expect(connectAsync(pipe, { reconnectPeriod: 0 }, false)).rejects.toThrow();
    expect(page.context.condition.reason).toContain('its certificate is not signed by mqtt.caFile');
  });
});
