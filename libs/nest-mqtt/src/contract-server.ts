import { EventPattern, ServerMqtt } from '@nestjs/microservices';
import { decodePayload, Topic, topics, type Params } from '@wattbus/mqtt-contract';
import type { IPublishPacket, MqttClient } from 'mqtt';
import { lastValueFrom, isObservable } from 'rxjs';
import type { Bus } from './bus.js';
import type { Counters } from './counters.js';
import { consumerOf, type Identity } from './health.js';
import type { Log } from './log.js';

/** What a handler gets: the validated payload and the parameters of the topic. */
export interface Message<P> {
  readonly topic: Topic;
  readonly params: Params;
  readonly payload: P;
  /** True where the broker had kept it: it may be old. */
  readonly retained: boolean;
}

export interface OnTopicOptions {
  /** A parameter that must be this service's own consumer name: `{ own: 'consumer' }`. */
  readonly own?: string;
  /** Fixed parameters: `{ where: { result: 'POWER' } }`. */
  readonly where?: Params;
  /** The service subscribes at run time, for instance only to the meters that it owns. */
  readonly manual?: boolean;
}

interface Extras extends OnTopicOptions {
  readonly topics: readonly Topic[];
}

/**
 * Handles a topic of the contract, or several:
 * `@OnTopic(topics.meterReading) take(message) { … }`.
 */
export function OnTopic(
  topics: Topic | readonly Topic[],
  options: OnTopicOptions = {},
): MethodDecorator {
  const all = topics instanceof Topic ? [topics] : topics;
  // Nest knows a handler by one pattern only; messages find their handlers by `topics`.
  const pattern = all.map(({ row }) => row.path).join(' ');
  return EventPattern<string>(pattern, { topics: all, ...options });
}

interface Route {
  readonly topic: Topic;
  readonly params: Params;
  readonly handlers: readonly ((message: Message<unknown>) => unknown)[];
}

/** Concrete topics whose route is remembered; forgotten all at once when full. */
const ROUTES_MAX = 50_000;
const REJECTED_SHOWN_MAX = 500;

/**
 * Nest's MQTT transport with plain JSON on the wire, validated by the contract.
 *
 * Nest's own packet (`{pattern, data}`) is not used; a message is decoded and checked before any
 * handler sees it, and one that breaks the contract is counted and shown on the `rejected` topic.
 * A throwing handler is counted and logged, and the next message is handled as usual.
 */
export class ContractServer extends ServerMqtt {
  readonly #bus: Bus;
  readonly #log: Log;
  readonly #counters: Counters;
  readonly #instance: Pick<Identity, 'service' | 'instance'>;
  readonly #routes = new Map<string, Route | null>();

  constructor(
    bus: Bus,
    log: Log,
    counters: Counters,
    instance: Pick<Identity, 'service' | 'instance'>,
  ) {
    super({});
    this.#bus = bus;
    this.#log = log;
    this.#counters = counters;
    this.#instance = instance;
  }

  /** Does not wait for the broker: a service starts, and says so, whether it is there or not. */
  override async listen(callback: (error?: unknown) => void): Promise<void> {
    this.bindEvents(this.#bus.client);
    this.#bus.start();
    callback();
    return Promise.resolve();
  }

  override bindEvents(client: MqttClient): void {
    for (const { extras } of this.messageHandlers.values()) {
      const { topics: wanted, own, where, manual } = extras as unknown as Extras;
      if (manual) continue;
      const ownName = own === undefined ? {} : { [own]: consumerOf(this.#instance) };
      for (const topic of wanted) this.#bus.subscribe(topic, { ...where, ...ownName });
    }
    client.on('message', (name, bytes, packet) => this.#receive(name, bytes, packet));
  }

  /** The bus belongs to the service and is closed after its last words. */
  override close(): void {
    this.#routes.clear();
  }

  #receive(name: string, bytes: Buffer, packet: IPublishPacket): void {
    const route = this.#routeOf(name);
    if (route === null || bytes.length === 0) return;
    const decoded = decodePayload(route.topic, bytes);
    if (!decoded.ok) return this.#reject(name, bytes, decoded.reason);
    const { topic, params } = route;
    const message = { topic, params, payload: decoded.payload, retained: packet.retain };
    for (const handle of route.handlers) {
      try {
        void settled(handle(message)).catch((error: unknown) => this.#failed(name, error));
      } catch (error) {
        this.#failed(name, error);
      }
    }
  }

  #routeOf(name: string): Route | null {
    const known = this.#routes.get(name);
    if (known !== undefined) return known;
    if (this.#routes.size >= ROUTES_MAX) this.#routes.clear();
    const route = this.#findRoute(name);
    this.#routes.set(name, route);
    return route;
  }

  #findRoute(name: string): Route | null {
    const found = [...this.messageHandlers.values()].flatMap((handler) => {
      const { topics: wanted, where } = handler.extras as unknown as Extras;
      return wanted.flatMap((topic) => {
        const params = topic.match(this.#bus.root, name);
        const fits = params && Object.entries(where ?? {}).every(([key, v]) => params[key] === v);
        return fits ? [{ topic, params, handler }] : [];
      });
    });
    const [first] = found;
    if (first === undefined) return null;
    return { ...first, handlers: found.map(({ handler }) => handler) };
  }

  #reject(name: string, bytes: Buffer, reason: string): void {
    this.#counters.add('messagesRejected');
    this.#log.limited('warn', `rejected:${name}`, `${name}: message refused: ${reason}`);
    const { service, instance } = this.#instance;
    this.#bus.publish(
      topics.serviceRejected,
      { service, instance },
      {
        v: 1,
        at: new Date().toISOString(),
        topic: name,
        reason,
        payload: bytes
          .subarray(0, REJECTED_SHOWN_MAX)
          .toString('utf8')
          .slice(0, REJECTED_SHOWN_MAX),
      },
    );
  }

  #failed(name: string, error: unknown): void {
    this.#counters.add('handlerErrors');
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#log.limited('error', `handler:${name}`, `${name}: handler failed: ${text}`);
  }
}

async function settled(done: unknown): Promise<void> {
  const result = await done;
  if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
}
