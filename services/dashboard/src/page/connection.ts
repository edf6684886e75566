import type { HistoryRequest } from '@wattbus/mqtt-contract';
import type { PageConfig } from './page-config.js';
import type { Account } from './preferences.js';
import type { Link } from './state.js';
import { fillPath, heardTopics, readMessage, type Message, type Params } from './topics.js';
import mqtt, { type MqttClient } from './vendor/mqtt.js';

const KEEPALIVE_S = 30;
const CONNECT_MS_MAX = 10_000;
const RECONNECT_MS = 2_000;
/** MQTT 3.1.1 §3.2.2.3: bad user name or password, not authorized. */
const SIGN_IN_CODES: readonly (number | undefined)[] = [4, 5];
/** §3.9.3: the broker refuses the subscription. */
const SUBSCRIPTION_REFUSED = 128;

export interface ConnectionEvents {
  message(message: Message): void;
  link(link: Link): void;
  /** The broker wants another account than the one given. */
  accountRefused(): void;
}

/** The page's line to the broker: MQTT over the WebSocket of the host that served the page. */
export class Connection {
  readonly #topics: PageConfig['topics'];
  readonly #events: ConnectionEvents;
  /** Names the reply topic; other pages have other names. */
  readonly #name = `page-${randomHex(8)}`;
  #client: MqttClient | null = null;
  #account: Account | null = null;

  constructor(topics: PageConfig['topics'], events: ConnectionEvents) {
    this.#topics = topics;
    this.#events = events;
  }

  open(account: Account | null): void {
    this.close();
    this.#account = account;
    this.#events.link('connecting');
    const client = mqtt.connect(brokerUrl(), {
      protocolVersion: 4,
      clientId: this.#name,
      clean: true,
      keepalive: KEEPALIVE_S,
      connectTimeout: CONNECT_MS_MAX,
      reconnectPeriod: RECONNECT_MS,
      resubscribe: false,
      queueQoSZero: false,
      // The other variant runs a worker from a blob, which the content policy rightly forbids.
      timerVariant: 'native',
      ...(account ?? {}),
    });
    this.#client = client;
    client.on('connect', () => this.#subscribe(client));
    client.on('message', (topic, payload, { retain }) => {
      if (this.#client !== client) return;
      const message = readMessage(this.#topics, topic, payload, retain);
      if (message) this.#events.message(message);
    });
    client.on('error', ({ code }) => {
      if (this.#client !== client || !SIGN_IN_CODES.includes(code)) return;
      this.close();
      this.#events.accountRefused();
    });
    client.on('close', () => {
      if (this.#client === client) this.#events.link('offline');
    });
  }

  /** Tries at once, where the device is back from sleep or has a network again. */
  hurry(): void {
    if (this.#client && !this.#client.connected) this.open(this.#account);
  }

  close(): void {
    const client = this.#client;
    this.#client = null;
    client?.end(true);
  }

  ask(request: Omit<HistoryRequest, 'v' | 'client'>): void {
    if (!this.#client?.connected) return;
    const whole: HistoryRequest = { v: 1, client: this.#name, ...request };
    this.#client.publish(this.#topics.historyRequest, JSON.stringify(whole), { qos: 1 });
  }

  #subscribe(client: MqttClient): void {
    const filters = heardTopics.map((name) => {
      const params: Params = name === 'historyReply' ? { client: this.#name } : {};
      return [fillPath(this.#topics[name], params), { qos: 1 }] as const;
    });
    client.subscribe(Object.fromEntries(filters), (error) => {
      if (this.#client !== client) return;
      if (error === null) this.#events.link('online');
      else if (error.code === SUBSCRIPTION_REFUSED) this.#events.link('refused');
    });
  }
}

/** Relative to the page, so it works on any host and port, with TLS, and below a prefix. */
function brokerUrl(): string {
  const url = new URL('mqtt', document.baseURI);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

const randomHex = (digits: number): string =>
  [...crypto.getRandomValues(new Uint8Array(digits / 2))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
