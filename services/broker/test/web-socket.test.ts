import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { until } from '@wattbus/testing';
import { connectAsync, type MqttClient } from 'mqtt';
import WebSocket from 'ws';
import { runBroker, type RunningBroker } from './running-broker.js';

let broker: RunningBroker;
beforeEach(async () => {
  broker = await runBroker();
});
afterEach(() => broker.stop());

const connect = (headers: Record<string, string> = {}): Promise<MqttClient> =>
  connectAsync(
    `ws://127.0.0.1:${broker.webSocketPort}/mqtt`,
    { reconnectPeriod: 0, wsOptions: { headers } },
    false,
  );

function upgrade(path: string, protocols: string[]): Promise<number> {
  const url = `ws://127.0.0.1:${broker.webSocketPort}${path}`;
  return new Promise((resolve) => {
    const socket = new WebSocket(url, protocols);
    socket.on('error', () => undefined);
    socket.on('unexpected-response', (request, response) => {
      resolve(response.statusCode ?? 0);
      request.destroy();
    });
    socket.on('open', () => {
      resolve(101);
      socket.terminate();
    });
  });
}

describe('MQTT over WebSocket', () => {
  test('carries messages both ways, between WebSocket and TCP clients', async () => {
    const [page, service] = [await connect(), await broker.connect()];
    const seen: string[] = [];
    page.on('message', (topic, payload) => seen.push(`page ${topic} ${payload.toString()}`));
    service.on('message', (topic, payload) => seen.push(`service ${topic} ${payload.toString()}`));
    await page.subscribeAsync('down', { qos: 1 });
    await service.subscribeAsync('up', { qos: 1 });
    await page.publishAsync('up', 'a'.repeat(40_000), { qos: 1 });
    await service.publishAsync('down', 'b'.repeat(40_000), { qos: 1 });
    await until('both messages', () => seen.length === 2);
    expect(seen.toSorted()).toEqual([
      `page down ${'b'.repeat(40_000)}`,
      `service up ${'a'.repeat(40_000)}`,
    ]);
    await page.endAsync();
  });

  test('lets pages of this machine in without a password, and none of another site', async () => {
    const own = await connect({ origin: 'http://localhost:8080' });
    expect(own.connected).toBe(true);
    await own.endAsync();
    for (const origin of ['https://evil.example', 'null']) {
      await expect(connect({ origin })).rejects.toMatchObject({ code: 5 });
    }
  });

  test('lets nobody in without a password for whom a proxy on this machine speaks', async () => {
    await expect(connect({ 'x-forwarded-for': '192.0.2.7' })).rejects.toMatchObject({ code: 5 });
    const here = await connect({ 'x-forwarded-for': '127.0.0.1' });
    expect(here.connected).toBe(true);
    await here.endAsync();
  });

  test('answers another path or subprotocol and a plain request with a status', async () => {
    expect(await upgrade('/mqtt', ['mqtt'])).toBe(101);
    expect(await upgrade('/other', ['mqtt'])).toBe(404);
    expect(await upgrade('/mqtt', [])).toBe(400);
    expect(await upgrade('/mqtt', ['chat'])).toBe(400);
    const plain = await fetch(`http://127.0.0.1:${broker.webSocketPort}/mqtt`);
    expect(plain.status).toBe(426);
  });
});
