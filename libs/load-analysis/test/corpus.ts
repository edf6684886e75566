import { test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { LoadQuarter } from '../src/forecast/local-hours.js';

/** Hours of load in kWh from a local midnight on, null where missing. */
export interface Home {
  readonly name: string;
  /** Local date of the first hour, in days from 1970-01-01. */
  readonly firstDay: number;
  readonly kwh: readonly (number | null)[];
}

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
const folder = resolve(process.env['WATTBUS_CORPUS'] ?? '../shared/corpus', 'timeseries');

/** Runs where the time series are; elsewhere the test is skipped, and says so. */
export const testWithTimeSeries = existsSync(folder) ? test : test.skip;

const rowsOf = (file: string): string[][] =>
  readFileSync(resolve(folder, file), 'utf8')
    .trim()
    .split(/\r?\n/)
    .slice(1)
    .map((line) => line.split(','));

/** Whole local days of hours whose clock times are taken as they stand. */
function homeOf(name: string, hours: readonly (readonly [atMs: number, kwh: number])[]): Home {
  const known = new Map(hours);
  const first = hours.reduce((least, [atMs]) => Math.min(least, atMs), Infinity);
  const last = hours.reduce((most, [atMs]) => Math.max(most, atMs), -Infinity);
  const firstDay = Math.ceil(first / HOUR_MS / DAY_HOURS);
  const lastDay = Math.floor((last / HOUR_MS + 1) / DAY_HOURS);
  const kwh = Array.from(
    { length: (lastDay - firstDay) * DAY_HOURS },
    (_, i) => known.get((firstDay * DAY_HOURS + i) * HOUR_MS) ?? null,
  );
  return { name, firstDay, kwh };
}

const uci = (): Home =>
  homeOf(
    'UCI',
    rowsOf('uci-household/clean_household_power_consumption_hourly.csv').map(
      // Values are sums of sixty minutes' kilowatts.
      ([at, power]) => [Date.parse(`${at!.replace(' ', 'T')}Z`), Number(power) / 60] as const,
    ),
  );

const hue = (): Home =>
  homeOf(
    'HUE 1',
    rowsOf('hue-residential1/Residential_1.csv').map(([date, hour, kwh]) => {
      const [month, day, year] = date!.split('/').map(Number) as [number, number, number];
      return [Date.UTC(year, month - 1, day, Number(hour)), Number(kwh)] as const;
    }),
  );

const cityLearn = (building: number): Home =>
  homeOf(
    `CityLearn B${building}`,
    rowsOf(`citylearn-2022/Building_${building}.csv`).map(
      (row, i) => [Date.UTC(2016, 6, 31, 23) + i * HOUR_MS, Number(row[7])] as const,
    ),
  );

/** The homes of the published table, in its order. */
export const homes = (): Home[] => [uci(), hue(), cityLearn(1), cityLearn(2), cityLearn(10)];

/** The hours as quarter-hours of a calendar of UTC. */
export function* quartersOf({
  firstDay,
  kwh,
}: Pick<Home, 'firstDay' | 'kwh'>): Generator<LoadQuarter> {
  for (const [i, hour] of kwh.entries()) {
    const startMs = (firstDay * DAY_HOURS + i) * HOUR_MS;
    for (let quarter = 0; quarter < 4; quarter += 1) {
      const wh = hour === null ? null : hour * 250;
      yield { startMs: startMs + quarter * 900_000, wh, exportWh: 0 };
    }
  }
}

/** One-minute means in kW of the same French home, by minute of the clock. */
export function uciMinutes(): Map<number, number> {
  const minutes = new Map<number, number>();
  for (const [date, time, power] of rowsOf(
    'uci-household/household_power_consumption_1min_33days.csv',
  )) {
    const [day, month, year] = date!.split('/').map(Number) as [number, number, number];
    const [hour, minute] = time!.split(':').map(Number) as [number, number];
    const kw = Number(power);
    if (power && Number.isFinite(kw)) minutes.set(Date.UTC(year, month - 1, day, hour, minute), kw);
  }
  return minutes;
}

/** Power of the Norwegian meter every two seconds. */
export function kaifaPowers(): { atMs: number; powerW: number }[] {
  return rowsOf('kaifa-2s-derived/kaifa_ma304h3e_2s_20170915.csv').flatMap(([local, , powerW]) =>
    powerW ? [{ atMs: Date.parse(`${local}+02:00`), powerW: Number(powerW) }] : [],
  );
}
