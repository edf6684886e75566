import type { AnalysisSite } from '@wattbus/load-analysis';
import { topics, type ResultStamp, type Topic } from '@wattbus/mqtt-contract';
import type { ServiceContext } from '@wattbus/nest-mqtt';
import { dayMessage, stampOfDay } from './domain/messages.js';
import type { ClosedDay, MeterState, Stamp } from './domain/meter-state.js';
import { bill, cost, lastDay, meterResults, type MeterResult } from './domain/results.js';
import { toSnapshot } from './domain/snapshot.js';

/**
 * Results of a meter are said at most so often; with many meters, less often: all that is said of
 * one takes some two milliseconds, and most of the time is for readings.
 */
const SAY_MS = 950;
const SAY_MS_PER_METER = 16;
/** Going through thousands of meters takes its time: then it is done less often than the clock ticks. */
const SCAN_MS_PER_METER = 0.1;
/** Then readings and heartbeats have their turn; the rest is said at the next one. */
const TURN_MS = 25;
/** Packing it takes half a millisecond, and the broker writes it to disk; a replay fills the rest. */
const SAVE_MS = 60_000;
const SAVE_MS_PER_METER = 20;

interface Spoken {
  state: MeterState;
  /** The reading behind each result as it was said last; none for what is to be said. */
  readonly said: Map<MeterResult, Stamp>;
  saidAtMs: number;
  savedAtMs: number;
  unsaved: boolean;
}

const resultOf = new Map(meterResults.map((result) => [result.topic, result]));

/** Says what is known of the meters of this replica, and saves it for the next owner. */
export class MeterResults {
  readonly #service: ServiceContext;
  readonly #site: AnalysisSite;
  readonly #meters = new Map<string, Spoken>();
  /** Meters with something to say or to save. */
  readonly #pending = new Set<string>();
  #scannedAtMs = -Infinity;

  constructor(service: ServiceContext, site: AnalysisSite) {
    this.#service = service;
    this.#site = site;
  }

  /** A reading was taken. */
  changed(state: MeterState, days: readonly ClosedDay[]): void {
    const spoken = this.#spoken(state);
    Object.assign(spoken, { state, unsaved: true });
    this.#pending.add(state.meter);
    for (const day of days) this.#sayDay(spoken, day);
  }

  /** Prices came; some closed days cost something else than was said. */
  priced(state: MeterState, days: readonly ClosedDay[]): void {
    const spoken = this.#spoken(state);
    Object.assign(spoken, { state, unsaved: true });
    this.#pending.add(state.meter);
    for (const result of [cost, bill]) spoken.said.delete(result);
    for (const day of days) this.#sayDay(spoken, day);
    // What the bus keeps is the last day, whichever was said.
    if (days.length > 0) spoken.said.delete(lastDay);
  }

  /** A snapshot was taken up: its owner may have ended before it said all. */
  loaded(state: MeterState): void {
    const spoken = this.#spoken(state);
    spoken.state = state;
    spoken.said.clear();
    this.#pending.add(state.meter);
  }

  /** The broker may have forgotten everything. */
  sayAllAgain(nowMs: number): void {
    // One meter after the other: subscribers that fall behind are cut off, and all begins anew.
    let saidAtMs = nowMs - this.#sayMs();
    let savedAtMs = nowMs - this.#saveMs();
    for (const [meter, spoken] of this.#meters) {
      Object.assign(spoken, { unsaved: true, saidAtMs, savedAtMs });
      spoken.said.clear();
      this.#pending.add(meter);
      saidAtMs += SAY_MS_PER_METER;
      savedAtMs += SAVE_MS_PER_METER;
    }
  }

  /**
   * A result of the meter is on the bus. An older one than was said here comes from a replica that
   * had the meter before, held up on its way or in a process that stood still. It is what the bus
   * keeps now, perhaps for long, so it is said over.
   */
  heard(topic: Topic, heard: ResultStamp, journalEpoch: string | undefined): void {
    const spoken = this.#meters.get(heard.meter);
    const result = resultOf.get(topic);
    const said = result && spoken?.said.get(result);
    if (!said) return;
    const isOlder = heard.epoch === said.epoch ? heard.seq < said.seq : said.epoch === journalEpoch;
    if (!isOlder) return;
    spoken!.said.delete(result!);
    this.#pending.add(heard.meter);
    this.#service.counters.add('resultsSaidOver');
  }

