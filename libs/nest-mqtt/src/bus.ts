import { encodePayload, type Params, type Topic } from '@wattbus/mqtt-contract';
import { type MqttClient, connect, type IClientOptions } from 'mqtt';
import mqttPacket from 'mqtt-packet';
import type { Socket } from 'node:net';
import { BrokerAddresses } from './broker-addresses.js';
import type { Counters } from './counters.js';
import type { Log } from './log.js';
import { Subscriptions } from './subscriptions.js';
import { explainTls } from './tls.js';
import { writeOncePerTurn } from './write-once-per-turn.js';

/** Else it keeps a buffer for each of the 65,536 numbers: 10 MB of memory for nothing measurable. */
Object.assign(mqttPacket.writeToStream, { cacheNumbers: false });

/** Publishes that wait for the broker's acknowledgement; beyond that, publishing is refused. */
const PUBLISHES_IN_FLIGHT_MAX = 2_000;
const BYTES_IN_FLIGHT_MAX = 1024 * 1024;
/** Heartbeats and the like have room where results have none, and do not wait behind megabytes. */
const SMALL_BYTES_MAX = 256;
const RECONNECT_MS_MIN = 250;
const RECONNECT_MS_MAX = 2_000;
/** Rarer than the broker's limit of failed sign-ins, which would lock out others at this address. */
const RECONNECT_REFUSED_MS = 10_000;

export interface BusOptions {
  /** One address, or those of a cluster's nodes, separated by commas. */
  readonly url: string;
  readonly clientId: string;
  readonly root: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** PEM of who may have signed the broker's certificate; default: those that Node.js knows. */
  readonly ca?: string | undefined;
  readonly will?: { topic: string; payload: string };
  /** Default 1. Nothing waits for an acknowledgement, so that 0 loses nothing either. */
  readonly qosMax?: 0 | 1;
  /** A broker that leaves a subscription without an answer for so long is left. */
  readonly subackMsMax?: number;
}

export interface PublishOptions {
  /** Overrides the contract's row, for rows that hold both kinds of values. */
  readonly retain?: boolean;
  /** The broker has it; never called for what was refused or lost on the way. */
  readonly onAcknowledged?: () => void;
}

interface TextFlags extends PublishOptions {
  readonly qos: 0 | 1;
  readonly retain: boolean;
}

/**
 * A service's one connection to the broker, speaking the contract.
 *
 * Nothing is queued while the broker is away: what must not be lost is in the journal, and
 * everything retained is published again by `onConnect`. So memory stays bounded by construction.
 */
export class Bus {
  readonly root: string;
  readonly client: MqttClient;
  readonly #log: Log;
  readonly #counters: Counters;
  readonly #subscriptions: Subscriptions;
  readonly #qosMax: 0 | 1;
  readonly #onConnect: (() => void)[] = [];
  #inFlight = 0;
  #inFlightBytes = 0;
  #closing = false;
  #started = false;
  #refused: string | null = null;

