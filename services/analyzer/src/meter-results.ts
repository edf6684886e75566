import type { Site } from '@wattbus/load-analysis';
import { topics } from '@wattbus/mqtt-contract';
import type { ServiceContext } from '@wattbus/nest-mqtt';
import {
  costMessage,
  dayMessage,
  energyMessage,
  lastDayMessage,
  peakMessage,
} from './domain/messages.js';
import { toSnapshot, type ClosedDay, type MeterState } from './domain/meter-state.js';

/** Results of a meter are said at most so often; with many meters, less often. */
const SAY_MS = 950;
const SAY_MS_PER_METER = 2;
/** A snapshot is some 60 kB, and retained messages are written to disk; a replay fills the rest. */
const SAVE_MS = 60_000;
const SAVE_MS_PER_METER = 20;

interface Spoken {
  state: MeterState;
  /** Of the newest reading in what was said last; 0 before the first word. */
  saidSeq: number;
  saidAtMs: number;
  savedAtMs: number;
  changed: boolean;
  unsaved: boolean;
  /** The final of the last day is not on the bus yet, as far as is known. */
  dayUnsaid: boolean;
}

/** Says what is known of the meters of this replica, and saves it for the next owner. */
export class MeterResults {
  readonly #service: ServiceContext;
  readonly #site: Site;
  readonly #meters = new Map<string, Spoken>();
  /** Meters with something to say or to save. */
  readonly #pending = new Set<string>();

  constructor(service: ServiceContext, site: Site) {
    this.#service = service;
    this.#site = site;
  }

  /** A reading was taken. */
  changed(state: MeterState, days: readonly ClosedDay[]): void {
    const spoken = this.#spoken(state);
    Object.assign(spoken, { state, changed: true, unsaved: true });
    this.#pending.add(state.meter);
    for (const day of days) spoken.dayUnsaid = !this.#sayDay(state, day);
  }

  /** A snapshot was taken up: its owner may have ended before it said the last day. */
  loaded(state: MeterState): void {
    Object.assign(this.#spoken(state), { state, changed: true, dayUnsaid: true });
    this.#pending.add(state.meter);
  }

  /** The broker may have forgotten everything. */
  sayAllAgain(): void {
    for (const [meter, spoken] of this.#meters) {
      Object.assign(spoken, { changed: true, unsaved: true, dayUnsaid: true });
      Object.assign(spoken, { saidAtMs: -Infinity, savedAtMs: -Infinity });
      this.#pending.add(meter);
    }
  }

  /**
   * A result of the meter is on the bus. An older one than was said here comes from a replica that
   * had the meter before: its client says again what was not acknowledged when its connection
   * broke. It is what the bus keeps now, perhaps for long, so it is said over.
   */
  heard({ meter, epoch, seq }: { meter: string; epoch: string; seq: number }): void {
    const spoken = this.#meters.get(meter);
    if (!spoken || epoch !== spoken.state.epoch || seq >= spoken.saidSeq) return;
    Object.assign(spoken, { changed: true, dayUnsaid: true });
    this.#pending.add(meter);
    this.#service.counters.add('resultsSaidOver');
  }

  sayDue(nowMs: number): void {
    if (!this.#service.bus.connected) return;
    const sayMs = Math.max(SAY_MS, this.#meters.size * SAY_MS_PER_METER);
    const saveMs = Math.max(SAVE_MS, this.#meters.size * SAVE_MS_PER_METER);
    for (const meter of this.#pending) {
      const spoken = this.#meters.get(meter)!;
      if (spoken.changed && nowMs - spoken.saidAtMs >= sayMs) this.#say(spoken, nowMs);
      if (spoken.unsaved && nowMs - spoken.savedAtMs >= saveMs) this.#save(spoken, nowMs);
      if (!spoken.changed && !spoken.unsaved) this.#pending.delete(meter);
    }
  }

  /** The last words of this replica about a meter. */
  leave(meter: string): void {
    const spoken = this.#meters.get(meter);
    if (!spoken) return;
    this.#save(spoken, performance.now());
    this.#meters.delete(meter);
    this.#pending.delete(meter);
  }

  flush(): void {
    for (const meter of this.#pending) {
      const spoken = this.#meters.get(meter)!;
      if (spoken.changed) this.#say(spoken, performance.now());
      if (spoken.unsaved) this.#save(spoken, performance.now());
    }
  }

  #spoken(state: MeterState): Spoken {
    const known = this.#meters.get(state.meter);
    if (known) return known;
    const spoken: Spoken = {
      state,
      saidSeq: 0,
      saidAtMs: -Infinity,
      savedAtMs: performance.now(),
      changed: true,
      unsaved: false,
      dayUnsaid: false,
    };
    this.#meters.set(state.meter, spoken);
    return spoken;
  }

  #say(spoken: Spoken, nowMs: number): void {
    const { state } = spoken;
    const { bus } = this.#service;
    const { meter } = state;
    if (spoken.dayUnsaid) {
      const day = lastDayMessage(state, this.#site);
      if (day && !bus.publish(topics.dayAnalysis, { meter }, day)) return;
      spoken.dayUnsaid = false;
    }
    const cost = costMessage(state, this.#site);
    const peak = peakMessage(state);
    if (cost) bus.publish(topics.costAnalysis, { meter }, cost);
    if (peak) bus.publish(topics.peakAnalysis, { meter }, peak);
    spoken.changed = !bus.publish(topics.energyAnalysis, { meter }, energyMessage(state));
    spoken.saidAtMs = nowMs;
    spoken.saidSeq = state.seq;
  }

  #sayDay(state: MeterState, day: ClosedDay): boolean {
    const message = dayMessage(state, state.dayClosedBy!, day, this.#site);
    return this.#service.bus.publish(topics.dayAnalysis, { meter: state.meter }, message);
  }

  #save(spoken: Spoken, nowMs: number): void {
    const { meter } = spoken.state;
    const snapshot = toSnapshot(spoken.state, new Date());
    spoken.unsaved = !this.#service.bus.publish(topics.analyzerSnapshot, { meter }, snapshot);
    spoken.savedAtMs = nowMs;
  }
}
