import { describe, expect, test } from '@jest/globals';
import { RECENT_DAYS_MAX, topics, type RecentDay, type RecentDays } from '@wattbus/mqtt-contract';
import fc from 'fast-check';
import { areSame, mergeDays } from './recent-days.js';

const sample = (topics.recentDays.row.sample as RecentDays).days[0]!;
const DAY_MS = 86_400_000;
const START_MS = Date.parse('2026-01-01T00:00:00Z');

const day = (n: number, seq = n * 100, epoch = 'e1'): RecentDay => ({
  ...sample,
  date: new Date(START_MS + n * DAY_MS).toISOString().slice(0, 10),
  at: new Date(START_MS + (n + 1) * DAY_MS + seq).toISOString(),
  epoch,
  seq,
});
const dates = (days: readonly RecentDay[]): string[] => days.map(({ date }) => date);

describe('the list of recent days', () => {
  test('is the same in whichever order lists are put together, and doubled ones change nothing', () => {
    const days = fc
      .array(fc.tuple(fc.nat(60), fc.nat(5_000), fc.constantFrom('e1', 'e2')))
      .map((made) =>
        mergeDays(
          [],
          made.map(([n, seq, epoch]) => day(n, seq, epoch)),
        ),
      );
    fc.assert(
      fc.property(days, days, days, (a, b, c) => {
        const merged = mergeDays(mergeDays(a, b), c);
        expect(mergeDays(mergeDays(c, a), mergeDays(b, a))).toEqual(merged);
        expect(areSame(mergeDays(merged, b), merged)).toBe(true);
        expect(dates(merged)).toEqual([...new Set(dates(merged))].sort());
      }),
    );
  });

  test('keeps the newest days, and of each its newest final', () => {
    const made = Array.from({ length: RECENT_DAYS_MAX + 3 }, (_, n) => day(n));
    const kept = mergeDays([], made);
    expect(kept).toEqual(made.slice(3));
    expect(mergeDays(kept, [day(20, 1)])).toEqual(kept);
    const anew = { ...day(20, 1, 'e2'), at: '2026-12-31T00:00:00.000Z' };
    expect(mergeDays(kept, [anew])).toContainEqual(anew);
    expect(areSame(mergeDays(kept, [anew]), kept)).toBe(false);
    expect(mergeDays([day(1)], [day(1, 101)])).toEqual([day(1, 101)]);
  });
});
