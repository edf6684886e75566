import { describe, expect, test } from '@jest/globals';
import { CURSORS_AT_ONCE_MAX, CursorPace } from './cursor-pace.js';

const cursor = (meter: string, seq: number) => ({ meter, epoch: 'e1', seq });

describe('CursorPace', () => {
  test('says the newest cursor of a meter, once in ten seconds', () => {
    const pace = new CursorPace();
    pace.moved([cursor('main', 1)]);
    pace.moved([cursor('main', 2)]);
    expect(pace.due(0)).toEqual([cursor('main', 2)]);
    pace.moved([cursor('main', 3), cursor('pv', 1)]);
    expect(pace.due(9_999)).toEqual([cursor('pv', 1)]);
    expect(pace.due(10_000)).toEqual([cursor('main', 3)]);
    expect(pace.due(60_000)).toEqual([]);
  });

  test('says some at a time where there are many, and leaves none out', () => {
    const pace = new CursorPace();
    const all = Array.from({ length: 950 }, (_, i) => cursor(`m${i}`, 1));
    pace.moved(all);
    const said = [];
    for (let nowMs = 0; nowMs < 10_000; nowMs += 1_000) {
      // Those that go on moving do not keep the others waiting.
      pace.moved(all.slice(0, 50));
      const due = pace.due(nowMs);
      expect(due.length).toBeLessThanOrEqual(CURSORS_AT_ONCE_MAX);
      said.push(...due);
    }
    expect(said).toHaveLength(950);
    expect(new Set(said.map(({ meter }) => meter)).size).toBe(950);
  });

  test('says all anew on a new connection', () => {
    const pace = new CursorPace();
    pace.moved([cursor('main', 1), cursor('pv', 7)]);
    expect(pace.due(0)).toHaveLength(2);
    pace.sayAgain();
    expect(pace.due(1)).toEqual([cursor('main', 1), cursor('pv', 7)]);
  });
});
