import type { Reading } from '@wattbus/energy-model';
import type { FollowerOutput, FollowerPage } from './follower.js';

/** The last reading that a consumer has dealt with, stored together with what it made of it. */
export interface Cursor {
  readonly epoch: string;
  readonly seq: number;
}

/** Where one consumer stands with one meter. Mutable for speed; only `Follower` uses it. */
export class MeterCursor {
  /** Null until the journal has said which it is. */
  epoch: string | null;
  next: number;
  /** The highest `seq` of the epoch that is known to exist. */
  #knownLast = 0;
  /** Of what was heard since the last request: the page may have been made before it. */
  #heardLast = 0;
  /** Something says that the journal is another one, or ends earlier, than is believed here. */
  #inDoubt = false;
  #doubtedSinceAsked = false;
  #hintedEpoch: string | null = null;
  #nextAtPosition: number;
  #waiting: Map<number, Reading> | null = null;
  /** True until the first page: what is missing before it was never expected. */
  #isFresh: boolean;

  /** Of the page that is under way. */
  askedFrom = 0;
  askedAtMs = 0;
  attempts = 0;
  /** Not to ask before. */
  askFromMs = 0;

  constructor(
    readonly meter: string,
    cursor: Cursor | null,
  ) {
    this.epoch = cursor?.epoch ?? null;
    this.next = (cursor?.seq ?? 0) + 1;
    this.#nextAtPosition = this.next;
    this.#isFresh = cursor === null;
  }

  get cursor(): Cursor | null {
    return this.epoch === null ? null : { epoch: this.epoch, seq: this.next - 1 };
  }

  get isBehind(): boolean {
    return this.#inDoubt || this.#knownLast >= this.next;
  }

  get lag(): number {
    return Math.max(0, this.#knownLast - this.next + 1);
  }

  isNext(reading: Reading): boolean {
    return reading.seq === this.next && reading.epoch === this.epoch;
  }

  deliver(reading: Reading, outputs: FollowerOutput[]): void {
    this.next = reading.seq + 1;
    outputs.push({ kind: 'deliver', reading });
    if (this.#waiting !== null) this.#deliverWaiting(outputs);
  }

  /** Keeps a reading that came before its turn, if it is near enough. */
  keep(reading: Reading, reorderMax: number): void {
    const { epoch, seq } = reading;
    if (epoch !== this.epoch || seq <= this.next || seq - this.next >= reorderMax) return;
    this.#waiting ??= new Map();
    this.#waiting.set(seq, reading);
  }

  /** Remembers that a reading exists; false where that is no news. */
  noteReading({ epoch, seq }: Reading): boolean {
    if (epoch !== this.epoch) return this.#doubt(epoch);
    if (seq < this.next) return false;
    return this.#know(seq);
  }

  /** Remembers where the journal says it ends; false where that is no news. */
  notePosition(epoch: string, last: number): boolean {
    const hasAdvanced = this.next !== this.#nextAtPosition;
    this.#nextAtPosition = this.next;
    if (epoch !== this.epoch) return this.#doubt(epoch);
    if (last === this.next - 1) return false;
    // Readings may overtake a position; only while none comes does a low one mean anything.
    if (last < this.next) return hasAdvanced ? false : this.#doubt(epoch);
    return this.#know(last);
  }

  #know(seq: number): true {
    this.#knownLast = Math.max(this.#knownLast, seq);
    this.#heardLast = Math.max(this.#heardLast, seq);
    return true;
  }

  #doubt(epoch: string): true {
    this.#hintedEpoch = epoch;
    this.#inDoubt = true;
    this.#doubtedSinceAsked = true;
    return true;
  }

  request(nowMs: number, limit: number): FollowerOutput {
    this.askedFrom = this.next;
    this.askedAtMs = nowMs;
    this.attempts += 1;
    this.#heardLast = 0;
    this.#doubtedSinceAsked = false;
    const epoch = this.epoch ?? this.#hintedEpoch!;
    return { kind: 'request', meter: this.meter, epoch, fromSeq: this.next, limit };
  }

  /** True where there is more to ask for. */
  takePage(page: FollowerPage, outputs: FollowerOutput[]): boolean {
    this.#inDoubt = this.#doubtedSinceAsked;
    if (this.epoch !== page.epoch) return this.#changeEpoch(page, outputs);
    const isEnd = page.readings.length === 0;
    this.#knownLast = Math.max(page.last, isEnd ? this.#heardLast : this.#knownLast);
    if (page.last < page.fromSeq - 1) this.#goBack(page, outputs);
    if (page.first > this.next) this.#skipTo(page.first, 'retention', outputs);
    for (const reading of page.readings) {
      if (reading.seq < this.next) continue;
      this.#skipTo(reading.seq, 'damaged', outputs);
      this.deliver(reading, outputs);
    }
    if (isEnd) this.#skipTo(page.last + 1, 'damaged', outputs);
    this.#isFresh = false;
    return this.isBehind;
  }

  #changeEpoch(page: FollowerPage, outputs: FollowerOutput[]): boolean {
    const { meter, epoch, next } = this;
    if (epoch !== null) {
      outputs.push({ kind: 'gap', meter, reason: 'epoch', epoch, from: next, to: next });
    }
    this.epoch = page.epoch;
    this.next = 1;
    this.#knownLast = page.last;
    this.#waiting = null;
    // Asked with the epoch that a hint had named, so what came is what was asked for.
    const isAnswer = page.fromSeq === 1 && page.readings.length > 0;
    return isAnswer ? this.takePage(page, outputs) : this.isBehind;
  }

  #goBack(page: FollowerPage, outputs: FollowerOutput[]): void {
    const { meter, next } = this;
    const { epoch, last } = page;
    outputs.push({ kind: 'gap', meter, reason: 'went-back', epoch, from: last + 1, to: next - 1 });
    this.next = last + 1;
    this.#waiting = null;
  }

  #skipTo(seq: number, reason: 'retention' | 'damaged', outputs: FollowerOutput[]): void {
    if (seq <= this.next) return;
    const { meter, epoch, next } = this;
    this.next = seq;
    if (this.#isFresh) return;
    outputs.push({ kind: 'gap', meter, reason, epoch: epoch!, from: next, to: seq - 1 });
  }

  #deliverWaiting(outputs: FollowerOutput[]): void {
    for (;;) {
      const reading = this.#waiting!.get(this.next);
      if (reading === undefined) break;
      this.#waiting!.delete(this.next);
      this.next += 1;
      outputs.push({ kind: 'deliver', reading });
    }
    for (const seq of this.#waiting!.keys()) if (seq < this.next) this.#waiting!.delete(seq);
    if (this.#waiting!.size === 0) this.#waiting = null;
  }
}
