import { VERSION, type Counters } from '@wattbus/nest-mqtt';
import type { Aedes } from 'aedes';
import { refusals, type Traffic } from './connection.js';
import type { RetainedStore } from './retained/retained-store.js';

const PUBLISH_MS = 10_000;

/** The broker's figures below `$SYS/broker`, under mosquitto's names where it has them. */
export class SystemFigures {
  readonly #aedes: Aedes;
  readonly #store: RetainedStore;
  readonly #traffic: Traffic;
  readonly #counters: Counters;
  readonly #sinceMs = performance.now();
  #before: { readonly atMs: number; readonly traffic: Traffic };
  #timer: NodeJS.Timeout | null = null;

  constructor(aedes: Aedes, store: RetainedStore, traffic: Traffic, counters: Counters) {
    this.#aedes = aedes;
    this.#store = store;
    this.#traffic = traffic;
    this.#counters = counters;
    this.#before = { atMs: this.#sinceMs, traffic: { ...traffic } };
  }

  start(): void {
    this.#timer = setInterval(() => this.#publish(), PUBLISH_MS);
    this.#publish();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #publish(): void {
    const figures = this.#figures();
    for (const [name, value] of Object.entries(figures)) {
      const payload = Buffer.from(String(value));
      const topic = `$SYS/broker/${name}`;
      this.#aedes.publish(
        { cmd: 'publish', topic, payload, qos: 0, dup: false, retain: true },
        () => undefined,
      );
    }
    this.#counters.set('clients', this.#aedes.connectedClients);
    this.#counters.set('messagesReceived', this.#traffic.messagesReceived);
    this.#counters.set('messagesSent', this.#traffic.messagesSent);
    this.#counters.set('retained', this.#store.topics);
  }

  #figures(): Record<string, number | string> {
    const nowMs = performance.now();
    const { traffic, atMs } = this.#before;
    const seconds = (nowMs - atMs) / 1_000;
    const rate = (name: keyof Traffic): number =>
      seconds > 0 ? Math.round((this.#traffic[name] - traffic[name]) / seconds) : 0;
    const figures = {
      version: `wattbus ${VERSION}`,
      uptime: Math.round((nowMs - this.#sinceMs) / 1_000),
      'clients/connected': this.#aedes.connectedClients,
      'messages/received': this.#traffic.messagesReceived,
      'messages/sent': this.#traffic.messagesSent,
      'messages/received-per-second': rate('messagesReceived'),
      'messages/sent-per-second': rate('messagesSent'),
      'bytes/received': this.#traffic.bytesReceived,
      'bytes/sent': this.#traffic.bytesSent,
      'retained messages/count': this.#store.topics,
      'retained messages/bytes': this.#store.bytes,
      'memory/rss': process.memoryUsage.rss(),
      ...Object.fromEntries(refusals.map((kind) => [`refused/${kind}`, this.#counters.get(kind)])),
    };
    this.#before = { atMs: nowMs, traffic: { ...this.#traffic } };
    return figures;
  }
}
