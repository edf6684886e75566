import { expect, test } from '@jest/globals';
import { draftOf } from '@wattbus/testing';
import fc from 'fast-check';
import type { Reading } from '@wattbus/energy-model';
import { Follower, type FollowerInput, type FollowerOutput } from '../src/index.js';

/** A bus that loses, doubles and swaps messages; a journal that moves on and forgets. */
type Step =
  | { do: 'read' }
  | { do: 'hear'; nth: number; fate: 'once' | 'twice' | 'lost' }
  | { do: 'tick'; ms: number }
  | { do: 'retain'; kept: number }
  | { do: 'damage'; nth: number }
  /** The broker comes back with what it had kept a moment earlier. */
  | { do: 'stale'; by: number }
  | { do: 'reconnect' }
  | { do: 'demand'; open: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ do: 'read' as const }) },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('hear' as const),
      // Mostly the oldest message, sometimes one that overtook it.
      nth: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(3)),
      fate: fc.constantFrom('once' as const, 'once' as const, 'twice' as const, 'lost' as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('tick' as const), ms: fc.nat(3_000) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('retain' as const), kept: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('damage' as const), nth: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('stale' as const), by: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'reconnect' as const }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('demand' as const), open: fc.boolean() }) },
);

const epoch = 'e1';
const PAGE_READINGS = 5;

class House {
  readonly follower = new Follower({ reorderMax: 8 });
  readonly journal = new Map<number, Reading>();
  readonly delivered: number[] = [];
  readonly gaps: number[] = [];
  wire: FollowerInput[] = [];
  first = 1;
  last = 0;
  nowMs = 0;

  constructor() {
    this.follower.step({ kind: 'follow', meter: 'main', cursor: { epoch, seq: 0 } });
  }

  run(one: Step): void {
    switch (one.do) {
      case 'read':
        this.last += 1;
        this.journal.set(this.last, { ...draftOf('main', this.last), epoch, seq: this.last });
        this.wire.push({ kind: 'reading', reading: this.journal.get(this.last)! });
        this.wire.push({ kind: 'position', meter: 'main', epoch, last: this.last });
        return;
      case 'hear': {
        const [message] = this.wire.splice(one.nth % Math.max(1, this.wire.length), 1);
        if (!message || one.fate === 'lost') return;
        this.give(message);
        if (one.fate === 'twice') this.give(message);
        return;
      }
      case 'tick':
        this.nowMs += one.ms;
        return this.give({ kind: 'tick', nowMs: this.nowMs });
      case 'retain':
        this.first = Math.max(this.first, this.last - one.kept + 1);
        for (const seq of this.journal.keys()) if (seq < this.first) this.journal.delete(seq);
        return;
      case 'damage':
        this.journal.delete(this.last - one.nth);
        return;
      case 'stale': {
        const last = Math.max(0, this.last - one.by);
        this.wire.push({ kind: 'position', meter: 'main', epoch, last });
        return;
      }
      case 'reconnect':
        this.wire = [{ kind: 'position', meter: 'main', epoch, last: this.last }];
        return this.give({ kind: 'reconnected' });
      case 'demand':
        return this.give({ kind: 'demand', open: one.open });
    }
  }

  give(input: FollowerInput): void {
    for (const output of this.follower.step(input)) this.take(output);
  }

  take(output: FollowerOutput): void {
    if (output.kind === 'deliver') this.delivered.push(output.reading.seq);
    if (output.kind === 'gap') {
      expect(output.reason).toMatch(/retention|damaged/);
      for (let seq = output.from; seq <= output.to; seq += 1) this.gaps.push(seq);
    }
    if (output.kind === 'request') {
      const { first, last } = this;
      const readings = [...this.journal.values()]
        .filter(({ seq }) => seq >= output.fromSeq)
        .slice(0, PAGE_READINGS);
      const page = { epoch, fromSeq: output.fromSeq, first, last, readings };
      this.wire.push({ kind: 'page', meter: 'main', page });
    }
  }

  /** Everything arrives from now on. */
  settle(): void {
    this.give({ kind: 'demand', open: true });
    // Pages that are still under way come after it, and may be older; all else may be lost.
    const pages = this.wire.filter(({ kind }) => kind === 'page');
    this.wire = [{ kind: 'position', meter: 'main', epoch, last: this.last }, ...pages];
    for (let i = 0; i < 400; i += 1) {
      this.nowMs += 1_000;
      this.give({ kind: 'tick', nowMs: this.nowMs });
      for (const message of this.wire.splice(0)) this.give(message);
    }
  }
}

test('delivers every reading that can be had, once and in order, whatever the bus does', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const house = new House();
      for (const one of steps) house.run(one);
      house.settle();
      const { delivered, gaps, last, journal } = house;
      expect(delivered).toEqual([...new Set(delivered)].sort((a, b) => a - b));
      const all = [...delivered, ...gaps].sort((a, b) => a - b);
      expect(all).toEqual(Array.from({ length: last }, (_, i) => i + 1));
      for (const seq of journal.keys()) expect(gaps).not.toContain(seq);
      expect(house.follower.lag()).toBe(0);
    }),
    { numRuns: 2_000 },
  );
});
