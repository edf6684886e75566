import { until } from '@wattbus/testing';
import { accessRules } from '@wattbus/mqtt-contract';
import { Condition, Counters, Log } from '@wattbus/nest-mqtt';
import { mkdtempSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import mqttPacket, { type Packet } from 'mqtt-packet';
import type { BrokerOptions } from '../src/broker-options.js';
import { EmbeddedBroker } from '../src/embedded-broker.js';
import { diskFiles } from '../src/retained/retained-files.js';

const anonymousHere = { host: '127.0.0.1', port: 0, anonymous: true } as const;

/** A broker with everything real, its counters, and clients that end with it. */
export interface RunningBroker {
  readonly counters: Counters;
  readonly condition: Condition;
  readonly directory: string;
  readonly tcpPort: number;
  readonly webSocketPort: number;
  connect(options?: IClientOptions): Promise<MqttClient>;
  /** A socket that speaks MQTT only as far as the test writes packets. */
  rawClient(): Promise<RawClient>;
  stop(): Promise<void>;
}

export interface RawClient {
  readonly socket: Socket;
  readonly received: Packet[];
  send(packet: Packet): void;
  closed(): Promise<unknown>;
}

export async function runBroker(given: Partial<BrokerOptions> = {}): Promise<RunningBroker> {
  const directory = given.directory ?? mkdtempSync(join(tmpdir(), 'wattbus-broker-'));
  const counters = new Counters();
  const condition = new Condition();
  const broker = await EmbeddedBroker.open(
    {
      listeners: [
        { kind: 'tcp', ...anonymousHere },
        { kind: 'webSocket', ...anonymousHere },
      ],
      rights: accessRules('energy'),
      accounts: new Map(),
      directory,
      retainedFlushMs: 100,
      retainedBytesMax: 64 * 1024 * 1024,
      packetBytesMax: 64 * 1024,
      connectionsMax: 1_000,
      files: diskFiles,
      ...given,
    },
    { log: new Log('broker', 'silent'), counters, condition },
  );
  const portOf = (kind: string): number =>
    broker.listeners.find((one) => one.kind === kind)?.port ?? 0;
  const [tcpPort, webSocketPort] = [portOf('tcp'), portOf('webSocket')];
  const clients: MqttClient[] = [];
  const sockets: Socket[] = [];
  return {
    counters,
    condition,
    directory,
    tcpPort,
    webSocketPort,
    connect: async (options = {}) => {
      const url = `mqtt://127.0.0.1:${tcpPort}`;
      const client = await connectAsync(url, { reconnectPeriod: 0, ...options }, false);
      clients.push(client);
      return client;
    },
    rawClient: async () => {
      const client = await rawClient(tcpPort);
      sockets.push(client.socket);
      return client;
    },
    stop: async () => {
      for (const client of clients) client.end(true);
      for (const socket of sockets) socket.destroy();
      await broker.close();
    },
  };
}

async function rawClient(port: number): Promise<RawClient> {
  const socket = connectTcp({ host: '127.0.0.1', port, noDelay: true });
  const received: Packet[] = [];
  const parser = mqttPacket.parser();
  parser.on('packet', (packet) => received.push(packet));
  socket.on('data', (bytes) => parser.parse(bytes));
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  return {
    socket,
    received,
    send: (packet) => socket.write(mqttPacket.generate(packet)),
    closed: () => until('the broker closes', () => socket.closed),
  };
}

export const connectPacket = (given: object = {}): Packet => ({
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clean: true,
  clientId: 'raw',
  keepalive: 0,
  ...given,
});
