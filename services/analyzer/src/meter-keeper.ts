import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import type { Reading } from '@wattbus/energy-model';
import type { AnalysisSite, RegisterResult } from '@wattbus/load-analysis';
import { Follower, type FollowerInput, type FollowerOutput } from '@wattbus/journal';
import {
  meterAnalysisFilter,
  topics,
  type AnalyzerSnapshot,
  type JournalPosition,
  type PriceDirection,
  type RecentDays,
  type ResultStamp,
  type Topic,
} from '@wattbus/mqtt-contract';
import { consumerOf, SERVICE, type ServiceContext } from '@wattbus/nest-mqtt';
import type { PriceSlot } from '@wattbus/tariffs';
import { setTimeout as pause } from 'node:timers/promises';
import { DayResults } from './day-results.js';
import { Arrivals } from './domain/arrivals.js';
import { nextMeterState, priceMeterState, type MeterState } from './domain/meter-state.js';
import { MeterResults } from './meter-results.js';
import { SITE } from './load-site.js';
import { findingEvents, registerEvent } from './domain/meter-events.js';
import { noFeeds, withFeeds } from './domain/site-feeds.js';
import { fromSnapshot } from './domain/snapshot.js';
import { Replicas } from './replicas.js';

const TICK_MS = 50;
/** Then what was not said is for the next owner, who says all. */
const STOP_MS_MAX = 2_000;
const STOP_TURN_MS = 5;
/** Meters known of; one more is left to a person to find in the log. */
const METERS_MAX = 20_000;

type Output<Kind extends FollowerOutput['kind']> = Extract<FollowerOutput, { kind: Kind }>;

/** A meter that this replica owns. */
interface Kept {
  state: MeterState | null;
}

/**
 * Follows the meters that this replica owns: snapshot, then the journal from there on, then live.
 * Every reading is taken once and in order, so the results are those of an undisturbed run.
 */
