import { Buffer } from 'node:buffer';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { topics } from '../topics.js';
import { DayAnalysis } from './analysis.js';
import { packDay, RECENT_DAYS_MAX, RecentDays, unpackDay } from './recent-days.js';

const FROM_MS = Date.parse('2026-10-24T22:00:00Z');
const QUARTER_MS = 900_000;
const instant = (atMs: number): string => new Date(atMs).toISOString();

const quarter = (index: number, importWh: number | undefined, estimated = false) => ({
  start: instant(FROM_MS + index * QUARTER_MS),
  ...(importWh === undefined ? {} : { importWh, exportWh: index % 7 }),
  estimated,
});

/** The longest day of the year, of which a house with a meter for both ways has all. */
const wholeDay = (importWh: number): DayAnalysis => ({
  v: 1,
  meter: 'main',
  medium: 'electricity',
  role: 'grid',
  at: instant(FROM_MS + 100 * QUARTER_MS + 1_000),
  epoch: 'k3v9q2',
  seq: 123_456,
  date: '2026-10-25',
  from: instant(FROM_MS),
  to: instant(FROM_MS + 100 * QUARTER_MS),
  importWh: importWh * 100,
  exportWh: 297,
  cost: 2.41,
  currency: 'EUR',
  quarters: Array.from({ length: 100 }, (_, i) => quarter(i, importWh, i % 9 === 0)),
});

test('a day comes out of the list as it was said, whichever quarter-hours and amounts it has', () => {
  const indexes = fc.uniqueArray(fc.nat(99), { maxLength: 100 });
  fc.assert(
    fc.property(indexes, fc.infiniteStream(fc.option(fc.nat(5_000))), (found, amounts) => {
      const quarters = found
        .toSorted((a, b) => a - b)
        .map((i) => quarter(i, amounts.next().value ?? undefined, i % 2 === 0));
      const day = { ...wholeDay(10), quarters };
      const { v, meter, medium, role } = day;
      const list = RecentDays.parse({ v, meter, medium, role, days: [packDay(day)] });
      expect(DayAnalysis.parse(unpackDay(list, list.days[0]!))).toEqual(day);
    }),
  );
});

test('a list of as many whole days as there may be is a packet that brokers take', () => {
  const { v, meter, medium, role } = wholeDay(2_500);
  const days = Array.from({ length: RECENT_DAYS_MAX }, () => packDay(wholeDay(2_500)));
  const bytes = Buffer.from(JSON.stringify({ v, meter, medium, role, days }));
  expect(bytes.length).toBeLessThan(64 * 1024);
  expect(topics.recentDays.row.payload.safeParse(JSON.parse(bytes.toString())).success).toBe(true);
});
