import { Aedes, type Client } from 'aedes';
import mqemitter from 'mqemitter';
import mqttPacket from 'mqtt-packet';
import type { Duplex } from 'node:stream';
import { Admission } from './admission.js';
import type { BrokerOptions, Telling } from './broker-options.js';
import { Connection, Refusal, type Origin, type Traffic } from './connection.js';
import { Delivery, type DeliveringClient } from './delivery.js';
import { TOPIC_LEVELS_MAX } from './domain/topic-filter.js';
import { endOf } from './ending.js';
import { openListener, type Listener, type OpenListener } from './listeners.js';
import { BACKLOG_BYTES_MAX } from './outbox.js';
import { RetainedPersistence } from './retained/retained-persistence.js';
import { RetainedStore } from './retained/retained-store.js';
import { SystemFigures } from './system-figures.js';

/** Connections that have not signed in yet, all together. */
const UNSIGNED_MAX = 100;
const CONNECT_MS_MAX = 10_000;
/** For acknowledgements and stored messages; subscriptions are cut off by `Delivery`. */
const DRAIN_MS_MAX = 10_000;

// A buffer for each of 65,536 numbers takes 10 MB and saves nothing that can be measured.
Object.assign(mqttPacket.writeToStream, { cacheNumbers: false });

/** An MQTT 3.1.1 broker in this process: Aedes, and the guards around it. */
export class EmbeddedBroker {
  readonly listeners: OpenListener[] = [];
  readonly #aedes: Aedes;
  readonly #persistence: RetainedPersistence;
  readonly #figures: SystemFigures;
  readonly #admission: Admission;
  readonly #telling: Telling;
  readonly #unsigned = new Set<Connection>();
  readonly #traffic: Traffic;

  private constructor(options: BrokerOptions, telling: Telling, store: RetainedStore) {
    this.#telling = telling;
    this.#traffic = { bytesReceived: 0, bytesSent: 0, messagesReceived: 0, messagesSent: 0 };
    this.#admission = new Admission(options, telling, this.#traffic);
    this.#persistence = new RetainedPersistence(store, (topic) => {
      telling.counters.add('retainedFull');
      telling.log.limited('error', 'retainedFull', `no room to retain ${topic}`);
    });
    this.#aedes = new Aedes({
      // No limit: nothing waits in a delivery, and a publisher is read on when its own are done.
      mq: mqemitter({ concurrency: 0, matchEmptyLevels: true }),
      persistence: this.#persistence,
      connectTimeout: options.connectMsMax ?? CONNECT_MS_MAX,
      drainTimeout: DRAIN_MS_MAX,
      maxTopicLevels: TOPIC_LEVELS_MAX,
      ...this.#admission.hooks,
    });
    this.#figures = new SystemFigures(this.#aedes, store, this.#traffic, telling.counters);
    this.#listenToEvents();
  }

  /** Rejects where a listener cannot be opened or the retained messages cannot be read. */
  static async open(options: BrokerOptions, telling: Telling): Promise<EmbeddedBroker> {
    const store = await RetainedStore.open(options.files, {
      directory: options.directory,
      flushMs: options.retainedFlushMs,
      bytesMax: options.retainedBytesMax,
      onFault: (reason) => {
        telling.condition.set('retained', reason);
        if (reason === null) telling.log.write('info', 'retained messages are written again');
        else telling.log.limited('error', 'retained', reason);
        if (reason !== null) telling.counters.add('retainedWritesFailed');
      },
      onDamage: (message) => {
        telling.counters.add('retainedDamaged');
        telling.log.write('error', message);
      },
    });
    const broker = new EmbeddedBroker(options, telling, store);
    await broker.#aedes.listen();
    try {
      for (const listener of options.listeners) await broker.#open(listener, options);
    } catch (error) {
      await broker.close();
      throw error;
    }
    broker.#figures.start();
    return broker;
  }

  /** Ends all connections, with their wills, and writes what is retained. */
  async close(): Promise<void> {
    this.#figures.stop();
    const ended = this.listeners.map((listener) => listener.close());
    for (const { stream } of this.#unsigned) stream.destroy();
    await new Promise<void>((resolve) => this.#aedes.close(resolve));
    for (const listener of this.listeners) listener.cut();
    await Promise.all(ended);
    await this.#persistence.destroy();
  }

  async #open(listener: Listener, options: BrokerOptions): Promise<void> {
    const open = await openListener(listener, {
      connectionsMax: options.connectionsMax,
      packetBytesMax: options.packetBytesMax,
      accept: (stream, origin) => this.#accept(stream, origin),
      onFull: () => this.#full(),
    });
    this.listeners.push(open);
  }

  #accept(stream: Duplex, origin: Origin): void {
    if (this.#unsigned.size >= UNSIGNED_MAX && !this.#endSilent()) {
      stream.on('error', () => undefined);
      stream.destroy();
      return this.#full();
    }
    const connection = new Connection(stream, origin, this.#traffic);
    this.#admission.add(connection);
    this.#unsigned.add(connection);
    stream.once('close', () => this.#unsigned.delete(connection));
    this.#aedes.handle(stream);
  }

  /** Whoever is silent must not keep others out. False where all have said who they are. */
  #endSilent(): boolean {
    for (const connection of this.#unsigned) {
      if (connection.saidWho) continue;
      this.#unsigned.delete(connection);
      connection.stream.destroy();
      this.#full();
      return true;
    }
    return false;
  }

  #full(): void {
    this.#telling.counters.add('connectionsFull');
    this.#telling.log.limited('warn', 'connectionsFull', 'too many connections; one refused');
  }

  #listenToEvents(): void {
    const { log, counters } = this.#telling;
    const delivery = new Delivery({
      backlogBytesMax: BACKLOG_BYTES_MAX,
      traffic: this.#traffic,
      nowMs: () => performance.now(),
      onDropped: () => {
        counters.add('slowDropped');
        log.limited('warn', 'slowDropped', 'a subscriber is too slow; QoS 0 messages dropped');
      },
    });
    this.#aedes.on('client', (client) => {
      const connection = this.#admission.connectionOf(client);
      this.#unsigned.delete(connection);
      this.#admission.register(client);
      delivery.attach(client as unknown as DeliveringClient, connection);
    });
    this.#aedes.on('clientDisconnect', (client) => this.#admission.unregister(client));
    this.#aedes.on('unsubscribe', (filters, client) => {
      const connection = this.#admission.connectionOf(client);
      for (const filter of filters) connection.filters.delete(filter);
    });
    this.#aedes.on('clientError', (client, error) => this.#ended(client, error));
    this.#aedes.on('connectionError', (client, error) => this.#ended(client, error));
    (this.#aedes as NodeJS.EventEmitter).on('error', (error: Error) => {
      counters.add('brokerErrors');
      log.limited('error', 'brokerError', `broker: ${error.message}`);
    });
  }

  #ended(client: Client, error: Error): void {
    const { log, counters } = this.#telling;
    const kind = error instanceof Refusal ? error.kind : endOf(error);
    counters.add(kind);
    if (kind === 'connectionsLost') return;
    const { user, origin } = this.#admission.connectionOf(client);
    const who = `${client.id ?? 'no client id'} (${user ?? 'no user'}) at ${origin.address}`;
    log.limited('warn', `${kind}:${user ?? ''}`, `connection ended: ${error.message}: ${who}`);
  }
}
