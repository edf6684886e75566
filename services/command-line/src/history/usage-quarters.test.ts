import { describe, expect, test } from '@jest/globals';
import { createCalendar } from '@wattbus/tariffs';
import fc from 'fast-check';
import type { HistoryRow } from './history.js';
import { usageQuarters, type UsageOptions } from './usage-quarters.js';

const calendar = createCalendar('Europe/Brussels');
const options: UsageOptions = { calendar, timeAt: 'start', gaps: false };
const startMs = calendar.dayNamed('2026-03-10')!.startMs;
const MINUTE_MS = 60_000;

const rows = (minutes: number, millionths: readonly number[], fromMs = startMs): HistoryRow[] =>
  millionths.map((importWh, i) => ({
    line: i + 2,
    atMs: fromMs + i * minutes * MINUTE_MS,
    values: { importWh },
  }));

function quarters(given: readonly HistoryRow[], by: UsageOptions = options) {
  const result = usageQuarters(given, by);
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.quarters;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe('usage of intervals', () => {
  test.each([1, 5, 15, 30, 60])('of %s minutes keeps its sum to the last Wh', (minutes) => {
    fc.assert(
      fc.property(fc.array(fc.nat(3e9), { minLength: 60, maxLength: 60 }), (millionths) => {
        const found = quarters(rows(minutes, millionths));
        expect(found).toHaveLength((60 * minutes) / 15);
        const wh = sum(found.map(({ amounts }) => amounts.importWh!));
        expect(wh).toBe(Math.round(sum(millionths) / 1e6));
        for (const { amounts } of found) expect(amounts.importWh).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('of days follows the clock: 92 and 100 quarter-hours where it changes', () => {
    const daysOf = (names: readonly string[]): HistoryRow[] =>
      names.map((name, i) => ({
        line: i + 2,
        atMs: calendar.dayNamed(name)!.startMs,
        values: { importWh: 9_200e6 },
      }));
    const spring = quarters(daysOf(['2026-03-28', '2026-03-29', '2026-03-30']));
    const autumn = quarters(daysOf(['2026-10-24', '2026-10-25', '2026-10-26']));
    expect(spring).toHaveLength(96 + 92 + 96);
    expect(spring.slice(96, 188).map(({ amounts }) => amounts.importWh)).toEqual(
      Array.from({ length: 92 }, () => 100),
    );
    expect(autumn).toHaveLength(96 + 100 + 96);
    expect(autumn.slice(96, 196).map(({ amounts }) => amounts.importWh)).toEqual(
      Array.from({ length: 100 }, () => 92),
    );
  });

  test('may be named by their ends', () => {
    const [first] = quarters(rows(60, [4e6, 4e6, 4e6], startMs + 60 * MINUTE_MS), {
      ...options,
      timeAt: 'end',
    });
    expect(first).toEqual({ startMs, amounts: { importWh: 1 }, rowMinutes: 60 });
  });

  test('leaves out what a quarter-hour is covered by in part only', () => {
    const found = quarters(
      rows(
        5,
        Array.from({ length: 8 }, () => 1e6),
        startMs + 10 * MINUTE_MS,
      ),
    );
    expect(found.map(({ startMs: ms }) => ms)).toEqual([
      startMs + 15 * MINUTE_MS,
      startMs + 30 * MINUTE_MS,
    ]);
  });

  test('with a hole is a fault that says where, or is left out where that is wanted', () => {
    const holed = rows(60, [1e6, 1e6, 1e6, 1e6, 1e6]).toSpliced(2, 2);
    expect(usageQuarters(holed, options)).toEqual({
      ok: false,
      faults: [
        {
          line: 6,
          column: 1,
          message: '2 rows missing after line 3; give --gaps to import without',
        },
      ],
    });
    expect(quarters(holed, { ...options, gaps: true })).toHaveLength(12);
  });

  test('below nothing, or at odd distances, is a fault', () => {
    expect(usageQuarters(rows(60, [1e6, -1, 1e6]), options)).toMatchObject({
      faults: [{ line: 3, message: 'what was used must not be negative' }],
    });
    expect(usageQuarters(rows(7, [1, 1, 1]), options)).toMatchObject({
      faults: [{ message: expect.stringMatching(/7 minutes apart; known are 1, 2, 5/) }],
    });
  });
});
