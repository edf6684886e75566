import type { Reading } from '@wattbus/energy-model';
import { PAGE_READINGS_MAX } from './journal.js';
import { MeterCursor, type Cursor } from './meter-cursor.js';
import { METERS_MAX } from './meter-heads.js';

export type { Cursor } from './meter-cursor.js';

export interface FollowerLimits {
  /** Readings per meter that wait for one before them. */
  readonly reorderMax: number;
  /** Pages asked for and not yet here, of all meters. */
  readonly requestsMax: number;
  /** A hole or a lag is left this long to close by itself. */
  readonly holeMs: number;
  /** A page that is not here by then is asked for again, each time after twice the delay. */
  readonly timeoutMs: number;
  readonly timeoutMsMax: number;
}

const usualLimits: FollowerLimits = {
  reorderMax: 256,
  requestsMax: 8,
  holeMs: 100,
  timeoutMs: 2_000,
  timeoutMsMax: 30_000,
};

/** A page as it is on the bus; see `JournalPage`. */
export interface FollowerPage {
  readonly epoch: string;
  readonly fromSeq: number;
  readonly first: number;
  readonly last: number;
  readonly readings: readonly Reading[];
}

export type FollowerInput =
  /** Follow a meter from behind `cursor`; null takes all that is kept. Also to go back. */
  | { readonly kind: 'follow'; readonly meter: string; readonly cursor: Cursor | null }
  | { readonly kind: 'unfollow'; readonly meter: string }
  | { readonly kind: 'reading'; readonly reading: Reading }
  | Position
  | { readonly kind: 'page'; readonly meter: string; readonly page: FollowerPage }
  /** Monotonic milliseconds; some ten times a second. */
  | { readonly kind: 'tick'; readonly nowMs: number }
  /** The bus is back: answers to what was asked before do not come any more. */
  | { readonly kind: 'reconnected' }
  /** `open: false` while the consumer can take nothing; what it misses is asked for later. */
  | { readonly kind: 'demand'; readonly open: boolean };

interface Position {
  readonly kind: 'position';
  readonly meter: string;
  readonly epoch: string;
  readonly last: number;
}

export type FollowerOutput =
  | { readonly kind: 'deliver'; readonly reading: Reading }
  | {
      readonly kind: 'request';
      readonly meter: string;
      readonly epoch: string;
      readonly fromSeq: number;
      readonly limit: number;
    }
  /** Readings that no one can give any more; delivery goes on behind them. */
  | {
      readonly kind: 'gap';
      readonly meter: string;
      /**
       * `retention`: older than what the journal keeps. `damaged`: not there although newer
       * ones are. `epoch`: the journal is another one; `from` is where the old one ended here.
       * `went-back`: the journal ends before `from`; its disk forgot readings it had accepted.
       */
      readonly reason: 'retention' | 'damaged' | 'epoch' | 'went-back';
      readonly epoch: string;
      readonly from: number;
      readonly to: number;
    };

const nothing: readonly FollowerOutput[] = [];

/**
 * A consumer's half of the journal: readings come in from the bus in any order, doubled or not at
 * all, and go out once, in the order of `seq`, per meter. It does nothing by itself: inputs in,
 * outputs out, no clock. A reading in its turn costs one look-up.
 *
 * Only a page can say what the journal holds, since only a living journal sends one: retained
 * positions and late readings may be from before; they are hints to ask.
 */
export class Follower {
  readonly #limits: FollowerLimits;
  readonly #meters = new Map<string, MeterCursor>();
  /** The newest of every meter, followed or not: they are retained and come only once. */
  readonly #positions = new Map<string, { epoch: string; last: number }>();
  /** Meters that lack readings: who wait before asking, may ask in this order, have asked. */
  readonly #later = new Set<MeterCursor>();
  readonly #due = new Set<MeterCursor>();
  readonly #asked = new Set<MeterCursor>();
  #nowMs = 0;
  #open = true;

  constructor(limits: Partial<FollowerLimits> = {}) {
    this.#limits = { ...usualLimits, ...limits };
  }

  step(input: FollowerInput): readonly FollowerOutput[] {
    if (input.kind === 'reading') return this.#onReading(input.reading);
    const outputs: FollowerOutput[] = [];
    this.#take(input, outputs);
    return outputs;
  }

  /** The last reading delivered of each meter; null where none is known. */
  cursorOf(meter: string): Cursor | null {
    return this.#meters.get(meter)?.cursor ?? null;
  }

  isFollowing(meter: string): boolean {
    return this.#meters.has(meter);
  }

