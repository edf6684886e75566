import { describe, expect, test } from '@jest/globals';
import { createCalendar, isZone } from './calendar.js';

const at = (iso: string): number => Date.parse(iso);
const QUARTER_MS = 900_000;
const HOUR_MS = 3_600_000;

describe('local days', () => {
  // energy.md §1.6, computed there with luxon and with Temporal.
  const days = [
    ['Europe/Brussels', '2026-03-29', '2026-03-28T23:00Z', '2026-03-29T22:00Z', 92],
    ['Europe/Brussels', '2026-10-25', '2026-10-24T22:00Z', '2026-10-25T23:00Z', 100],
    ['Europe/Brussels', '2026-06-01', '2026-05-31T22:00Z', '2026-06-01T22:00Z', 96],
    ['Asia/Seoul', '2026-03-29', '2026-03-28T15:00Z', '2026-03-29T15:00Z', 96],
    ['America/Santiago', '2026-09-06', '2026-09-06T04:00Z', '2026-09-07T03:00Z', 92],
    ['Australia/Lord_Howe', '2026-04-05', '2026-04-04T13:00Z', '2026-04-05T13:30Z', 98],
  ] as const;

  test.each(days)('%s %s starts and ends where the zone says', (...day) => {
    const [zone, name, start, end, quarters] = day;
    const calendar = createCalendar(zone);
    const expected = { name, startMs: at(start), endMs: at(end) };
    expect(calendar.dayOf(at(start))).toEqual(expected);
    expect(calendar.dayOf(at(end) - 1)).toEqual(expected);
    expect(calendar.dayOf(at(start) - 1).endMs).toBe(at(start));
    expect(calendar.dayOf(at(end)).startMs).toBe(at(end));
    expect((at(end) - at(start)) / QUARTER_MS).toBe(quarters);
  });

  test('every quarter-hour of Seoul in 2026 lies in a day of 96', () => {
    const calendar = createCalendar('Asia/Seoul');
    const year = calendar.yearOf(at('2026-06-01T00:00Z'));
    for (let ms = year.startMs; ms < year.endMs; ms = calendar.dayOf(ms).endMs) {
      const { startMs, endMs } = calendar.dayOf(ms);
      expect((endMs - startMs) / QUARTER_MS).toBe(96);
    }
  });
});

test('the months of the clock change in Brussels have 743 and 745 hours', () => {
  const calendar = createCalendar('Europe/Brussels');
  const hours = (iso: string): number => {
    const { startMs, endMs } = calendar.monthOf(at(iso));
    return (endMs - startMs) / HOUR_MS;
  };
  expect(hours('2026-03-10T00:00Z')).toBe(743);
  expect(hours('2026-10-10T00:00Z')).toBe(745);
  expect(calendar.monthOf(at('2026-03-31T22:00Z')).name).toBe('2026-04');
});

test('days of months and years are counted whatever the clock does', () => {
  const calendar = createCalendar('Europe/Brussels');
  const daysOfMonth = (iso: string): number => calendar.daysIn(calendar.monthOf(at(iso)));
  expect(daysOfMonth('2026-02-10T00:00Z')).toBe(28);
  expect(daysOfMonth('2028-02-10T00:00Z')).toBe(29);
  expect(daysOfMonth('2026-03-10T00:00Z')).toBe(31);
  expect(daysOfMonth('2026-10-10T00:00Z')).toBe(31);
  expect(calendar.daysIn(calendar.yearOf(at('2026-05-01T00:00Z')))).toBe(365);
  expect(calendar.daysIn(calendar.yearOf(at('2028-05-01T00:00Z')))).toBe(366);
});

test('an unknown zone is refused', () => {
  expect(isZone('Europe/Brussels')).toBe(true);
  expect(isZone('Mars/Olympus')).toBe(false);
  expect(() => createCalendar('Mars/Olympus')).toThrow('unknown time zone Mars/Olympus');
});

describe('weeks', () => {
  // ISO 8601: week 1 has the year's first Thursday, so that days around New Year change sides.
  const weeks = [
    ['2024-12-30', '2025-W01', '2024-12-30', '2025-01-06'],
    ['2027-01-03', '2026-W53', '2026-12-28', '2027-01-04'],
    ['2026-03-29', '2026-W13', '2026-03-23', '2026-03-30'],
    ['2026-10-26', '2026-W44', '2026-10-26', '2026-11-02'],
  ] as const;

  test.each(weeks)('%s lies in %s', (date, name, first, after) => {
    const calendar = createCalendar('Europe/Brussels');
    const start = calendar.dayNamed(first)!.startMs;
    const end = calendar.dayNamed(after)!.startMs;
    const { startMs, endMs } = calendar.dayNamed(date)!;
    for (const ms of [startMs, endMs - 1]) {
      expect(calendar.weekOf(ms)).toEqual({ name, startMs: start, endMs: end });
    }
  });

  test('those of the clock change in Brussels have 167 and 169 hours', () => {
    const { weekOf } = createCalendar('Europe/Brussels');
    const hoursAt = (iso: string): number => {
      const { startMs, endMs } = weekOf(at(iso));
      return (endMs - startMs) / HOUR_MS;
    };
    expect(['2026-03-26', '2026-10-22', '2026-06-03'].map(hoursAt)).toEqual([167, 169, 168]);
  });
});

describe('billing periods', () => {
  test.each([
    [1, '2026-02-28T12:00+01:00', '2026-02-01', '2026-03-01'],
    [15, '2026-03-14T23:59+01:00', '2026-02-15', '2026-03-15'],
    [15, '2026-03-15T00:00+01:00', '2026-03-15', '2026-04-15'],
    [31, '2026-02-27T23:59+01:00', '2026-01-31', '2026-02-28'],
    [31, '2026-02-28T00:00+01:00', '2026-02-28', '2026-03-31'],
    [31, '2026-04-29T12:00+02:00', '2026-03-31', '2026-04-30'],
    [31, '2028-02-29T00:00+01:00', '2028-02-29', '2028-03-31'],
    [30, '2026-01-02T12:00+01:00', '2025-12-30', '2026-01-30'],
  ])('from day %i on, %s lies in that of %s', (billingDay, instant, first, after) => {
    const calendar = createCalendar('Europe/Brussels', billingDay);
    expect(calendar.billingPeriodOf(at(instant))).toEqual({
      name: first,
      startMs: calendar.dayNamed(first)!.startMs,
      endMs: calendar.dayNamed(after)!.startMs,
    });
  });

  test('follow each other without a gap, whatever the day', () => {
    for (let billingDay = 1; billingDay <= 31; billingDay += 1) {
      const { billingPeriodOf, dayOf } = createCalendar('Europe/Brussels', billingDay);
      let period = billingPeriodOf(at('2026-01-01T00:00+01:00'));
      for (let i = 0; i < 30; i += 1) {
        expect(dayOf(period.startMs).startMs).toBe(period.startMs);
        const next = billingPeriodOf(period.endMs);
        expect(next.startMs).toBe(period.endMs);
        expect(billingPeriodOf(next.startMs - 1)).toEqual(period);
        period = next;
      }
    }
  });
});
