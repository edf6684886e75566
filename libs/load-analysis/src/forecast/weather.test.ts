import { expect, test } from '@jest/globals';
import { createCalendar } from '@wattbus/tariffs';
import { quartersOf } from '../../test/corpus.js';
import { syntheticHome } from '../../test/synthetic-home.js';
import { backtest } from './backtest.js';
import { initialForecast, nextForecast, type ForecastState } from './forecast.js';
import { HOUR_MS, type LoadHour } from './local-hours.js';

const utc = createCalendar('UTC');
const home = { name: 'synthetic', ...syntheticHome() };
const startMs = home.firstDay * 24 * HOUR_MS;

/** A winter whose days differ: a slow wave, a daily one, and fronts that come as they like. */
function temperatureAt(atMs: number): number {
  const hour = Math.floor((atMs - startMs) / HOUR_MS);
  const day = Math.floor(hour / 24);
  const front = 7 * Math.sin(day * 1.7) * Math.cos(day * 0.61);
  return 6 + 3 * Math.sin(day / 14) + front + 3 * Math.sin(((hour % 24) - 9) / 3.8);
}

/** The synthetic home with a heat pump: 90 W for each degree below 16 °C. */
const heated = {
  ...home,
  kwh: home.kwh.map((kwh, i) => {
    const cold = Math.max(0, 16 - temperatureAt(startMs + i * HOUR_MS));
    return Math.round((kwh + 0.09 * cold) * 1_000) / 1_000;
  }),
};

test('a load that the weather drives is forecast better with the temperature', () => {
  const plain = backtest(quartersOf(heated), utc)!;
  const aided = backtest(quartersOf(heated), utc, { temperatureAt })!;
  expect(plain.typical.mase).toBeLessThan(1);
  expect(aided.typical.mase).toBeLessThan(0.9 * plain.typical.mase);
  expect(aided.mean.mase).toBeLessThan(0.9 * plain.mean.mase);
});

test('a load that it does not drive is forecast as well as before', () => {
  const plain = backtest(quartersOf(home), utc)!;
  const aided = backtest(quartersOf(home), utc, { temperatureAt })!;
  expect(aided.typical.mase).toBeLessThan(1.01 * plain.typical.mase);
});

/** The hours of the heated home one by one, with a feed that is there for some of them. */
function run(feed: (i: number) => typeof temperatureAt | undefined, savedEvery = Infinity) {
  let state: ForecastState = initialForecast;
  heated.kwh.forEach((kwh, i) => {
    const at = startMs + i * HOUR_MS;
    const hour: LoadHour = {
      ...{ startMs: at, day: home.firstDay + Math.floor(i / 24), hour: i % 24 },
      ...{ wh: kwh * 1_000, quartersWh: Array<number>(4).fill(kwh * 250), exportWh: 0 },
    };
    state = nextForecast(state, hour, feed(i));
    if (i % savedEvery === 0) state = JSON.parse(JSON.stringify(state)) as ForecastState;
  });
  return state;
}

test('without a feed nothing of it is in the state; one that stops leaves the models as they are', () => {
  const [never, stopped] = [
    run(() => undefined),
    run((i) => (i < 600 ? temperatureAt : undefined)),
  ];
  expect(never).not.toHaveProperty('weather');
  expect(stopped.models).toEqual(never.models);
  expect(stopped.weather!.coming.every((degrees) => degrees === null)).toBe(true);
});

test('saved and loaded anywhere it is the same bytes', () => {
  const whole = JSON.stringify(run(() => temperatureAt));
  expect(JSON.stringify(run(() => temperatureAt, 101))).toBe(whole);
});
