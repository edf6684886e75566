import { describe, expect, test } from '@jest/globals';
import { createCalendar } from '@wattbus/tariffs';
import {
  addCarbon,
  addIntensity,
  avoidedG,
  carbonSummary,
  initialIntensity,
  intensityAt,
  noCarbon,
  storedIntensity,
} from './carbon.js';
import { nextCarbonBooks, type CarbonBooks } from './carbon-books.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const live = (gPerKWh: number) => ({ gPerKWh, source: 'live' as const });

test('0.5, 1.2 and 0.3 kWh at 400, 250 and 120 g/kWh are 536 g, 268 g/kWh', () => {
  // energy.md §3.
  const slots = [
    { wh: 500, g: 400 },
    { wh: 1200, g: 250 },
    { wh: 300, g: 120 },
  ];
  const carbon = slots.reduce(
    (sum, { wh, g }) => addCarbon(sum, { importWh: wh, exportWh: 0 }, live(g)),
    noCarbon,
  );
  const summary = carbonSummary(carbon);
  expect(summary.importG).toBeCloseTo(536, 9);
  expect(summary.gPerKWh).toBeCloseTo(268, 9);
  expect(summary.coverage).toBe(1);
});

test('export stands beside import, and coverage counts live values only', () => {
  const first = addCarbon(noCarbon, { importWh: 1000, exportWh: 0 }, live(300));
  const held = { gPerKWh: 300, source: 'held' as const };
  const summary = carbonSummary(addCarbon(first, { importWh: 3000, exportWh: 2000 }, held));
  expect(summary).toEqual({ importG: 1200, exportG: 600, gPerKWh: 300, coverage: 0.25 });
  expect(carbonSummary(noCarbon)).toMatchObject({ gPerKWh: null, coverage: 1 });
});

describe('a feed that stops', () => {
  const startMs = Date.UTC(2026, 5, 10, 12);
  let state = initialIntensity;
  for (let day = 9; day >= 0; day -= 1) {
    const slotMs = startMs - day * DAY_MS;
    state = addIntensity(state, { startMs: slotMs, endMs: slotMs + HOUR_MS, gPerKWh: 100 + day });
  }
  const at = (ms: number) => intensityAt(state, startMs + ms, 459);

  test('is believed for two hours, then the hour’s usual value, then the static one', () => {
    expect(at(HOUR_MS - 1)).toEqual({ gPerKWh: 100, source: 'live' });
    expect(at(3 * HOUR_MS - 1)).toEqual({ gPerKWh: 100, source: 'held' });
    expect(at(3 * HOUR_MS)).toEqual({ gPerKWh: 459, source: 'static' });
    expect(at(DAY_MS)).toEqual({ gPerKWh: 103, source: 'usual' });
    expect(at(9 * DAY_MS)).toEqual({ gPerKWh: 459, source: 'static' });
  });

  test('says a slot again without counting it twice', () => {
    const again = addIntensity(state, { startMs, endMs: startMs + HOUR_MS, gPerKWh: 100 });
    expect(again).toEqual(state);
  });
});

test('a battery keeps the mean intensity of what went in', () => {
  expect(storedIntensity({ wh: 1000, gPerKWh: 100 }, { wh: 3000, gPerKWh: 300 })).toBe(250);
  expect(storedIntensity({ wh: 0, gPerKWh: 0 }, { wh: 0, gPerKWh: 300 })).toBe(300);
});

test('shifting a load avoids what the margin would have caused', () => {
  expect(
    avoidedG([
      { baselineWh: 2000, actualWh: 0, marginalGPerKWh: 600 },
      { baselineWh: 0, actualWh: 2000, marginalGPerKWh: 200 },
    ]),
  ).toBe(800);
});

test('books turn with the local day and month', () => {
  const calendar = createCalendar('Europe/Brussels');
  let books: CarbonBooks | null = null;
  for (const iso of ['2026-06-29T21:45:00Z', '2026-06-29T22:00:00Z', '2026-06-30T22:00:00Z']) {
    const quarter = { startMs: Date.parse(iso), importWh: 1000, exportWh: 0 };
    books = nextCarbonBooks(books, quarter, live(200), calendar);
  }
  expect(books).toMatchObject({ day: '2026-07-01', month: '2026-07' });
  expect(books!.thisMonth.importG).toBe(200);
  expect(books!.closedDay!.importG).toBe(200);
});
