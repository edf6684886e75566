import { afterEach, describe, expect, test } from '@jest/globals';
import { broker, BrokerService } from '@wattbus/broker';
import { dashboard, DashboardServer } from '@wattbus/dashboard';
import { startService, type RunningService, type ServiceDefinition } from '@wattbus/nest-mqtt';
import { testConfig } from '@wattbus/testing';
import { mkdtempSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { makeCertificates } from '../src/commands/certificates.js';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function started(definition: ServiceDefinition, given: object): Promise<RunningService> {
  const service = await startService(definition, testConfig({ logLevel: 'fatal', ...given }));
  ends.push(() => service.stop());
  return service;
}

const outside = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === 'IPv4' && !one.internal)?.address;

const here = { host: '127.0.0.1', port: 0 };
const hosts = ['0.0.0.0', '::', ...(outside === undefined ? [] : [outside])];

describe.each(hosts)('without accounts, at %s', (host) => {
  test('the broker does not start with any of its four listeners', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'wattbus-open-'));
    await makeCertificates(dir, ['localhost'], new Date());
    const files = { certFile: join(dir, 'server.crt'), keyFile: join(dir, 'server.key') };
    const open = { host, port: 0 };
    const settings = [
      { tcp: open, webSocket: here },
      { tcp: here, webSocket: open },
      { tcp: { ...here, tls: { ...open, ...files } }, webSocket: here },
      { tcp: here, webSocket: { ...here, tls: { ...open, ...files } } },
    ];
    for (const setting of settings) {
      await expect(started(broker, { broker: setting })).rejects.toThrow(
        `nobody could sign in on ${host}: set broker.usersFile`,
      );
    }
  });

  test('no service opens its health port without a password', async () => {
    const health = { host, port: 0 };
    const open = started(dashboard, { health, dashboard: here });
    await expect(open).rejects.toThrow(`health.host ${host} is beyond this machine`);
  });
});

describe('the page beyond loopback', () => {
  const withOutside = outside === undefined ? test.skip : test;

  withOutside('asks for a password whom the broker would let in on this machine', async () => {
    const service = await started(broker, { broker: { tcp: here, webSocket: here } });
    const { port } = service.get(BrokerService).listeners.find((one) => one.kind === 'webSocket')!;
    const page = await started(dashboard, {
      dashboard: {
        host: '0.0.0.0',
        port: 0,
        brokerWebSocketUrl: `ws://127.0.0.1:${port}/mqtt`,
      },
    });
    const pagePort = new URL(page.get(DashboardServer).url).port;
    const connect = (host: string, headers = {}) =>
      connectAsync(
        `ws://${host}:${pagePort}/mqtt`,
        { reconnectPeriod: 0, wsOptions: { headers } },
        false,
      );
    const near = await connect('127.0.0.1');
    await near.endAsync();
    await expect(connect(outside!)).rejects.toMatchObject({ code: 5 });
    const pretending = { 'x-forwarded-for': '127.0.0.1' };
    await expect(connect(outside!, pretending)).rejects.toMatchObject({ code: 5 });
  });
});