@Injectable()
export class MeterKeeper implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #service: ServiceContext;
  readonly #replicas: Replicas;
  #site: AnalysisSite;
  readonly #results: MeterResults;
  readonly #days: DayResults;
  readonly #follower = new Follower();
  /** The newest position said of every meter there is. */
  readonly #positions = new Map<string, JournalPosition>();
  readonly #kept = new Map<string, Kept>();
  /** Those that are to be taken, or have been just now. */
  readonly #arrivals = new Arrivals();
  /** The newest prices said, for meters that come later. */
  readonly #prices = new Map<PriceDirection, readonly PriceSlot[]>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(SERVICE) service: ServiceContext,
    @Inject(Replicas) replicas: Replicas,
    @Inject(SITE) site: AnalysisSite,
  ) {
    this.#service = service;
    this.#replicas = replicas;
    this.#site = withFeeds(site, noFeeds, service.config.site.carbonGPerKWh);
    this.#results = new MeterResults(service, this.#site);
    this.#days = new DayResults(service, this.#site);
  }

  onApplicationBootstrap(): void {
    this.#replicas.onChange(() => this.#shareOut());
    this.#service.bus.onConnect(() => {
      this.#arrivals.reconnected(performance.now());
      this.feed({ kind: 'reconnected' });
      this.#results.sayAllAgain(performance.now());
      this.#days.sayAllAgain(performance.now());
    });
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Thousands of meters are more than the bus takes at once. */
  async onModuleDestroy(): Promise<void> {
    clearInterval(this.#timer);
    const endMs = performance.now() + STOP_MS_MAX;
    while (!(this.#results.flush() && this.#days.flush())) {
      if (!this.#service.bus.connected || performance.now() >= endMs) return;
      await pause(STOP_TURN_MS);
    }
  }

  position(meter: string, position: JournalPosition): void {
    if (!this.#positions.has(meter) && this.#positions.size >= METERS_MAX) {
      this.#service.log.limited('error', 'meters', `meter ${meter} is one too many`);
      return;
    }
    this.#positions.set(meter, position);
    if (this.#replicas.owns(meter)) this.#want(meter);
    this.feed({ kind: 'position', meter, ...position });
  }

  snapshot(snapshot: AnalyzerSnapshot): void {
    const kept = this.#kept.get(snapshot.meter);
    if (!kept || !this.#arrivals.isListening(snapshot.meter)) return;
    const state = fromSnapshot(snapshot, this.#site);
    if ('fault' in state) {
      const { meter } = snapshot;
      this.#service.counters.add('snapshotsRefused');
      this.#service.log.limited('warn', `snapshot ${meter}`, `meter ${meter}: ${state.fault}`);
      return;
    }
    const ahead = !kept.state || (state.epoch === kept.state.epoch && state.seq > kept.state.seq);
    if (!ahead) return;
    kept.state = state;
    this.#results.loaded(state);
    this.#days.loaded(state);
    this.#priceAnew(kept, this.#prices);
    this.#arrivals.arrived(snapshot.meter);
    this.#follow(snapshot.meter, kept);
  }

  prices(direction: PriceDirection, slots: readonly PriceSlot[]): void {
    this.#prices.set(direction, slots);
    for (const kept of this.#kept.values()) this.#priceAnew(kept, new Map([[direction, slots]]));
    this.#results.sayDue(performance.now());
  }

  #priceAnew(kept: Kept, prices: ReadonlyMap<PriceDirection, readonly PriceSlot[]>): void {
    for (const [direction, slots] of prices) {
      const priced = kept.state && priceMeterState(kept.state, direction, slots, this.#site);
      if (!priced) continue;
      kept.state = priced.state;
      this.#results.priced(priced.state, priced.days);
      this.#days.closed(priced.state, priced.days);
      this.#service.counters.add('daysPricedAnew', priced.days.length);
    }
  }

  /** Something from outside has changed; readings from here on are analysed with it. */
  siteIs(site: AnalysisSite): void {
    this.#site = site;
  }

  heard(topic: Topic, result: ResultStamp): void {
    this.#results.heard(topic, result, this.#positions.get(result.meter)?.epoch);
  }

  heardDays(days: RecentDays): void {
    if (this.#kept.has(days.meter)) this.#days.heard(days);
  }

  feed(input: FollowerInput): void {
    const outputs = this.#follower.step(input);
    let analysed: string | null = null;
    for (const output of outputs) {
      if (output.kind === 'deliver') {
        this.#analyse(output.reading);
        analysed = output.reading.meter;
      } else if (output.kind === 'request') this.#request(output);
      else this.#missed(output);
    }
    // Readings that come together are of one meter. Those that must wait are said by the clock.
    if (analysed !== null) this.#results.sayIfDue(analysed, performance.now());
  }

  #shareOut(): void {
    for (const meter of this.#positions.keys()) {
      if (this.#replicas.owns(meter)) this.#want(meter);
      else this.#leave(meter);
    }
  }

  #want(meter: string): void {
    if (!this.#kept.has(meter)) this.#arrivals.want(meter);
  }

  #take(meter: string): void {
    this.#kept.set(meter, { state: null });
    this.#days.take(meter);
    this.#service.bus.subscribe(topics.analyzerSnapshot, { meter });
    this.#service.counters.set('metersOwned', this.#kept.size);
  }

  /** The next owner may be waiting for what is known here. */
  #leave(meter: string): void {
    this.#arrivals.leave(meter);
    if (!this.#kept.has(meter)) return;
    const { bus, counters } = this.#service;
    this.#results.leave(meter);
    this.#days.leave(meter);
    bus.unsubscribe(topics.meterReading, { meter });
    bus.unsubscribeFrom(meterAnalysisFilter(bus.root, meter));
    bus.unsubscribe(topics.analyzerSnapshot, { meter });
    this.feed({ kind: 'unfollow', meter });
    this.#kept.delete(meter);
    counters.set('metersOwned', this.#kept.size);
  }

  #follow(meter: string, kept: Kept): void {
    const { state } = kept;
    const cursor = state && { epoch: state.epoch, seq: state.seq };
    this.feed({ kind: 'follow', meter, cursor });
    const { bus } = this.#service;
    bus.subscribe(topics.meterReading, { meter });
    // What it says itself comes back with it: where that is too much, it may be dropped.
    bus.subscribeTo(meterAnalysisFilter(bus.root, meter), 0);
    const position = this.#positions.get(meter);
    if (position) this.feed({ kind: 'position', meter, ...position });
  }

  #tick(): void {
    const nowMs = performance.now();
    if (!this.#service.bus.connected) return;
    this.#arrive(nowMs);
    this.feed({ kind: 'tick', nowMs });
    this.#results.sayDue(nowMs);
    this.#days.sayDue(nowMs);
    this.#service.counters.set('lagReadings', this.#follower.lag());
  }

  #arrive(nowMs: number): void {
    for (const { kind, meter } of this.#arrivals.step(nowMs)) {
      if (kind === 'listen') this.#take(meter);
      else if (kind === 'follow') this.#follow(meter, this.#kept.get(meter)!);
      else this.#service.bus.unsubscribe(topics.analyzerSnapshot, { meter });
    }
  }

  #analyse(reading: Reading): void {
    const kept = this.#kept.get(reading.meter);
    if (!kept) return;
    const isFirst = kept.state === null;
    const { state, days, results, findings } = nextMeterState(kept.state, reading, this.#site);
    kept.state = state;
    this.#service.counters.add('readingsAnalysed');
    this.#results.changed(state, days);
    this.#days.closed(state, days);
    // Prices are kept as seen from the newest reading: those far from the first one come again.
    if (isFirst || days.length > 0) this.#priceAnew(kept, this.#prices);
    for (const result of results)
      if (result.kind === 'register-event') this.#doubted(result, reading);
    const { meter } = reading;
    for (const event of findingEvents(findings, meter))
      this.#service.bus.publish(topics.meterEvent, { meter }, event);
  }

  #doubted(result: RegisterResult, reading: Reading): void {
    const { register, event, from, to } = result;
    const { meter, at } = reading;
    this.#service.counters.add('registerEvents');
    const text = `meter ${meter}: ${event} of ${register}, from ${from} to ${to} at ${at}`;
    this.#service.log.limited('warn', `register ${meter}`, text);
    const told = registerEvent(result, reading);
    if (told) this.#service.bus.publish(topics.meterEvent, { meter }, told);
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