  /** Readings known to exist and not yet delivered, of all meters. */
  lag(): number {
    let sum = 0;
    for (const behind of [this.#later, this.#due, this.#asked]) {
      for (const meter of behind) sum += meter.lag;
    }
    return sum;
  }

  #onReading(reading: Reading): readonly FollowerOutput[] {
    const meter = this.#meters.get(reading.meter);
    if (meter === undefined) return nothing;
    if (this.#open && meter.isNext(reading)) {
      const outputs: FollowerOutput[] = [];
      meter.deliver(reading, outputs);
      return outputs;
    }
    if (this.#open) meter.keep(reading, this.#limits.reorderMax);
    if (meter.noteReading(reading)) this.#hint(meter);
    return nothing;
  }

  #take(input: Exclude<FollowerInput, { kind: 'reading' }>, outputs: FollowerOutput[]): void {
    switch (input.kind) {
      case 'follow':
        this.#forget(input.meter);
        return this.#follow(input.meter, input.cursor);
      case 'unfollow':
        return this.#forget(input.meter);
      case 'position':
        return this.#onPosition(input);
      case 'page':
        return this.#onPage(input.meter, input.page, outputs);
      case 'tick':
        this.#nowMs = input.nowMs;
        this.#giveUpWaiting();
        this.#endDelays();
        return this.#ask(outputs);
      case 'reconnected':
        for (const meter of this.#asked) this.#due.add(meter);
        this.#asked.clear();
        return this.#ask(outputs);
      case 'demand':
        this.#open = input.open;
        return this.#ask(outputs);
    }
  }

  #follow(name: string, cursor: Cursor | null): void {
    const meter = new MeterCursor(name, cursor);
    this.#meters.set(name, meter);
    const position = this.#positions.get(name);
    if (position && meter.notePosition(position.epoch, position.last)) this.#hint(meter);
  }

  #onPosition({ meter: name, epoch, last }: Position): void {
    const isKnown = this.#positions.has(name);
    if (isKnown || this.#positions.size < METERS_MAX) this.#positions.set(name, { epoch, last });
    const meter = this.#meters.get(name);
    if (meter?.notePosition(epoch, last)) this.#hint(meter);
  }

  /** The journal is alive and has more, or something else, than what is known here. */
  #hint(meter: MeterCursor): void {
    if (this.#asked.has(meter) || this.#due.has(meter)) return;
    const askFromMs = this.#nowMs + this.#limits.holeMs;
    meter.askFromMs = this.#later.has(meter) ? Math.min(meter.askFromMs, askFromMs) : askFromMs;
    this.#later.add(meter);
  }

  #onPage(name: string, page: FollowerPage, outputs: FollowerOutput[]): void {
    const meter = this.#meters.get(name);
    if (meter === undefined || !this.#asked.has(meter)) return;
    if (page.fromSeq !== meter.askedFrom) return;
    this.#asked.delete(meter);
    meter.attempts = 0;
    // A closed consumer asks again later rather than being given a page that it cannot take.
    if (this.#open) meter.takePage(page, outputs);
    if (meter.isBehind) this.#due.add(meter);
    this.#ask(outputs);
  }

  #giveUpWaiting(): void {
    const { timeoutMs, timeoutMsMax } = this.#limits;
    for (const meter of this.#asked) {
      if (this.#nowMs - meter.askedAtMs < timeoutMs) continue;
      this.#asked.delete(meter);
      meter.askFromMs =
        this.#nowMs + Math.min(timeoutMsMax, timeoutMs * 2 ** Math.min(meter.attempts, 10));
      this.#later.add(meter);
    }
  }

  #endDelays(): void {
    for (const meter of this.#later) {
      if (meter.askFromMs > this.#nowMs) continue;
      this.#later.delete(meter);
      if (meter.isBehind) this.#due.add(meter);
    }
  }

  #ask(outputs: FollowerOutput[]): void {
    if (!this.#open) return;
    const { requestsMax } = this.#limits;
    let retries = 0;
    for (const { attempts } of this.#asked) if (attempts > 1) retries += 1;
    for (const meter of this.#due) {
      if (this.#asked.size >= requestsMax) return;
      // Meters whose journal does not answer must not keep the others from asking.
      if (meter.attempts > 0 && (retries += 1) > requestsMax / 2) continue;
      this.#due.delete(meter);
      if (!meter.isBehind) continue;
      this.#asked.add(meter);
      outputs.push(meter.request(this.#nowMs, PAGE_READINGS_MAX));
    }
  }

  #forget(name: string): void {
    const meter = this.#meters.get(name);
    if (meter === undefined) return;
    for (const behind of [this.#later, this.#due, this.#asked]) behind.delete(meter);
    this.#meters.delete(name);
  }
}
