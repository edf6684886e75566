import { once } from 'node:events';
import { connect } from 'node:net';
import { Module } from '@nestjs/common';
import { afterEach, describe, expect, test } from '@jest/globals';
import { startTestBroker, testConfig, until } from '@wattbus/testing';
import { startService, type RunningService } from '../src/index.js';

@Module({})
class Empty {}

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function started(health: object): Promise<RunningService> {
  const broker = await startTestBroker();
  ends.push(() => broker.stop());
  const config = testConfig({ mqtt: { url: broker.url }, instance: 'a', health });
  const service = await startService({ role: 'meter-ingest', module: Empty }, config);
  ends.push(() => service.stop());
  await until('connection', () => service.context.bus.connected);
  return service;
}

describe('health over HTTP', () => {
  test('gives Prometheus its counters, states and process figures', async () => {
    const service = await started({ port: 0 });
    service.context.counters.add('readingsAccepted', 3);
    service.context.counters.set('metersOpen', 2);
    const answer = await fetch(`http://127.0.0.1:${service.healthPort}/metrics`);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await answer.text();
    expect(text).toContain('\n# TYPE wattbus_meter_ingest_readings_accepted_total counter\n');
    expect(text).toContain('\nwattbus_meter_ingest_readings_accepted_total 3\n');
    expect(text).toContain('\n# TYPE wattbus_meter_ingest_meters_open gauge\n');
    expect(text).toContain('\nwattbus_meter_ingest_meters_open 2\n');
    expect(text).toContain('wattbus_meter_ingest_info{replica="a",version="0.1.0"} 1\n');
    expect(text).toContain('wattbus_meter_ingest_ready 1\n');
    // Every line is a comment or a sample; the text ends with a line feed.
    expect(text).toMatch(/^(# (HELP|TYPE) .+\n|[a-z_]+(\{.*\})? -?[\d.e+-]+\n)+$/);
    const memory = /process_resident_memory_bytes (\d+)/.exec(text)![1];
    expect(Number(memory)).toBeGreaterThan(1e6);
  });

  test('answers /health, and nothing else', async () => {
    const service = await started({ port: 0 });
    const url = `http://127.0.0.1:${service.healthPort}`;
    expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ state: 'ready' });
    expect((await fetch(`${url}/`)).status).toBe(404);
  });

  test('takes its places back from who holds them all with requests that never end', async () => {
    const service = await started({ port: 0 });
    const port = service.healthPort!;
    const held = Array.from({ length: 20 }, () => connect(port, '127.0.0.1'));
    ends.push(async () => held.forEach((socket) => socket.destroy()));
    for (const socket of held) {
      socket.on('error', () => undefined).resume();
      await once(socket, 'connect');
      socket.write('GET /health HTTP/1.1\r\n');
    }
    await until('the slow ones to be sent away', () => held.every(({ closed }) => closed));
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
  });

  test('does not start beyond this machine without a password', async () => {
    const open = started({ host: '0.0.0.0', port: 0 });
    await expect(open).rejects.toThrow('health.host 0.0.0.0 is beyond this machine: set health.');
  });

  test('asks for the password where there is one', async () => {
    const service = await started({ host: '0.0.0.0', port: 0, password: 'right' });
    const url = `http://127.0.0.1:${service.healthPort}/metrics`;
    const statusWith = async (authorization: string): Promise<number> =>
      (await fetch(url, { headers: { authorization } })).status;
    expect((await fetch(url)).status).toBe(401);
    expect(await statusWith('Bearer wrong')).toBe(401);
    expect(await statusWith('Bearer right')).toBe(200);
  });
});
