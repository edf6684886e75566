import { EventPattern, ServerMqtt } from '@nestjs/microservices';
import { decodePayload, Topic, topics, type Params } from '@wattbus/mqtt-contract';
import type { IPublishPacket, MqttClient } from 'mqtt';
import { lastValueFrom, isObservable } from 'rxjs';
import type { Bus } from './bus.js';
import type { Counters } from './counters.js';
import { consumerOf, type Identity } from './health.js';
import type { Log } from './log.js';
import { Routes, type Subscriber } from './routes.js';

/** What a handler gets: the validated payload and the parameters of the topic. */
export interface Message<P> {
  readonly topic: Topic;
  readonly params: Params;
  readonly payload: P;
  /** True where the broker had kept it: it may be old. */
  readonly retained: boolean;
}

type Schema = Topic['row']['payload'];

export interface OnTopicOptions {
  /** A parameter that must be this service's own consumer name: `{ own: 'consumer' }`. */
  readonly own?: string;
  /** Fixed parameters: `{ where: { result: 'POWER' } }`. */
  readonly where?: Params;
  /** The service subscribes at run time, for instance only to the meters that it owns. */
  readonly manual?: boolean;
  /** As much of the payload as the handler needs, where checking all of it takes too long. */
  readonly as?: Schema;
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

/** `as` is the schema of what it takes; none for the whole payload. */
interface Handler {
  readonly as: Schema | undefined;
  readonly handle: (message: Message<unknown>) => unknown;
}

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
  #routes: Routes<Handler> | null = null;

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
    const subscribers: Subscriber<Handler>[] = [];
    for (const handle of this.messageHandlers.values()) {
      const { topics: wanted, own, where, manual, as } = handle.extras as unknown as Extras;
      const handler = { as, handle };
      subscribers.push(...wanted.map((topic) => ({ topic, where, handler })));
      if (manual) continue;
      const ownName = own === undefined ? {} : { [own]: consumerOf(this.#instance) };
      for (const topic of wanted) this.#bus.subscribe(topic, { ...where, ...ownName });
    }
    this.#routes = new Routes(this.#bus.root, subscribers);
    client.on('message', (name, bytes, packet) => this.#receive(name, bytes, packet));
  }

  /** The bus belongs to the service and is closed after its last words. */
  override close(): void {
    this.#routes = null;
  }

  #receive(name: string, bytes: Buffer, packet: IPublishPacket): void {
    if (bytes.length === 0) return;
    const route = this.#routes?.of(name) ?? null;
    if (route === null) return;
    const { topic, params, handlers } = route;
    for (const as of new Set(handlers.map((handler) => handler.as))) {
      const decoded = as ? decodePayload(topic, bytes, as) : decodePayload(topic, bytes);
      if (!decoded.ok) return this.#reject(name, bytes, decoded.reason);
      const message = { topic, params, payload: decoded.payload, retained: packet.retain };
      for (const handler of handlers) if (handler.as === as) this.#handle(name, handler, message);
    }
  }

  #handle(name: string, { handle }: Handler, message: Message<unknown>): void {
    try {
      void settled(handle(message)).catch((error: unknown) => this.#failed(name, error));
    } catch (error) {
      this.#failed(name, error);
    }
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
