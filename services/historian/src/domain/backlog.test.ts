import { describe, expect, test } from '@jest/globals';
import type { Point } from '@wattbus/time-series';
import fc from 'fast-check';
import { Backlog, BACKLOG_POINTS_MAX, cursorsAfter } from './backlog.js';

const point = (seq: number, meter = 'main'): Point => ({
  measurement: 'reading',
  tags: { meter, medium: 'electricity', role: 'grid' },
  fields: { seq, epoch: 'e1', powerW: seq },
  atMs: seq,
});
const points = (from: number, to: number): Point[] =>
  Array.from({ length: to - from }, (_, i) => point(from + i));

describe('the backlog', () => {
  test('gives a batch when the oldest point is old enough, not before', () => {
    const backlog = new Backlog({ batchPoints: 500, batchMs: 20 });
    backlog.offer([point(1)], 1_000);
    backlog.offer([point(2)], 1_019);
    expect(backlog.waitMs(1_019)).toBe(1);
    expect(backlog.next(1_019)).toBeNull();
    expect(backlog.next(1_020)).toEqual([point(1), point(2)]);
  });

  test('gives a batch at once when it is full, and the next when that one is committed', () => {
    const backlog = new Backlog({ batchPoints: 500, batchMs: 60_000 });
    backlog.offer(points(0, 499), 0);
    expect(backlog.next(0)).toBeNull();
    backlog.offer(points(499, 500), 0);
    expect(backlog.next(0)).toEqual(points(0, 500));
    backlog.offer(points(500, 2_700), 0);
    expect(backlog.next(0)).toBeNull();
    expect(backlog.waitMs(0)).toBeNull();
    backlog.committed();
    expect(backlog.next(0)).toEqual(points(500, 2_500));
    backlog.committed();
    expect(backlog.waitMs(0)).toBe(60_000);
    expect(backlog.next(0, true)).toEqual(points(2_500, 2_700));
  });

  test('gives a failed batch again, after pauses that double up to a limit', () => {
    const backlog = new Backlog({ batchPoints: 2, batchMs: 20 });
    backlog.offer([point(1), point(2)], 0);
    const pauses = [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000];
    let nowMs = 0;
    for (const pauseMs of pauses) {
      expect(backlog.next(nowMs)).toEqual([point(1), point(2)]);
      backlog.failed(nowMs, 1);
      expect(backlog.next(nowMs + pauseMs - 1, true)).toBeNull();
      nowMs += pauseMs;
    }
    backlog.next(nowMs);
    backlog.committed();
    backlog.offer([point(3)], nowMs);
    expect(backlog.next(nowMs + 20)).toEqual([point(3)]);
    backlog.failed(nowMs, 0);
    expect(backlog.waitMs(nowMs)).toBe(125);
  });

  test('never holds more than its limit, never drops or reorders what it has taken', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('offer' as const), count: fc.integer({ min: 0, max: 900 }) }),
      fc.record({ kind: fc.constantFrom('commit' as const, 'fail' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const backlog = new Backlog({ batchPoints: 500, batchMs: 20 });
        let taken = 0;
        let nowMs = 0;
        const written: Point[] = [];
        for (const input of steps) {
          nowMs += 20_000;
          if (input.kind === 'offer') {
            if (backlog.offer(points(taken, taken + input.count), nowMs)) taken += input.count;
          } else {
            const batch = backlog.next(nowMs);
            if (batch && input.kind === 'commit') written.push(...batch);
            if (batch && input.kind === 'commit') backlog.committed();
            else if (batch) backlog.failed(nowMs, 0.5);
          }
          expect(backlog.size).toBeLessThanOrEqual(BACKLOG_POINTS_MAX);
        }
        for (
          let batch = backlog.next(nowMs + 1e6, true);
          batch;
          batch = backlog.next(nowMs + 1e6, true)
        ) {
          written.push(...batch);
          backlog.committed();
        }
        expect(written).toEqual(points(0, taken));
      }),
      { numRuns: 50 },
    );
  });
});

test('the cursor after a batch is the newest reading of each meter', () => {
  const event: Point = { ...point(9), measurement: 'event' };
  expect(cursorsAfter([point(1), point(7, 'gas'), point(2), event])).toEqual([
    { meter: 'main', epoch: 'e1', seq: 2 },
    { meter: 'gas', epoch: 'e1', seq: 7 },
  ]);
});
