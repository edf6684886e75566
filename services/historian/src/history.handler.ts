import { Controller, Inject, type OnApplicationBootstrap } from '@nestjs/common';
import { Name } from '@wattbus/energy-model';
import {
  decodePayload,
  topics,
  type HistoryReply,
  type HistoryRequest,
} from '@wattbus/mqtt-contract';
import { OnTopic, SERVICE, type Message, type ServiceContext } from '@wattbus/nest-mqtt';
import type { TimeSeriesStore } from '@wattbus/time-series';
import { STORE } from './store.js';

/** Requests being answered; one more is told to come again. */
const ANSWERING_MAX = 16;

/** Answers requests for stored values. Every request that says who asks gets a reply. */
@Controller()
export class HistoryHandler implements OnApplicationBootstrap {
  readonly #service: ServiceContext;
  readonly #store: TimeSeriesStore;
  #answering = 0;

  constructor(@Inject(SERVICE) service: ServiceContext, @Inject(STORE) store: TimeSeriesStore) {
    this.#service = service;
    this.#store = store;
  }

  /** What breaks the contract never comes to a handler, but the client waits for a reply. */
  onApplicationBootstrap(): void {
    const { bus } = this.#service;
    bus.client.on('message', (topic, bytes) => {
      if (topics.historyRequest.match(bus.root, topic) === null) return;
      const decoded = decodePayload(topics.historyRequest, bytes);
      if (!decoded.ok) this.#refuseMalformed(bytes, decoded.reason);
    });
  }

  @OnTopic(topics.historyRequest)
  async answer({ payload: request }: Message<HistoryRequest>): Promise<void> {
    const fromMs = Date.parse(request.from);
    const toMs = Date.parse(request.to);
    if (fromMs >= toMs) return this.#refuse(request, 'from is not before to');
    if (this.#answering >= ANSWERING_MAX) return this.#refuse(request, 'busy: ask again later');
    this.#answering += 1;
    try {
      const found = await this.#store.history({ ...request, fromMs, toMs });
      if (found.outcome === 'retry') return this.#refuse(request, `no answer: ${found.reason}`);
      this.#service.counters.add('historyAnswered');
      this.#reply(request.client, { ...answerTo(request), ...found.value });
    } finally {
      this.#answering -= 1;
    }
  }

  #refuseMalformed(bytes: Uint8Array, reason: string): void {
    const { client, id, meter, quantity } = fieldsOf(bytes);
    const name = Name.safeParse(client);
    if (!name.success) return;
    const texts = { id: text(id), meter: text(meter), quantity: text(quantity) };
    this.#refuse({ client: name.data, ...texts, resolutionS: 0 }, reason);
  }

  #refuse(asked: Asked, error: string): void {
    this.#service.counters.add('historyRefused');
    this.#reply(asked.client, { ...answerTo(asked), error });
  }

  #reply(client: string, reply: HistoryReply): void {
    this.#service.bus.publish(topics.historyReply, { client }, reply);
  }
}

interface Asked {
  readonly client: string;
  readonly id: string;
  readonly meter: string;
  readonly quantity: string;
  readonly resolutionS: number;
}

const answerTo = ({ id, meter, quantity, resolutionS }: Asked): HistoryReply => ({
  v: 1,
  id,
  meter: Name.safeParse(meter).success ? meter : 'unknown',
  quantity,
  resolutionS,
  cut: false,
  atMs: [],
});

function fieldsOf(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const TEXT_MAX = 64;
const text = (value: unknown): string =>
  typeof value === 'string' ? value.slice(0, TEXT_MAX) : '';
