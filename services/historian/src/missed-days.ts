import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { topics, unpackDay, type RecentDays } from '@wattbus/mqtt-contract';
import { SERVICE, type ServiceContext } from '@wattbus/nest-mqtt';
import type { Found, Point, TimeSeriesStore } from '@wattbus/time-series';
import { finalPoints } from './domain/recorder.js';
import { StoreWriter } from './store-writer.js';
import { STORE } from './store.js';

/** A list that is retained comes with the subscription; none has come by then. */
const LIST_MS_MAX = 5_000;
const STORE_RETRY_MS = 5_000;
/** Meters waiting to be looked at, by name. */
const METERS_MAX = 20_000;
const DAY_MS = 86_400_000;

/**
 * Fetches the finals of days that closed while nobody here listened. One meter at a time: a list of
 * days is large, and it is only on its way while it is subscribed to.
 */
@Injectable()
export class MissedDays implements OnModuleDestroy {
  readonly #service: ServiceContext;
  readonly #store: TimeSeriesStore;
  readonly #writer: StoreWriter;
  readonly #waiting = new Set<string>();
  #current: string | null = null;
  #timer: NodeJS.Timeout | undefined;
  #onRoom: () => void = () => undefined;

  constructor(
    @Inject(SERVICE) service: ServiceContext,
    @Inject(STORE) store: TimeSeriesStore,
    @Inject(StoreWriter) writer: StoreWriter,
  ) {
    this.#service = service;
    this.#store = store;
    this.#writer = writer;
    writer.onRoom(() => this.#onRoom());
  }

  onModuleDestroy(): void {
    clearTimeout(this.#timer);
    this.#waiting.clear();
  }

  /** Days of the meter may have been missed. */
  look(meter: string): void {
    if (this.#waiting.size >= METERS_MAX) return;
    this.#waiting.add(meter);
    this.#next();
  }

  take(message: RecentDays): void {
    if (message.meter !== this.#current) return;
    clearTimeout(this.#timer);
    this.#service.bus.unsubscribe(topics.recentDays, { meter: message.meter });
    void this.#fill(message);
  }

  #next(): void {
    const [meter] = this.#waiting;
    if (meter === undefined || this.#current !== null) return;
    this.#waiting.delete(meter);
    this.#current = meter;
    this.#service.bus.subscribe(topics.recentDays, { meter });
    this.#timer = setTimeout(() => {
      this.#service.bus.unsubscribe(topics.recentDays, { meter });
      this.#done();
    }, LIST_MS_MAX);
  }

  #done(): void {
    this.#current = null;
    this.#next();
  }

  async #fill(message: RecentDays): Promise<void> {
    const stored = await this.#storedDays(message);
    if (stored.outcome === 'retry') {
      this.#timer = setTimeout(() => {
        this.#waiting.add(message.meter);
        this.#done();
      }, STORE_RETRY_MS);
      return;
    }
    this.#service.counters.add('daysLists');
    const oldestMs = this.#oldestMs();
    for (const packed of message.days) {
      const fromMs = Date.parse(packed.from);
      if (fromMs < oldestMs || stored.value.has(fromMs)) continue;
      await this.#write(finalPoints(unpackDay(message, packed)));
      this.#service.counters.add('daysFetched');
    }
    this.#done();
  }

  /** Where the days start of which the store has the final. */
  async #storedDays({ meter, days }: RecentDays): Promise<Found<ReadonlySet<number>>> {
    if (days.length === 0) return { outcome: 'found', value: new Set() };
    const found = await this.#store.points({
      measurement: 'day',
      tags: { meter },
      fromMs: Date.parse(days[0]!.from),
      toMs: Date.parse(days.at(-1)!.to),
      limit: 2 * days.length,
    });
    if (found.outcome === 'retry') return found;
    const closed = found.value.filter(({ fields }) => fields['closed'] === true);
    return { outcome: 'found', value: new Set(closed.map(({ atMs }) => atMs)) };
  }

  async #write(points: readonly Point[]): Promise<void> {
    while (!this.#writer.offer(points)) {
      await new Promise<void>((resolve) => (this.#onRoom = resolve));
    }
  }

  /** InfluxDB refuses what is older than it keeps. */
  #oldestMs(): number {
    const { kind, retentionDays } = this.#service.config.store;
    const keepsAll = kind === 'sqlite' || retentionDays === 0;
    return keepsAll ? -Infinity : Date.now() - retentionDays * DAY_MS;
  }
}
