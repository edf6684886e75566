import { describe, expect, test } from '@jest/globals';
import type { Reading } from '@wattbus/energy-model';
import { draftOf } from '@wattbus/testing';
import { Follower, type FollowerInput, type FollowerOutput } from './follower.js';

const epoch = 'e1';

const reading = (seq: number, meter = 'main', of = epoch): Reading => ({
  ...draftOf(meter, seq),
  epoch: of,
  seq,
});

const readings = (from: number, to: number): Reading[] =>
  Array.from({ length: to - from + 1 }, (_, i) => reading(from + i));

function page(fromSeq: number, to: number, last: number, first = 1): FollowerInput {
  const given = to < fromSeq ? [] : readings(Math.max(fromSeq, first), to);
  return { kind: 'page', meter: 'main', page: { epoch, fromSeq, first, last, readings: given } };
}

const live = (seq: number, of = epoch): FollowerInput => ({
  kind: 'reading',
  reading: reading(seq, 'main', of),
});
const position = (last: number, of = epoch): FollowerInput => ({
  kind: 'position',
  meter: 'main',
  epoch: of,
  last,
});
const tick = (nowMs: number): FollowerInput => ({ kind: 'tick', nowMs });

/** Outputs in short: numbers are deliveries, `?n` a request from n on, `!reason a-b` a gap. */
const inShort = (outputs: readonly FollowerOutput[]): (number | string)[] =>
  outputs.map((output) => {
    if (output.kind === 'deliver') return output.reading.seq;
    if (output.kind === 'request') return `?${output.fromSeq}`;
    return `!${output.reason} ${output.from}-${output.to}`;
  });

function followerAt(seq: number): (...inputs: FollowerInput[]) => (number | string)[] {
  const follower = new Follower();
  follower.step({ kind: 'follow', meter: 'main', cursor: { epoch, seq } });
  return (...inputs) => inputs.flatMap((input) => inShort(follower.step(input)));
}

test('delivers readings in their turn, each once', () => {
  const step = followerAt(4);
  expect(step(live(5), live(6), live(6), live(5), live(7))).toEqual([5, 6, 7]);
});

test('puts readings that come in the wrong order right', () => {
  const step = followerAt(0);
  expect(step(live(2), live(3), live(1), live(4), tick(99), tick(1_000))).toEqual([1, 2, 3, 4]);
});

test('asks for what is missing when a hole has not closed in time', () => {
  const step = followerAt(0);
  expect(step(live(1), live(4), tick(99))).toEqual([1]);
  expect(step(tick(100))).toEqual(['?2']);
  expect(step(page(2, 3, 5))).toEqual([2, 3, 4, '?5']);
  expect(step(page(5, 5, 5))).toEqual([5]);
});

test('asks when the journal has more than what came, and goes on page by page', () => {
  const step = followerAt(10);
  expect(step(position(1_200), tick(100))).toEqual(['?11']);
  expect(step(page(11, 510, 1_200)).slice(-2)).toEqual([510, '?511']);
  expect(step(live(1_201))).toEqual([]);
  expect(step(page(511, 1_010, 1_201)).slice(-2)).toEqual([1_010, '?1011']);
  expect(step(page(1_011, 1_201, 1_201)).slice(-2)).toEqual([1_200, 1_201]);
  expect(step(live(1_202), tick(10_000))).toEqual([1_202]);
});

test('takes all that is kept where there is no cursor, and what is older is no gap', () => {
  const follower = new Follower();
  follower.step({ kind: 'follow', meter: 'main', cursor: null });
  follower.step(position(9));
  expect(inShort(follower.step(tick(100)))).toEqual(['?1']);
  expect(inShort(follower.step(page(1, 9, 9, 7)))).toEqual([7, 8, 9]);
  expect(follower.cursorOf('main')).toEqual({ epoch, seq: 9 });
});

test('knows a position that came before the meter was followed', () => {
  const follower = new Follower();
  follower.step(position(9));
  follower.step({ kind: 'follow', meter: 'main', cursor: { epoch, seq: 3 } });
  expect(inShort(follower.step(tick(100)))).toEqual(['?4']);
});

test('a page that was under way before a reading was accepted does not make it forgotten', () => {
  const step = followerAt(7);
  // A stale position makes it ask; the page that says what is true is made before reading 8.
  expect(step(position(5), tick(100))).toEqual(['?8']);
  expect(step(position(8), page(8, 7, 7))).toEqual(['?8']);
  expect(step(page(8, 8, 8))).toEqual([8]);
});

test('a page that was under way before another journal began does not settle which it is', () => {
  const step = followerAt(7);
  expect(step(position(5), tick(100))).toEqual(['?8']);
  expect(step(position(1, 'e2'), page(8, 7, 7))).toEqual(['?8']);
  const other = { epoch: 'e2', fromSeq: 8, first: 1, last: 1, readings: [] };
  expect(step({ kind: 'page', meter: 'main', page: other })).toEqual(['!epoch 8-8', '?1']);
});

