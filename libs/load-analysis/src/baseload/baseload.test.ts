import { describe, expect, test } from '@jest/globals';
import {
  addBaseloadQuarter,
  baseloadOf,
  closeBaseloadDay,
  initialBaseload,
  quantileOf,
  stepQuantile,
  type BaseloadState,
} from './baseload.js';

/** A day whose lowest quarters draw `baseloadW`, one in six, and the others a kilowatt. */
function addDay(state: BaseloadState, day: number, baseloadW: number): BaseloadState {
  let next = state;
  for (let i = 0; i < 96; i += 1) next = addBaseloadQuarter(next, i % 6 === 0 ? baseloadW : 1000);
  return closeBaseloadDay(next, day);
}

const days = (count: number, baseloadW: (day: number) => number): BaseloadState =>
  Array.from({ length: count }, (_, day) => day).reduce(
    (state, day) => addDay(state, day, baseloadW(day)),
    initialBaseload,
  );

test('the running quantile is 100.1, 98.2, 98.3, 96.4', () => {
  // energy.md §4.1.
  let quantile = 100;
  const values = [120, 90, 110, 80].map((x) => (quantile = stepQuantile(quantile, x, 2)));
  [100.1, 98.2, 98.3, 96.4].forEach((value, i) => expect(values[i]).toBeCloseTo(value, 9));
});

test('a quantile lies between two values where its place does', () => {
  expect(quantileOf([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(quantileOf([10], 0.05)).toBe(10);
});

describe('the baseload', () => {
  test('is the median of fourteen days, with its share and what it takes in a year', () => {
    const found = baseloadOf(days(14, (day) => (day === 3 ? 900 : 200)))!;
    expect(found).toMatchObject({ baseloadW: 200, yearWh: 1_752_000, trendW: null, days: 14 });
    expect(found.standbyShare).toBeCloseTo(200 / (1000 - 800 / 6), 1);
  });

  test('has a trend after four weeks', () => {
    expect(baseloadOf(days(28, (day) => (day < 14 ? 200 : 260)))!.trendW).toBe(60);
  });

  test('is not known before the first day, nor from a few hours', () => {
    expect(baseloadOf(initialBaseload)).toBeNull();
    const hours = Array.from({ length: 20 }, () => 300).reduce(addBaseloadQuarter, initialBaseload);
    expect(baseloadOf(closeBaseloadDay(hours, 0))).toBeNull();
  });

  test('follows a change between days', () => {
    let state = days(3, () => 200);
    for (let i = 0; i < 40; i += 1) state = addBaseloadQuarter(state, 100);
    expect(baseloadOf(state)!.liveW).toBeLessThan(200);
    expect(state.todayW.length).toBeLessThanOrEqual(100);
  });
});
