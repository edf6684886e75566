import assert from 'node:assert/strict';
import type { LostReadings, SeqRange } from './journal-event.js';

/** Where a meter stands in the journal. */
export interface Head {
  /** The oldest reading kept; `last + 1` where none is. */
  first: number;
  /** The newest reading that is on the disk; 0 where there was none yet. */
  last: number;
  /** What the next reading gets; beyond `last + 1` where damage may have held readings. */
  nextSeq: number;
  lastAtMs: number | null;
  lost: LostReadings | null;
}

/** Far more than any broker serves; a bug that makes up meters ends here and not in the swap. */
export const METERS_MAX = 100_000;

/** The meters of a journal, each with a small number for the indexes. */
export class MeterHeads {
  readonly #ids = new Map<string, number>();
  readonly #names: string[] = [];
  readonly #heads: Head[] = [];

  get count(): number {
    return this.#names.length;
  }

  idOf(meter: string): number {
    const known = this.#ids.get(meter);
    if (known !== undefined) return known;
    const id = this.#names.length;
    assert(id < METERS_MAX, `more than ${METERS_MAX} meters in one journal`);
    this.#ids.set(meter, id);
    this.#names.push(meter);
    this.#heads.push({ first: 1, last: 0, nextSeq: 1, lastAtMs: null, lost: null });
    return id;
  }

  knownId(meter: string): number | null {
    return this.#ids.get(meter) ?? null;
  }

  nameOf(id: number): string {
    return this.#names[id]!;
  }

  headOf(id: number): Head {
    return this.#heads[id]!;
  }

  /** A reading of the meter is on the disk. */
  advance(id: number, seq: number, atMs: number): void {
    const head = this.headOf(id);
    if (head.last === 0 || head.first > head.last) head.first = seq;
    head.last = Math.max(head.last, seq);
    head.nextSeq = Math.max(head.nextSeq, seq + 1);
    head.lastAtMs = Math.max(head.lastAtMs ?? atMs, atMs);
  }

  /** Readings up to `seq` were made once, whether they are still kept or not. */
  reserve(id: number, seq: number, atMs: number | null): void {
    const head = this.headOf(id);
    if (seq > head.last && head.first > head.last) {
      head.first = seq + 1;
      head.last = seq;
    }
    head.nextSeq = Math.max(head.nextSeq, seq + 1);
    if (atMs !== null) head.lastAtMs = Math.max(head.lastAtMs ?? atMs, atMs);
  }

  /** Idempotent, since a crash can come between writing a lost record and removing the segment. */
  noteLost({ meter, from, to }: SeqRange, at: string): void {
    const head = this.headOf(this.idOf(meter));
    const before = head.lost;
    if (before && to <= before.to) return;
    const fresh = before ? Math.max(from, before.to + 1) : from;
    const count = (before?.count ?? 0) + to - fresh + 1;
    head.lost = { meter, from: before?.from ?? from, to, count, at };
  }

  /** Readings up to `seq` are no longer kept. */
  dropTo(id: number, seq: number): void {
    const head = this.headOf(id);
    head.first = Math.max(head.first, seq + 1);
  }
}
