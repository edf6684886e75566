import { describe, expect, test } from '@jest/globals';
import { createCalendar } from './calendar.js';
import { ruleFinder, type DayTypes, type TimeRule } from './day-types.js';
import { holidaysOf } from './holidays.js';

const calendar = createCalendar('Europe/Brussels');
const at = (iso: string): number => Date.parse(iso);

const dayTypes: DayTypes = {
  holidays: new Set(['2026-05-01']),
  lists: { red: new Set(['2026-01-12']) },
};

const nameAt = (
  rules: readonly (TimeRule & { name: string })[],
  iso: string,
  dayStartsAt?: string,
): string | undefined => ruleFinder(rules, dayStartsAt)(at(iso), { calendar, dayTypes })?.name;

describe('the Belgian night: 22 to 07, weekends and holidays', () => {
  const rules = [
    { name: 'night', days: ['sat', 'sun', 'holiday'] },
    { name: 'night', from: '22:00', to: '07:00' },
    { name: 'day' },
  ];
  test.each([
    ['2026-04-30T21:59+02:00', 'day'],
    ['2026-04-30T22:00+02:00', 'night'],
    ['2026-04-29T06:59+02:00', 'night'],
    ['2026-04-29T07:00+02:00', 'day'],
    ['2026-05-01T12:00+02:00', 'night'],
    ['2026-05-02T12:00+02:00', 'night'],
    ['2026-05-04T12:00+02:00', 'day'],
    // The clock is put forward on 29 March and back on 25 October, both Sundays; these are Mondays.
    ['2026-03-30T06:59+02:00', 'night'],
    ['2026-10-26T07:00+01:00', 'day'],
  ])('%s is %s', (iso, name) => {
    expect(nameAt(rules, iso)).toBe(name);
  });
});

test('on the day of the change the wall clock decides', () => {
  const rules = [{ name: 'early', from: '00:00', to: '03:00' }, { name: 'late' }];
  expect(nameAt(rules, '2026-03-29T00:59Z')).toBe('early');
  expect(nameAt(rules, '2026-03-29T01:00Z')).toBe('late');
  expect(nameAt(rules, '2026-10-25T01:59Z')).toBe('early');
  expect(nameAt(rules, '2026-10-25T02:00Z')).toBe('late');
});

test('a holiday is no weekday', () => {
  const rules = [{ name: 'week', days: ['fri'] }, { name: 'other' }];
  expect(nameAt(rules, '2026-05-01T12:00+02:00')).toBe('other');
  expect(nameAt(rules, '2026-05-08T12:00+02:00')).toBe('week');
});

test('a day may begin at another hour', () => {
  const rules = [{ name: 'red', days: ['red'] }, { name: 'blue' }];
  expect(nameAt(rules, '2026-01-12T05:59+01:00', '06:00')).toBe('blue');
  expect(nameAt(rules, '2026-01-12T06:00+01:00', '06:00')).toBe('red');
  expect(nameAt(rules, '2026-01-13T05:59+01:00', '06:00')).toBe('red');
});

test('a rule of months counts in these only, and no rule is none', () => {
  const rules = [{ name: 'summer', months: [6, 7, 8] }];
  expect(nameAt(rules, '2026-08-31T23:59+02:00')).toBe('summer');
  expect(nameAt(rules, '2026-09-01T00:00+02:00')).toBeUndefined();
});

describe('public holidays', () => {
  test('of Belgium are ten', async () => {
    const days = await holidaysOf('BE', [2026]);
    expect(days.size).toBe(10);
    expect(days.has('2026-07-21')).toBe(true);
  });

  test('of Korea have all three days of 추석', async () => {
    const days = await holidaysOf('KR', [2026]);
    for (const day of ['2026-09-24', '2026-09-25', '2026-09-26']) {
      expect(days.has(day)).toBe(true);
    }
  });

  test('of a region are more', async () => {
    const [land, region] = [await holidaysOf('DE', [2026]), await holidaysOf('DE-BY', [2026])];
    expect(land.has('2026-01-06')).toBe(false);
    expect(region.has('2026-01-06')).toBe(true);
  });

  test('of no country are refused', async () => {
    await expect(holidaysOf('XX', [2026])).rejects.toThrow('no holidays for XX');
  });
});
