import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { BacktestReport } from '@wattbus/load-analysis';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backtest } from '../src/commands/backtest.js';
import { readLoad } from '../src/commands/load-csv.js';

let folder = '';
let printed: string[] = [];
let complained: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wattbus-backtest-'));
  printed = [];
  complained = [];
  jest.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text));
  jest.spyOn(console, 'error').mockImplementation((text: string) => void complained.push(text));
});

afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const HOUR_MS = 3_600_000;
const startMs = Date.UTC(2025, 0, 6);

function fileOf(lines: readonly string[]): string {
  const path = join(folder, 'load.csv');
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

/** A load that every day repeats, with hours that differ by a little from day to day. */
const kwhAt = (i: number): number =>
  0.3 + (i % 24 >= 17 && i % 24 < 22 ? 1.5 : 0) + 0.05 * ((i * 7919) % 11);

const hourly = (days: number, row: (at: string, kwh: number) => string): string[] =>
  Array.from({ length: days * 24 }, (_, i) =>
    row(new Date(startMs + i * HOUR_MS).toISOString().slice(0, 19), kwhAt(i)),
  );

const run = async (path: string, ...args: string[]): Promise<BacktestReport> => {
  expect(await backtest.run([path, ...args, '--json'])).toBe(0);
  return JSON.parse(printed.at(-1)!) as BacktestReport;
};

describe('npx wattbus backtest', () => {
  test('tests every day after the first four weeks', async () => {
    const path = fileOf(['at,kwh', ...hourly(40, (at, kwh) => `${at},${kwh}`)]);
    const report = await run(path, '--time', 'at', '--energy', 'kwh');
    expect(report).toMatchObject({ rows: 960, stepMinutes: 60, ignored: 0, days: 12, hours: 288 });
    expect(report.typical.mase).toBeLessThan(1);
    expect(report.quantiles.map(({ level }) => level)).toEqual([0.1, 0.5, 0.9]);
  });

  test('prints a table for people', async () => {
    const path = fileOf(['at,kwh', ...hourly(40, (at, kwh) => `${at},${kwh}`)]);
    expect(await backtest.run([path, '--time', 'at', '--energy', 'kwh'])).toBe(0);
    const text = printed.join();
    for (const word of ['nMAE %', 'MASE', 'pinball', 'published: typical', 'day before', 'P90']) {
      expect(text).toContain(word);
    }
  });

  test('reads semicolons, decimal commas, watt-hours and shuffled rows the same', async () => {
    const plain = await run(
      fileOf(['at,kwh', ...hourly(40, (at, kwh) => `${at},${kwh}`)]),
      ...['--time', 'at', '--energy', 'kwh'],
    );
    const rows = hourly(
      40,
      (at, kwh) =>
        `${at.slice(8, 10)}.${at.slice(5, 7)}.${at.slice(0, 4)};${at.slice(11, 16)};` +
        String(kwh * 1000).replace('.', ','),
    );
    const other = await run(
      fileOf(['Datum;Zeit;Wh', ...rows.reverse()]),
      ...['--time', 'Datum+Zeit', '--energy', 'Wh', '--unit', 'Wh'],
    );
    expect(other.typical.nmae).toBeCloseTo(plain.typical.nmae, 9);
  });

  test('adds minutes up to the same hours', async () => {
    const minutes = Array.from({ length: 32 * 24 * 60 }, (_, i) => {
      const at = new Date(startMs + i * 60_000).toISOString();
      return `${at},${kwhAt(Math.floor(i / 60)) / 60}`;
    });
    const fine = await run(fileOf(['at,kwh', ...minutes]), '--time', 'at', '--energy', 'kwh');
    const coarse = await run(
      fileOf(['at,kwh', ...hourly(32, (at, kwh) => `${at}Z,${kwh}`)]),
      ...['--time', 'at', '--energy', 'kwh'],
    );
    expect(fine).toMatchObject({ stepMinutes: 1, days: 4 });
    expect(fine.typical.nmae).toBeCloseTo(coarse.typical.nmae, 9);
  });

  test.each([
    ['a column that is not there', ['at,kwh', '2025-01-06,1'], 'no column "energy"'],
    ['a time that is none', ['at,energy', 'yesterday,1'], 'load.csv:2: "yesterday" is no time'],
    ['a number that is none', ['at,energy', '2025-01-06 00:00,much'], ':2: "much" is no number'],
    ['a row of another length', ['at,energy', '2025-01-06 00:00,1,5'], 'load.csv'],
    ['too little of a load', ['at,energy', '2025-01-06 00:00,1'], 'fewer than two rows'],
  ])('says what is wrong with %s', async (_, lines, words) => {
    expect(await backtest.run([fileOf(lines), '--time', 'at', '--energy', 'energy'])).toBe(1);
    expect(complained.join('\n')).toContain(words);
  });
});

describe('times of a file', () => {
  const load = (lines: readonly string[], zone: string) =>
    readLoad({ path: fileOf(lines), timeColumn: 'at', energyColumn: 'kwh', unit: 'kWh', zone });
  const known = async (lines: readonly string[], zone: string): Promise<(string | null)[]> =>
    (await load(lines, zone)).quarters
      .filter((_, i) => i % 4 === 0)
      .map(({ startMs: at, wh }) => (wh === null ? null : new Date(at).toISOString().slice(5, 16)));

  test('lack an hour when the clock goes forward and have one twice when it goes back', async () => {
    const spring = ['at,kwh', '2026-03-29 01:00,1', '2026-03-29 03:00,1', '2026-03-29 04:00,1'];
    expect(await known(spring, 'Europe/Brussels')).toEqual([
      '03-29T00:00',
      '03-29T01:00',
      '03-29T02:00',
    ]);
    const autumn = ['01:00', '02:00', '02:00', '03:00'].map((time) => `2026-10-25 ${time},1`);
    expect(await known(['at,kwh', ...autumn], 'Europe/Brussels')).toEqual([
      '10-24T23:00',
      '10-25T00:00',
      '10-25T01:00',
      '10-25T02:00',
    ]);
  });

  test('that are doubled, or that no clock shows, are counted', async () => {
    const rows = [
      'at,kwh',
      ...['01:00', '02:30', '03:00', '03:00'].map((t) => `2026-03-29 ${t},1`),
    ];
    expect((await load(rows, 'Europe/Brussels')).ignored).toBe(2);
  });

  test('with the month first are told by a day after the twelfth', async () => {
    const rows = ['at,kwh', '1/2/2026 23:00,1', '1/3/2026 00:00,1', '1/13/2026 00:00,1'];
    const { quarters } = await load(rows, 'UTC');
    expect(new Date(quarters[0]!.startMs).toISOString()).toBe('2026-01-02T23:00:00.000Z');
  });
});