  sayDue(nowMs: number): void {
    if (nowMs - this.#scannedAtMs < this.#pending.size * SCAN_MS_PER_METER) return;
    this.#scannedAtMs = nowMs;
    for (const meter of this.#pending) {
      if (this.#service.bus.isFull) return;
      this.sayIfDue(meter, nowMs);
      if (performance.now() - nowMs > TURN_MS) return;
    }
  }

  sayIfDue(meter: string, nowMs: number): void {
    const { bus } = this.#service;
    if (!bus.connected || bus.isFull || !this.#pending.has(meter)) return;
    const spoken = this.#meters.get(meter)!;
    const isSaid = nowMs - spoken.saidAtMs >= this.#sayMs() && this.#say(spoken, nowMs);
    if (spoken.unsaved && nowMs - spoken.savedAtMs >= this.#saveMs()) this.#save(spoken, nowMs);
    if (isSaid && !spoken.unsaved) this.#pending.delete(meter);
  }

  /** The last words of this replica about a meter. */
  leave(meter: string): void {
    const spoken = this.#meters.get(meter);
    if (!spoken) return;
    this.#save(spoken, performance.now());
    this.#meters.delete(meter);
    this.#pending.delete(meter);
  }

  /** The last words about all meters; false where the bus takes no more of them just now. */
  flush(): boolean {
    for (const meter of this.#pending) {
      if (this.#service.bus.isFull) return false;
      const spoken = this.#meters.get(meter)!;
      if (!this.#say(spoken, performance.now())) return false;
      if (spoken.unsaved) this.#save(spoken, performance.now());
      if (!spoken.unsaved) this.#pending.delete(meter);
    }
    return true;
  }

  #sayMs(): number {
    return Math.max(SAY_MS, this.#meters.size * SAY_MS_PER_METER);
  }

  #saveMs(): number {
    return Math.max(SAVE_MS, this.#meters.size * SAVE_MS_PER_METER);
  }

  #spoken(state: MeterState): Spoken {
    const known = this.#meters.get(state.meter);
    if (known) return known;
    const spoken: Spoken = {
      state,
      said: new Map(),
      saidAtMs: -Infinity,
      savedAtMs: performance.now(),
      unsaved: false,
    };
    this.#meters.set(state.meter, spoken);
    return spoken;
  }

  /** All that is another one than was said; true when the bus has taken it. */
  #say(spoken: Spoken, nowMs: number): boolean {
    const { state, said } = spoken;
    const { bus } = this.#service;
    for (const result of meterResults) {
      const stamp = result.stampOf(state);
      if (!stamp || isSame(said.get(result), stamp)) continue;
      const text = result.textOf(state, this.#site);
      const { topic } = result;
      const name = topic.topic(bus.root, { meter: state.meter });
      if (text !== null && !bus.publishText(name, text, topic.row)) return false;
      said.set(result, stamp);
      spoken.saidAtMs = nowMs;
    }
    return true;
  }

  #sayDay({ state, said }: Spoken, day: ClosedDay): void {
    const stamp = stampOfDay(state, day);
    const message = dayMessage(state, stamp, day, this.#site);
    const isSaid = this.#service.bus.publish(topics.dayAnalysis, { meter: state.meter }, message);
    if (isSaid) said.set(lastDay, stamp);
    else said.delete(lastDay);
  }

  #save(spoken: Spoken, nowMs: number): void {
    const { meter } = spoken.state;
    const snapshot = toSnapshot(spoken.state, new Date());
    spoken.unsaved = !this.#service.bus.publish(topics.analyzerSnapshot, { meter }, snapshot);
    spoken.savedAtMs = nowMs;
  }
}

const isSame = (said: Stamp | undefined, { epoch, seq }: Stamp): boolean =>
  said?.epoch === epoch && said.seq === seq;
