import { expect, test } from '@jest/globals';
import { addDayEnergy, bandOf, initialDayEnergy, periodForecast } from './month-forecast.js';

test('210 kWh on day 20 of 30 become 314, between 299.64 and 328.36', () => {
  // energy.md §2.4, without drift.
  const rest = { soFarWh: 210_000, dayWh: 10_400, deviationWh: 2600, remainingDays: 10 };
  const { p10Wh, p50Wh, p90Wh } = bandOf(rest, 0);
  expect(p50Wh).toBe(314_000);
  expect((p90Wh - p50Wh) / 1.2816).toBeCloseTo(11_205, 0);
  expect(p10Wh / 1000).toBeCloseTo(299.64, 2);
  expect(p90Wh / 1000).toBeCloseTo(328.36, 2);
});

test('the band never lies below what is used already, and closes at the end', () => {
  const rest = { soFarWh: 5000, dayWh: 10, deviationWh: 9000, remainingDays: 2 };
  expect(bandOf(rest).p10Wh).toBe(5000);
  const over = bandOf({ ...rest, remainingDays: 0 });
  expect(over).toEqual({ p10Wh: 5000, p50Wh: 5000, p90Wh: 5000 });
});

test('a period goes on as the days of late and of the period do', () => {
  let state = initialDayEnergy;
  for (let day = 0; day < 40; day += 1) state = addDayEnergy(state, 10_000);
  const early = { soFarWh: 60_000, elapsedDays: 3, remainingDays: 27 };
  expect(periodForecast(state, early)!.p50Wh).toBeCloseTo(60_000 + 27 * 10_000, 6);
  const later = { soFarWh: 200_000, elapsedDays: 10, remainingDays: 20 };
  expect(periodForecast(state, later)!.p50Wh).toBeCloseTo(200_000 + 20 * 15_000, 6);
  expect(periodForecast(initialDayEnergy, early)).toBeNull();
});
