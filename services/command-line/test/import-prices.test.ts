import { describe, expect, jest, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bill } from '../src/commands/bill.js';
import { rerun } from '../src/commands/rerun.js';
import {
  calendar,
  complained,
  configText,
  file,
  folder,
  HOUR_MS,
  portal,
  printed,
  stored,
  take,
  where,
} from './history-rig.js';

// A busy machine takes its time for a store and thousands of points.
jest.setTimeout(240_000);

const [from, to] = ['2026-03-25', '2026-04-05'];
const config = (more: object = {}): string =>
  JSON.stringify({
    ...(JSON.parse(configText(0.3)) as object),
    tariff: { use: 'germany-dynamic' },
    ...more,
  });
const configIs = (text: string): void => writeFileSync(join(folder, 'wattbus.yaml'), text);

/** A price an hour over the days, one of which has 23 hours, some below zero. */
function prices(name = 'prices.csv'): string {
  const rows: string[] = [];
  const endMs = calendar.dayNamed(to)!.endMs;
  for (let ms = calendar.dayNamed(from)!.startMs; ms < endMs; ms += HOUR_MS) {
    const price = 0.08 + 0.1 * Math.sin(ms / 1.1e7);
    rows.push(`${new Date(ms).toISOString()},${price.toFixed(5)}`);
  }
  return file(['time,price', ...rows], name);
}

/** What the days in the store have cost together. */
async function costOfDays(): Promise<number> {
  const days = await stored('day');
  expect(days).toHaveLength(11);
  return days.reduce((sum, { fields }) => sum + Number(fields['cost']), 0);
}

async function billed(usage: string, market: string): Promise<number> {
  printed.length = 0;
  const span = ['--from', from, '--to', to, '--usage', usage, '--prices', market];
  expect(await bill.run(['--tariff', 'germany-dynamic', ...span, '--json'])).toBe(0);
  return (JSON.parse(printed.join()) as { total: number }).total;
}

describe('history of a tariff that follows the market', () => {
  test('costs what the bill of its rows and prices says', async () => {
    configIs(config());
    const [usage, market] = [file(portal(from, to)), prices()];
    expect(await take(usage, '--prices', market)).toBe(0);
    const total = await costOfDays();
    expect(total).toBeGreaterThan(20);
    expect(total).toBeCloseTo(await billed(usage, market), 2);
    const days = await stored('day');
    expect(days.some(({ fields }) => fields['provisional'] === true)).toBe(false);
  });

  test('takes the file of the configured feed where none is named', async () => {
    const [usage, market] = [file(portal(from, to)), prices()];
    configIs(config({ prices: { kind: 'csv', file: market } }));
    expect(await take(usage)).toBe(0);
    expect(await costOfDays()).toBeCloseTo(await billed(usage, market), 2);
  });

  test('is priced anew by prices that come later', async () => {
    configIs(config());
    const [usage, market] = [file(portal(from, to)), prices()];
    expect(await take(usage)).toBe(0);
    expect((await stored('day')).some(({ fields }) => 'cost' in fields)).toBe(false);
    const again = ['--from', from, '--to', to, '--prices', market, ...where()];
    expect(await rerun.run(again)).toBe(0);
    expect(await costOfDays()).toBeCloseTo(await billed(usage, market), 2);
  });

  test('prices that cannot be read leave the store as it was', async () => {
    configIs(config());
    const usage = file(portal(from, to));
    const market = file(
      ['time,price', '2026-03-01T00:00Z,0.1', '2026-03-01T01:00Z,dear'],
      'prices.csv',
    );
    expect(await take(usage, '--prices', market)).toBe(1);
    expect(complained.join()).toMatch(/prices\.csv:3:\d+: .*"dear"/);
    expect(await stored('quarter')).toEqual([]);
  });
});
