import {
  Controller,
  Inject,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import type { Reading } from '@wattbus/energy-model';
import { Follower, type FollowerInput, type FollowerOutput } from '@wattbus/journal';
import { topics, type JournalPosition, type ReplayPage } from '@wattbus/mqtt-contract';
import {
  consumerOf,
  OnTopic,
  SERVICE,
  type Message,
  type ServiceContext,
} from '@wattbus/nest-mqtt';
import { readingPoint, type Cursor, type TimeSeriesStore } from '@wattbus/time-series';
import { StoreWriter } from './store-writer.js';
import { STORE } from './store.js';
import { StoredCursors } from './stored-cursors.js';

const TICK_MS = 100;
/** Pages under way at a time, so that a backlog drains while live readings still find room. */
const PAGES_MAX = 4;
/** What one message can deliver at most: a page, and readings that waited for it. */
const ROOM_POINTS_MIN = 1_000;
/** Followed meters; one more is left to a person to find in the log. */
const METERS_MAX = 20_000;
const CURSORS_RETRY_MS = 1_000;

type Output<Kind extends FollowerOutput['kind']> = Extract<FollowerOutput, { kind: Kind }>;

/**
 * All readings of all meters → the store, in order and without holes. While there is no room or
 * no cursor yet, readings are let go: the journal gives them again.
 */
@Controller()
export class ReadingsHandler implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #service: ServiceContext;
  readonly #store: TimeSeriesStore;
  readonly #writer: StoreWriter;
  readonly #stored: StoredCursors;
  readonly #follower = new Follower({ requestsMax: PAGES_MAX });
  /** Where each meter stands in the store; null until the store has said so. */
  #cursors: ReadonlyMap<string, Cursor> | null = null;
  /** The newest position said of each meter before the cursors were known. */
  readonly #positions = new Map<string, JournalPosition>();
  #open = true;
  #timers: NodeJS.Timeout[] = [];

  constructor(
    @Inject(SERVICE) service: ServiceContext,
    @Inject(STORE) store: TimeSeriesStore,
    @Inject(StoreWriter) writer: StoreWriter,
    @Inject(StoredCursors) stored: StoredCursors,
  ) {
    this.#service = service;
    this.#store = store;
    this.#writer = writer;
    this.#stored = stored;
    writer.onRoom(() => this.#showDemand());
  }

  onApplicationBootstrap(): void {
    this.#service.bus.onConnect(() => this.#feed({ kind: 'reconnected' }));
    this.#timers.push(setInterval(() => this.#tick(), TICK_MS));
    void this.#readCursors();
  }

  onModuleDestroy(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  @OnTopic(topics.meterReading)
  reading({ payload }: Message<Reading>): void {
    if (this.#follows(payload.meter)) this.#feed({ kind: 'reading', reading: payload });
  }

  @OnTopic(topics.meterJournal)
  position({ params, payload }: Message<JournalPosition>): void {
    const meter = params['meter']!;
    if (this.#cursors === null && this.#positions.size < METERS_MAX) {
      this.#positions.set(meter, payload);
    }
    if (this.#follows(meter)) this.#feed({ kind: 'position', meter, ...payload });
  }

  @OnTopic(topics.replayPage, { own: 'consumer' })
  page({ params, payload }: Message<ReplayPage>): void {
    this.#service.counters.add('pagesReceived');
    this.#feed({ kind: 'page', meter: params['meter']!, page: payload });
  }

  async #readCursors(): Promise<void> {
    const found = await this.#store.readCursors();
    if (found.outcome === 'retry') {
      const reason = `${this.#store.name} does not answer: ${found.reason}`;
      this.#service.condition.set('store', reason);
      this.#service.log.limited('warn', 'store', reason);
      this.#timers = this.#timers.slice(0, 1);
      this.#timers.push(setTimeout(() => void this.#readCursors(), CURSORS_RETRY_MS));
      return;
    }
    this.#service.condition.set('store', null);
    this.#cursors = new Map(found.value.map((cursor) => [cursor.meter, cursor]));
    this.#stored.found(found.value);
    for (const [meter, position] of this.#positions) {
      if (this.#follows(meter)) this.#feed({ kind: 'position', meter, ...position });
    }
    this.#positions.clear();
  }

  /** Every meter that is heard of is followed, from where the store has it. */
  #follows(meter: string): boolean {
    if (this.#cursors === null) return false;
    if (this.#follower.isFollowing(meter)) return true;
    if (this.#service.counters.get('metersFollowed') >= METERS_MAX) {
      this.#service.log.limited('error', 'meters', `meter ${meter} is one too many`);
      return false;
    }
    this.#service.counters.add('metersFollowed');
    const cursor = this.#cursors.get(meter) ?? null;
    this.#feed({ kind: 'follow', meter, cursor });
    return true;
  }

  #tick(): void {
    this.#feed({ kind: 'tick', nowMs: performance.now() });
    this.#service.counters.set('lagReadings', this.#follower.lag());
  }

  #feed(input: FollowerInput): void {
    this.#showDemand();
    this.#carryOut(this.#follower.step(input));
  }

  #showDemand(): void {
    const open = this.#writer.free >= ROOM_POINTS_MIN;
    if (open === this.#open) return;
    this.#open = open;
    if (!open) this.#service.counters.add('timesFull');
    this.#carryOut(this.#follower.step({ kind: 'demand', open }));
  }

  #carryOut(outputs: readonly FollowerOutput[]): void {
    if (outputs.length === 0) return;
    const readings: Reading[] = [];
    for (const output of outputs) {
      if (output.kind === 'deliver') readings.push(output.reading);
      else if (output.kind === 'request') this.#request(output);
      else this.#missed(output);
    }
    if (readings.length === 0) return;
    this.#service.counters.add('readingsTaken', readings.length);
    if (!this.#writer.offer(readings.map(readingPoint))) {
      throw new Error(`no room for ${readings.length} readings that were asked for`);
    }
  }

  #request({ meter, epoch, fromSeq, limit }: Output<'request'>): void {
    const { bus, identity } = this.#service;
    const request = { v: 1 as const, consumer: consumerOf(identity), epoch, fromSeq, limit };
    bus.publish(topics.replayRequest, { meter }, request);
  }

  #missed({ meter, reason, epoch, from, to }: Output<'gap'>): void {
    const { counters, log } = this.#service;
    counters.add('gaps');
    log.write('warn', `meter ${meter}: the journal has no readings ${from} to ${to}`, {
      reason,
      epoch,
    });
  }
}
