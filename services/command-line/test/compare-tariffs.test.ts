import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { startTestInfluxdb, type TestInfluxdb } from '@wattbus/testing';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bill } from '../src/commands/bill.js';
import { compareTariffs } from '../src/commands/compare-tariffs.js';
import { tariffs } from '../src/commands/tariffs.js';
import {
  complained,
  configText,
  file,
  folder,
  portal,
  printed,
  take,
  where,
} from './history-rig.js';

// A busy machine takes its time for a store and thousands of points.
jest.setTimeout(240_000);

const span = ['--from', '2026-03-25', '--to', '2026-04-05'];
const names = ['germany-fixed', 'germany-module-3', 'france-base', 'france-hp-hc'];
const chosen = ['--tariffs', names.join()];

interface Compared {
  readonly tariff: string;
  readonly currency: string;
  readonly total: number | null;
  readonly fault: string | null;
}

async function compared(...args: string[]): Promise<Compared[]> {
  printed.length = 0;
  expect(await compareTariffs.run([...span, ...args, '--json'])).toBe(0);
  return JSON.parse(printed.join()) as Compared[];
}

const totals = (rows: readonly Compared[]) => rows.map(({ tariff, total }) => [tariff, total]);
const usageFile = (): string => file(portal('2026-03-25', '2026-04-05'), 'usage.csv');

describe('on a file', () => {
  test('every total is that of the bill, and the cheapest comes first', async () => {
    const usage = ['--usage', usageFile()];
    const rows = await compared(...chosen, ...usage);
    expect(rows.map(({ total }) => total)).toEqual(
      rows.map(({ total }) => total).sort((a, b) => a! - b!),
    );
    expect(new Set(rows.map(({ total }) => total)).size).toBe(names.length);
    for (const { tariff, total } of rows) {
      printed.length = 0;
      expect(await bill.run([...span, ...usage, '--tariff', tariff, '--json'])).toBe(0);
      expect((JSON.parse(printed.join()) as { total: number }).total).toBe(total);
    }
  });

  test('all shipped tariffs are compared; those without a total come last and say why', async () => {
    const rows = await compared('--usage', usageFile(), '--zone', 'Europe/Amsterdam');
    printed.length = 0;
    await tariffs.run([]);
    expect(rows.map(({ tariff }) => tariff).sort()).toEqual(printed.join().split('\n').sort());
    const first = rows.findIndex(({ total }) => total === null);
    expect(rows.slice(first).every(({ total, fault }) => total === null && fault)).toBe(true);
    expect(rows.find(({ tariff }) => tariff === 'norway-elvia')!.fault).toMatch(/give --prices/);
  });

  test('a file of another clock is a fault of the tariffs with that clock only', async () => {
    const two = ['--tariffs', 'germany-fixed,kepco-residential-low-voltage'];
    const [germany, korea] = await compared(...two, '--usage', usageFile());
    expect(germany).toMatchObject({ tariff: 'germany-fixed', fault: null });
    expect(korea!.fault).toMatch(/usage\.csv:\d+:1: .*as a home in Asia\/Seoul; --zone/);
  });

  test('an input counts for the tariffs that have it, and prints as a table', async () => {
    const usage = ['--usage', usageFile(), '--country', 'DE'];
    const [before] = await compared('--tariffs', 'germany-fixed', ...usage);
    const dearer = ['--set', 'energyPerKWh=0.9'];
    const [after] = await compared('--tariffs', 'germany-fixed', ...usage, ...dearer);
    expect(after!.total).toBeGreaterThan(before!.total! * 2);
    printed.length = 0;
    expect(await compareTariffs.run([...span, ...usage])).toBe(0);
    expect(printed.join()).toMatch(
      new RegExp(`^germany-fixed +${before!.total!.toFixed(2)} EUR`, 'm'),
    );
  });

  test.each([
    [['--tariffs', 'nowhere'], /there is no tariff "nowhere"/],
    [['--country', 'XX'], /countries are: BE, DE/],
    [['--tariffs', 'france-base', '--set', 'tax=1'], /none of the tariffs has "tax"/],
  ])('%j is told', async (args, message) => {
    expect(await compareTariffs.run([...span, '--usage', usageFile(), ...args])).toBe(1);
    expect(printed).toEqual([]);
    expect(complained.join()).toMatch(message);
  });
});

describe('on the store', () => {
  test('it is what the same rows in a file would have cost', async () => {
    const usage = usageFile();
    expect(await take(usage)).toBe(0);
    const ofFile = await compared(...chosen, '--usage', usage);
    expect(totals(await compared(...chosen, ...where()))).toEqual(totals(ofFile));
    expect(complained).toEqual([]);
  });

  test('quarter-hours that are missing are told, a time without any is a fault', async () => {
    expect(await take(file(portal('2026-03-27', '2026-04-05')))).toBe(0);
    await compared(...chosen, ...where());
    expect(complained.join()).toMatch(/has 860 of 1052 quarter-hours of main in this time/);
    const empty = ['--from', '2025-01-01', '--to', '2025-02-01', ...chosen, ...where()];
    expect(await compareTariffs.run(empty)).toBe(1);
    expect(complained.join()).toMatch(/the store has no quarter-hour of main in this time/);
  });
});

describe('on InfluxDB', () => {
  let influxdb: TestInfluxdb;
  beforeAll(async () => {
    influxdb = await startTestInfluxdb();
  });
  afterAll(() => influxdb.stop());

  test('it is the same', async () => {
    const { url, database } = influxdb;
    const config = JSON.parse(configText(0.3)) as object;
    const store = { kind: 'influxdb', influxdb: { url, database } };
    writeFileSync(join(folder, 'wattbus.yaml'), JSON.stringify({ ...config, store }));
    const usage = usageFile();
    expect([await take(usage), complained]).toEqual([0, []]);
    const ofFile = await compared(...chosen, '--usage', usage);
    expect(totals(await compared(...chosen, ...where()))).toEqual(totals(ofFile));
  });
});