describe('a gap', () => {
  test('tells which readings the retention has taken', () => {
    const step = followerAt(3);
    step(position(20), tick(100));
    expect(step(page(4, 20, 20, 11))).toEqual(['!retention 4-10', ...seqs(11, 20)]);
  });

  test('tells which readings are damaged, within a page and at its end', () => {
    const step = followerAt(0);
    step(position(9), tick(100));
    const some = [reading(1), reading(4)];
    const holed = { epoch, fromSeq: 1, first: 1, last: 9, readings: some };
    const outputs = step({ kind: 'page', meter: 'main', page: holed });
    expect(outputs).toEqual([1, '!damaged 2-3', 4, '?5']);
    expect(step(page(5, 4, 9), live(10))).toEqual(['!damaged 5-9', 10]);
  });

  test('tells that the journal is another one only when a page says so', () => {
    const step = followerAt(7);
    expect(step(position(2, 'e0'), live(3, 'e0'), tick(100))).toEqual(['?8']);
    // A living journal of the epoch that is known: what hinted at another one was old.
    expect(step(page(8, 7, 7), live(8), tick(9_999))).toEqual([8]);

    expect(step(live(1, 'e2'), tick(20_000))).toEqual(['?9']);
    const other = { epoch: 'e2', fromSeq: 9, first: 1, last: 1, readings: [] };
    expect(step({ kind: 'page', meter: 'main', page: other })).toEqual(['!epoch 9-9', '?1']);
    const first = { ...other, fromSeq: 1, readings: [reading(1, 'main', 'e2')] };
    expect(step({ kind: 'page', meter: 'main', page: first })).toEqual([1]);
    expect(step(live(2, 'e2'))).toEqual([2]);
  });

  test('tells that a disk has forgotten readings that it had accepted', () => {
    const step = followerAt(7);
    expect(step(position(4), tick(100))).toEqual(['?8']);
    expect(step(page(8, 7, 4), live(5))).toEqual(['!went-back 5-7', 5]);
  });
});

test('asks again when a page does not come, each time after a longer delay', () => {
  const step = followerAt(0);
  expect(step(position(1), tick(100))).toEqual(['?1']);
  const askedAt: number[] = [];
  for (let nowMs = 200; nowMs <= 100_000; nowMs += 100) {
    if (step(tick(nowMs)).length > 0) askedAt.push(nowMs);
  }
  expect(askedAt).toEqual([6_100, 16_100, 34_100, 66_100, 98_100]);
  // A sign of life makes it ask soon, though not at once.
  expect(step(tick(101_000), live(2), tick(101_099))).toEqual([]);
  expect(step(tick(101_100))).toEqual(['?1']);
  expect(step(page(1, 2, 2))).toEqual([1, 2]);
});

test('asks at once for what was under way when the bus comes back', () => {
  const step = followerAt(0);
  expect(step(position(9), tick(100), { kind: 'reconnected' })).toEqual(['?1', '?1']);
});

test('ignores a page that it has not asked for', () => {
  const step = followerAt(0);
  expect(step(page(1, 3, 3))).toEqual([]);
  step(position(9), tick(100));
  expect(step(page(4, 9, 9))).toEqual([]);
});

test('delivers and asks for nothing while the consumer is closed, and all of it after', () => {
  const step = followerAt(0);
  const closed: FollowerInput = { kind: 'demand', open: false };
  expect(step(live(1), closed, live(2), live(3), tick(5_000))).toEqual([1]);
  expect(step({ kind: 'demand', open: true }, tick(5_100))).toEqual(['?2']);
  expect(step(page(2, 3, 3), live(4))).toEqual([2, 3, 4]);
});

test('asks again for a page that came while the consumer was closed', () => {
  const step = followerAt(0);
  step(position(9), tick(100), { kind: 'demand', open: false });
  expect(step(page(1, 9, 9))).toEqual([]);
  expect(step({ kind: 'demand', open: true })).toEqual(['?1']);
});

test('keeps few requests under way, and silent journals do not keep the others waiting', () => {
  const follower = new Follower({ requestsMax: 4 });
  const names = Array.from({ length: 40 }, (_, i) => `m${i}`);
  for (const meter of names) {
    follower.step({ kind: 'follow', meter, cursor: { epoch, seq: 0 } });
    follower.step({ kind: 'position', meter, epoch, last: 1 });
  }
  expect(follower.lag()).toBe(40);
  const done = new Set<string>();
  let under: string[] = [];
  for (let nowMs = 100; nowMs < 60_000; nowMs += 100) {
    const outputs = [...follower.step(tick(nowMs))];
    // The first thirty never answer.
    for (const meter of under.filter((one) => Number(one.slice(1)) >= 30)) {
      const given = { epoch, fromSeq: 1, first: 1, last: 1, readings: [reading(1, meter)] };
      outputs.push(...follower.step({ kind: 'page', meter, page: given }));
    }
    under = [];
    for (const output of outputs) {
      if (output.kind === 'request') under.push(output.meter);
      if (output.kind === 'deliver') done.add(output.reading.meter);
    }
    expect(under.length).toBeLessThanOrEqual(4 + 4);
  }
  expect(done.size).toBe(10);
  expect(follower.lag()).toBe(30);
});

test('forgets a meter that it no longer follows', () => {
  const follower = new Follower();
  follower.step({ kind: 'follow', meter: 'main', cursor: { epoch, seq: 0 } });
  follower.step({ kind: 'unfollow', meter: 'main' });
  expect(follower.isFollowing('main')).toBe(false);
  expect(follower.step(live(1))).toEqual([]);
  expect(follower.cursorOf('main')).toBeNull();
});

test('goes back to an earlier cursor', () => {
  const follower = new Follower();
  follower.step({ kind: 'follow', meter: 'main', cursor: { epoch, seq: 0 } });
  follower.step(live(1));
  follower.step(position(1));
  follower.step({ kind: 'follow', meter: 'main', cursor: { epoch, seq: 0 } });
  follower.step(tick(100));
  expect(inShort(follower.step(page(1, 1, 1)))).toEqual([1]);
});

const seqs = (from: number, to: number): number[] => readings(from, to).map(({ seq }) => seq);