  constructor(options: BusOptions, log: Log, counters: Counters) {
    this.root = options.root;
    this.#qosMax = options.qosMax ?? 1;
    this.#log = log;
    this.#counters = counters;
    const addresses = new BrokerAddresses(options.url);
    this.client = connect(addresses.current, clientOptions(options));
    this.#subscriptions = new Subscriptions(this.client, log, options.subackMsMax);
    this.client.on('reconnect', () => addresses.next(this.client.options));
    this.client.on('connect', () => this.#connected());
    this.client.on('close', () => {
      this.#forgetUnacknowledged();
      if (!this.#closing) this.#log.limited('warn', 'broker', 'no connection to the broker');
    });
    this.client.on('error', (error) => {
      const reason = `broker ${addresses.current}: ${explain(error)}`;
      if (isLasting(error)) this.#refused = reason;
      if (isSignIn(error) && !this.#closing) {
        this.client.options.reconnectPeriod = RECONNECT_REFUSED_MS;
      }
      this.#log.limited('error', 'broker-error', reason);
    });
  }

  get connected(): boolean {
    return this.client.connected;
  }

  /** Why the broker refuses this service, or this one the broker; null where none does. */
  get refusal(): string | null {
    return this.#subscriptions.refusal ?? this.#refused;
  }

  /** Nothing but small messages would be taken now: what has to be reckoned first can wait. */
  get isFull(): boolean {
    return this.#inFlight >= PUBLISHES_IN_FLIGHT_MAX || this.#inFlightBytes >= BYTES_IN_FLIGHT_MAX;
  }

  start(): void {
    this.#started = true;
    this.client.connect();
  }

  /** Called on every connect: subscriptions are there, retained state may be said again. */
  onConnect(callback: () => void): void {
    this.#onConnect.push(callback);
    if (this.connected) callback();
  }

  /** False where the message was not handed to the broker; it is counted, and not kept. */
  publish<P>(topic: Topic<P>, params: Params, payload: P, options: PublishOptions = {}): boolean {
    const { qos, retain } = topic.row;
    return this.publishText(topic.topic(this.root, params), encodePayload(topic, payload), {
      qos,
      retain: options.retain ?? retain,
      ...(options.onAcknowledged ? { onAcknowledged: options.onAcknowledged } : {}),
    });
  }

  /** For payloads that are encoded already; `publish` is the usual way. */
  publishText(topic: string, text: string, flags: TextFlags): boolean {
    const isRefused =
      text.length > SMALL_BYTES_MAX ? this.isFull : this.#inFlight >= PUBLISHES_IN_FLIGHT_MAX;
    if (!this.client.connected || isRefused) {
      this.#counters.add('publishesDropped');
      return false;
    }
    // Who asks for something hears the answer.
    this.#subscriptions.flush();
    this.#inFlight += 1;
    this.#inFlightBytes += text.length;
    const { retain, onAcknowledged } = flags;
    this.client.publish(topic, text, { qos: this.#atMost(flags.qos), retain }, (error) => {
      this.#inFlight -= 1;
      this.#inFlightBytes -= text.length;
      if (error) this.#counters.add('publishesFailed');
      else onAcknowledged?.();
    });
    return true;
  }

  subscribe<P>(topic: Topic<P>, params: Params = {}): void {
    const { qos, subscribeQos = qos } = topic.row;
    this.subscribeTo(topic.filter(this.root, params), subscribeQos);
  }

  /** For a filter over several topics; `subscribe` is the usual way. */
  subscribeTo(filter: string, qosMax: 0 | 1): void {
    this.#subscriptions.add(filter, this.#atMost(qosMax));
  }

  unsubscribe<P>(topic: Topic<P>, params: Params = {}): void {
    this.unsubscribeFrom(topic.filter(this.root, params));
  }

  unsubscribeFrom(filter: string): void {
    this.#subscriptions.remove(filter);
  }

  /** Waits for what is in flight, at most `waitMsMax`, then disconnects (no last will). */
  async close(waitMsMax = 2_000): Promise<void> {
    this.#closing = true;
    const until = Date.now() + waitMsMax;
    while (this.connected && this.#isWaiting() && Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    // Else a client that is ended while it connects tries again, for ever.
    this.client.options.reconnectPeriod = 0;
    // A client that never connected has nothing to end, and fails when it is told to.
    if (this.#started) await this.client.endAsync(!this.connected || this.#isWaiting());
  }

  /**
   * The client would send these again on the next connect, before anything else: an old state would
   * then overwrite the new one that another process has published in between.
   */
  #forgetUnacknowledged(): void {
    for (const id of this.#unacknowledged()) this.client.removeOutgoingMessage(id);
  }

  /** Subscriptions among them, for which a client that ends by itself would wait for ever. */
  #isWaiting(): boolean {
    return this.#inFlight > 0 || this.#unacknowledged().length > 0;
  }

  #unacknowledged(): number[] {
    const { outgoing } = this.client as unknown as { outgoing: Record<string, unknown> };
    return Object.keys(outgoing).map(Number);
  }

  #connected(): void {
    // mqtt.js leaves Nagle's algorithm on, which costs 10 ms a message (median) on loopback.
    const stream = this.client.stream as Partial<Socket>;
    stream.setNoDelay?.(true);
    writeOncePerTurn(this.client.stream);
    if (!this.#closing) this.client.options.reconnectPeriod = reconnectMs();
    this.#counters.add('connects');
    this.#refused = null;
    this.#subscriptions.sayAll();
    for (const callback of this.#onConnect) callback();
  }

  #atMost(qos: 0 | 1): 0 | 1 {
    return this.#qosMax === 0 ? 0 : qos;
  }
}

function clientOptions(options: BusOptions): IClientOptions {
  const { clientId, username, password, ca, will, qosMax = 1 } = options;
  return {
    clientId,
    protocolVersion: 4,
    clean: true,
    keepalive: 15,
    connectTimeout: 10_000,
    reconnectPeriod: reconnectMs(),
    // Else a broker that is busy, or one wrong password, would end it for good.
    reconnectOnConnackError: true,
    manualConnect: true,
    // Subscriptions are kept here, because some come and go at run time.
    resubscribe: false,
    queueQoSZero: false,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
    ...(will
      ? { will: { ...will, payload: Buffer.from(will.payload), qos: qosMax, retain: true } }
      : {}),
  };
}

/** Spread, so that services do not all return in the same moment after the broker was away. */
const reconnectMs = (): number =>
  RECONNECT_MS_MIN + Math.floor(Math.random() * (RECONNECT_MS_MAX - RECONNECT_MS_MIN));

type BusError = Error & { code?: number | string };

function explain(error: BusError): string {
  if (isSignIn(error)) {
    return 'user name or password refused: check mqtt.username and mqtt.passwordFile';
  }
  return explainTls(error) ?? (error.message || String(error.code ?? error));
}

/** MQTT 3.1.1 §3.2.2.3: bad user name or password, not authorized. */
const isSignIn = ({ code }: BusError): boolean => code === 4 || code === 5;

/** Goes away only when somebody does something. */
const isLasting = (error: BusError): boolean => isSignIn(error) || explainTls(error) !== null;
