import { expect } from '@jest/globals';
import { createCalendar } from '@wattbus/tariffs';
import { backtest } from '../src/forecast/backtest.js';
import { quantileOf } from '../src/baseload/baseload.js';
import { medianOf } from '../src/forecast/features.js';
import { homes, quartersOf, testWithTimeSeries, uciMinutes } from './corpus.js';

/** Published table (energy.md §8): the best method of each home, nMAE in % and MASE. */
const table: Readonly<Record<string, { nmae: number; mase: number }>> = {
  UCI: { nmae: 45.3, mase: 0.755 },
  'HUE 1': { nmae: 31.4, mase: 0.766 },
  'CityLearn B1': { nmae: 46.2, mase: 0.794 },
  'CityLearn B2': { nmae: 44.6, mase: 0.803 },
  'CityLearn B10': { nmae: 54.3, mase: 0.812 },
};

testWithTimeSeries('the forecast of real homes is no worse than the published table', () => {
  const lines = ['day-ahead nMAE %/MASE         here         table        day before   P10–P90'];
  for (const home of homes()) {
    const report = backtest(quartersOf(home), createCalendar('UTC'))!;
    const { typical, mean, naive, quantiles } = report;
    const limit = table[home.name]!;
    const covered = quantiles[2]!.below - quantiles[0]!.below;
    const pair = (nmae: number, mase: number): string => `${nmae.toFixed(2)}/${mase.toFixed(3)}`;
    lines.push(
      [
        home.name.padEnd(28),
        pair(100 * typical.nmae, typical.mase).padEnd(12),
        pair(limit.nmae, limit.mase).padEnd(12),
        pair(100 * naive.day.nmae, naive.day.mase).padEnd(12),
        `${(100 * covered).toFixed(1)} %`,
      ].join(' '),
    );
    expect(100 * typical.nmae).toBeLessThanOrEqual(limit.nmae * 1.01);
    expect(typical.mase).toBeLessThanOrEqual(limit.mase * 1.01);
    expect(Math.abs(mean.bias)).toBeLessThan(0.03);
    expect(covered).toBeGreaterThan(0.75);
    expect(covered).toBeLessThan(0.85);
  }
  console.log(lines.join('\n'));
});

testWithTimeSeries('the baseload of the French home is 234 W and 258 W by its reference', () => {
  const minutes = [...uciMinutes()];
  const days = new Map<number, number[]>();
  const quarters = new Map<number, number[]>();
  for (const [atMs, kw] of minutes) {
    const day = Math.floor(atMs / 86_400_000);
    const quarter = Math.floor(atMs / 900_000);
    days.set(day, [...(days.get(day) ?? []), kw * 1000]);
    quarters.set(quarter, [...(quarters.get(quarter) ?? []), kw * 1000]);
  }
  const daily = [...days.values()].map((powers) => quantileOf(powers, 0.05));
  const means = [...quarters.values()].map(
    (powers) => powers.reduce((a, b) => a + b) / powers.length,
  );
  expect(medianOf(daily)).toBeGreaterThan(232);
  expect(medianOf(daily)).toBeLessThan(236);
  expect(quantileOf(means, 0.05)).toBeGreaterThan(256);
  expect(quantileOf(means, 0.05)).toBeLessThan(260);
});
