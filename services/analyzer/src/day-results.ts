import type { Site } from '@wattbus/load-analysis';
import { packDay, topics, type DayAnalysis, type RecentDay } from '@wattbus/mqtt-contract';
import type { RecentDays } from '@wattbus/mqtt-contract';
import type { ServiceContext } from '@wattbus/nest-mqtt';
import { dayMessage, lastDayMessage, stampOfDay } from './domain/messages.js';
import type { ClosedDay, MeterState } from './domain/meter-state.js';
import { areSame, mergeDays } from './domain/recent-days.js';

/** A replay closes days by the dozen: the list of a meter is said at most so often. */
const SAY_MS = 1_000;
/** After a reconnect one list comes after the other: some are 30 kB. */
const SAY_MS_PER_METER = 20;
/** Then others have their turn. */
const TURN_MS = 25;

interface Kept {
  readonly whose: Omit<RecentDays, 'days'>;
  readonly days: readonly RecentDay[];
  readonly saidAtMs: number;
}

/**
 * Keeps the last closed days of the meters of this replica on the bus, for who was away when they
 * closed. The retained message is where the list is kept: the next owner goes on from it.
 */
export class DayResults {
  readonly #service: ServiceContext;
  readonly #site: Site;
  readonly #meters = new Map<string, Kept>();
  readonly #unsaid = new Set<string>();

  constructor(service: ServiceContext, site: Site) {
    this.#service = service;
    this.#site = site;
  }

  /** The meter is this replica's from now on: what is retained of it comes with this. */
  take(meter: string): void {
    this.#service.bus.subscribe(topics.recentDays, { meter });
  }

  /** A snapshot was taken up: its owner may have ended before it said the last day. */
  loaded(state: MeterState): void {
    const day = lastDayMessage(state, this.#site);
    if (day) this.#add([day]);
  }

  closed(state: MeterState, days: readonly ClosedDay[]): void {
    if (days.length === 0) return;
    this.#add(days.map((day) => dayMessage(state, stampOfDay(state, day), day, this.#site)));
  }

  /** What is on the bus: this replica's own words, or those of another one. */
  heard({ days, ...whose }: RecentDays): void {
    this.#merge(whose, (known) => mergeDays(known, days));
    if (!areSame(this.#meters.get(whose.meter)!.days, days)) this.#unsaid.add(whose.meter);
  }

  /** The broker may have forgotten everything. */
  sayAllAgain(nowMs: number): void {
    let saidAtMs = nowMs - SAY_MS;
    for (const [meter, kept] of this.#meters) {
      this.#meters.set(meter, { ...kept, saidAtMs });
      this.#unsaid.add(meter);
      saidAtMs += SAY_MS_PER_METER;
    }
  }

  sayDue(nowMs: number): void {
    for (const meter of this.#unsaid) {
      const isDue = nowMs - this.#meters.get(meter)!.saidAtMs >= SAY_MS;
      // What the bus does not take now it takes later.
      if (isDue && !this.#say(meter, nowMs)) return;
      if (performance.now() - nowMs > TURN_MS) return;
    }
  }

  /** False where the bus takes no more of them just now. */
  flush(): boolean {
    for (const meter of this.#unsaid) if (!this.#say(meter, performance.now())) return false;
    return true;
  }

  leave(meter: string): void {
    if (this.#unsaid.has(meter)) this.#say(meter, performance.now());
    this.#service.bus.unsubscribe(topics.recentDays, { meter });
    this.#unsaid.delete(meter);
    this.#meters.delete(meter);
  }

  #add(days: readonly DayAnalysis[]): void {
    const { v, meter, medium, role } = days[0]!;
    const before = this.#meters.get(meter)?.days ?? [];
    // What was reckoned last stands before what was said with the same reading.
    this.#merge({ v, meter, medium, role }, (known) => mergeDays(days.map(packDay), known));
    if (!areSame(this.#meters.get(meter)!.days, before)) this.#unsaid.add(meter);
  }

  #merge(whose: Kept['whose'], merged: (known: Kept['days']) => Kept['days']): void {
    // Nothing is said at first, so that the list which is retained is heard before it is replaced.
    const { days = [], saidAtMs = performance.now() } = this.#meters.get(whose.meter) ?? {};
    this.#meters.set(whose.meter, { whose, days: merged(days), saidAtMs });
  }

  /** False where the bus has not taken it. */
  #say(meter: string, nowMs: number): boolean {
    const { whose, days } = this.#meters.get(meter)!;
    const message = { ...whose, days: [...days] };
    if (!this.#service.bus.publish(topics.recentDays, { meter }, message)) return false;
    this.#unsaid.delete(meter);
    this.#meters.set(meter, { whose, days, saidAtMs: nowMs });
    return true;
  }
}
