import { expect, test } from '@jest/globals';
import {
  awayOf,
  intensitiesOf,
  noFeeds,
  productionOf,
  temperaturesOf,
  withFeeds,
} from './site-feeds.js';
import { flatSite } from '../load-site.js';
import { testConfig } from '@wattbus/testing';

const site = flatSite(testConfig({ site: { zone: 'Europe/Brussels' } }));
const at = (iso: string): number => Date.parse(`2026-06-${iso}:00.000Z`);
const slot = (day: number, hour: number, gPerKWh: number) => {
  const startMs = at(`${String(day).padStart(2, '0')}T${String(hour).padStart(2, '0')}:00`);
  const end = new Date(startMs + 3_600_000).toISOString();
  return { start: new Date(startMs).toISOString(), end, gPerKWh };
};

test('without a feed and without a value of its own the site knows no intensity', () => {
  expect(withFeeds(site, noFeeds, undefined).intensityAt).toBeUndefined();
});

test('without a feed the site’s own value holds', () => {
  const { intensityAt } = withFeeds(site, noFeeds, 380);
  expect(intensityAt!(at('02T10:00'))).toEqual({ gPerKWh: 380, source: 'static' });
});

test('the feed’s value of the time counts, whatever is forecast after it', () => {
  const slots = [slot(2, 11, 90), slot(2, 10, 250), slot(3, 10, 400)];
  const intensities = intensitiesOf({ v: 1, slots });
  const { intensityAt } = withFeeds(site, { ...noFeeds, intensities }, 380);
  expect(intensityAt!(at('02T10:45'))).toEqual({ gPerKWh: 250, source: 'live' });
  expect(intensityAt!(at('02T11:00'))).toEqual({ gPerKWh: 90, source: 'live' });
  expect(intensityAt!(at('02T13:45'))).toEqual({ gPerKWh: 90, source: 'held' });
  expect(intensityAt!(at('04T10:15'))).toEqual({ gPerKWh: 325, source: 'usual' });
  expect(intensityAt!(at('02T18:00'))).toEqual({ gPerKWh: 380, source: 'static' });
});

test('a feed alone falls back on its own mean', () => {
  const intensities = intensitiesOf({ v: 1, slots: [slot(2, 10, 100), slot(2, 11, 300)] });
  const { intensityAt } = withFeeds(site, { ...noFeeds, intensities }, undefined);
  expect(intensityAt!(at('01T00:00'))).toEqual({ gPerKWh: 200, source: 'static' });
});

test('a temperature is that of its span, and unknown beside it', () => {
  const slots = [11, 10].map((hour) => {
    const { start, end } = slot(2, hour, 0);
    return { start, end, celsius: hour - 4 };
  });
  const temperatures = temperaturesOf({ v: 1, slots });
  const { temperatureAt } = withFeeds(site, { ...noFeeds, temperatures }, undefined);
  const asked = ['02T09:59', '02T10:00', '02T11:30', '02T12:00'].map(at);
  expect(asked.map((ms) => temperatureAt!(ms))).toEqual([null, 6, 7, null]);
  expect(withFeeds(site, noFeeds, undefined)).not.toHaveProperty('temperatureAt');
});

test('production is that of its span: a night without slots is unknown, not zero', () => {
  const slots = [11, 10].map((hour) => {
    const { start, end } = slot(2, hour, 0);
    return { start, end, powerW: hour * 100 };
  });
  const production = productionOf({ v: 1, slots });
  const { pvPowerAt } = withFeeds(site, { ...noFeeds, production }, undefined);
  const asked = ['02T09:59', '02T10:00', '02T11:45', '02T12:00'].map(at);
  expect(asked.map((ms) => pvPowerAt!(ms))).toEqual([null, 1_000, 1_100, null]);
  expect(withFeeds(site, noFeeds, undefined)).not.toHaveProperty('pvPowerAt');
});

test('an absence begins and ends when it says so, or goes on', () => {
  const until = awayOf({ v: 1, from: '2026-06-04T06:00:00Z', to: '2026-06-05T06:00:00Z' });
  const { awayAt } = withFeeds(site, { ...noFeeds, away: until }, undefined);
  const days = ['04T05:59', '04T06:00', '05T05:59', '05T06:00'].map(at);
  expect(days.map((ms) => awayAt!(ms))).toEqual([false, true, true, false]);
  const open = awayOf({ v: 1, from: '2026-06-04T06:00:00Z', to: null });
  expect(withFeeds(site, { ...noFeeds, away: open }, undefined).awayAt!(at('29T00:00'))).toBe(true);
});
