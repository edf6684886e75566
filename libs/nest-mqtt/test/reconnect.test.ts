import { afterEach, expect, test } from '@jest/globals';
import { topics } from '@wattbus/mqtt-contract';
import { until } from '@wattbus/testing';
import mqttPacket from 'mqtt-packet';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { Bus, Counters, Log } from '../src/index.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Lets everybody in and acknowledges nothing: what a broker does that dies at the wrong moment. */
async function startMuteBroker(): Promise<{ url: string; sockets: Socket[]; heard: string[] }> {
  const sockets: Socket[] = [];
  const heard: string[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    const parser = mqttPacket.parser();
    parser.on('packet', (packet) => {
      if (packet.cmd === 'connect') {
        socket.write(mqttPacket.generate({ cmd: 'connack', returnCode: 0, sessionPresent: false }));
      }
      if (packet.cmd === 'publish') heard.push(`${sockets.length}: ${packet.payload.toString()}`);
    });
    socket.on('data', (bytes) => parser.parse(bytes));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets, heard };
}

test('what was not acknowledged is not sent again after a reconnect', async () => {
  const broker = await startMuteBroker();
  const counters = new Counters();
  const bus = new Bus(
    { url: broker.url, clientId: 'test', root: 'energy' },
    new Log('test', 'silent'),
    counters,
  );
  ends.push(() => bus.close(0));
  const params = { meter: 'main', quantity: 'powerW' };
  bus.start();
  await until('the connection', () => bus.connected);
  bus.publish(topics.meterQuantity, params, '1');
  await until('the message', () => broker.heard.length === 1);

  broker.sockets[0]!.destroy();
  await until('the second connection', () => broker.sockets.length === 2 && bus.connected);
  bus.publish(topics.meterQuantity, params, '2');
  await until('the newer message', () => broker.heard.length >= 2);
  expect(broker.heard).toEqual(['1: 1', '2: 2']);
  expect(counters.get('publishesFailed')).toBe(1);
});
