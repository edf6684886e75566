import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bill } from '../src/commands/bill.js';
import { tariffs } from '../src/commands/tariffs.js';

let folder = '';
let printed: string[] = [];
let complained: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wattbus-bill-'));
  printed = [];
  complained = [];
  jest.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text));
  jest.spyOn(console, 'error').mockImplementation((text: string) => void complained.push(text));
});

afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const fileOf = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const july = ['--from', '2026-07-01', '--to', '2026-08-01'];
const kepco = ['--tariff', 'kepco-residential-high-voltage', ...july, '--import-wh', '573000'];

describe('npx wattbus bill', () => {
  test('prints the real bill of July 2026 as JSON', async () => {
    expect(await bill.run([...kepco, '--set', 'discount=16000', '--json'])).toBe(0);
    expect(JSON.parse(printed.join())).toEqual({
      currency: 'KRW',
      lines: [
        { id: 'base', amount: 6060 },
        { id: 'energy', amount: 87_402 },
        { id: 'climate', amount: 5157 },
        { id: 'fuel', amount: 2865 },
        { id: 'discount', amount: -16_000 },
        { id: 'vat', amount: 8548 },
        { id: 'fund', amount: 2300 },
        { id: 'rounding', amount: -2 },
      ],
      total: 96_330,
    });
  });

  test('prints it line by line for people', async () => {
    expect(await bill.run([...kepco, '--set', 'discount=16000'])).toBe(0);
    expect(printed.join().split('\n')).toEqual([
      '기본요금 (base charge)                  6,060',
      '전력량요금 (energy charge)             87,402',
      '기후환경요금 (climate charge)           5,157',
      '연료비조정요금 (fuel adjustment)        2,865',
      '할인 (discount)                       -16,000',
      '부가가치세 (VAT)                        8,548',
      '전력산업기반기금 (power industry fund)  2,300',
      'Rounding                                   -2',
      '---------------------------------------------',
      'Total KRW                              96,330',
    ]);
  });

  test('takes the peaks of the months before', async () => {
    const peaks = '632,4600,0,1028,3444,4164,4564,6000,9200,5000,4120,4880';
    const args = ['--tariff', 'flanders-antwerpen', '--from', '2026-12-01', '--to', '2027-01-01'];
    await bill.run([...args, '--import-wh', '300000', '--peak-w', peaks, '--json']);
    const { lines } = JSON.parse(printed.join()) as { lines: { id: string; amount: number }[] };
    // 4.456 kW · 49.40 / 12.
    expect(lines[0]).toEqual({ id: 'capacity', amount: 18.34 });
  });

  test('reads usage and prices of the market from files', async () => {
    const times = Array.from(
      { length: 24 },
      (_, i) => `2026-03-10 ${String(i).padStart(2, '0')}:00`,
    );
    const usage = fileOf('usage.csv', ['time;import', ...times.map((t) => `${t};0,5`)].join('\n'));
    const prices = fileOf(
      'prices.csv',
      ['time,price_mwh', ...times.map((t) => `${t},100`)].join('\n'),
    );
    const args = ['--tariff', 'uk-agile', '--from', '2026-03-10', '--to', '2026-03-11'];
    expect(await bill.run([...args, '--usage', usage, '--prices', prices, '--json'])).toBe(0);
    // 12 kWh at 0.22, 1.5 of them with 0.12 more, 0.45 a day, VAT 5 %.
    expect(JSON.parse(printed.join())).toMatchObject({ currency: 'GBP', total: 3.43 });
  });
});

describe('bad input is told with its place, and nothing is reckoned', () => {
  const shipped = readFileSync(
    fileURLToPath(new URL('../../../config/tariffs/norway-elvia.yaml', import.meta.url)),
    'utf8',
  );
  const march = ['--from', '2026-03-10', '--to', '2026-03-11'];

  test.each([
    [
      'a gap',
      'validFrom: 2026-07-01',
      'validFrom: 2026-07-02',
      /gap: nothing counts from 2026-07-01/,
    ],
    ['an overlap', 'validFrom: 2026-07-01', 'validFrom: 2026-06-30', /overlap: the version before/],
    [
      'an unknown kind',
      'kind: capacity',
      'kind: capacitty',
      /unknown kind of component; there are/,
    ],
  ])('%s in a tariff file', async (_, text, wrong, message) => {
    const path = fileOf('own.yaml', shipped.replaceAll(text, wrong));
    expect(await bill.run(['--tariff', path, ...march, '--import-wh', '1000'])).toBe(1);
    expect(printed).toEqual([]);
    expect(complained.join()).toMatch(new RegExp(`^${path}:\\d+:\\d+: `));
    expect(complained.join()).toMatch(message);
    const [, line = ''] = /:(\d+):\d+: /.exec(complained.join()) ?? [];
    expect(readFileSync(path, 'utf8').split('\n')[Number(line) - 1]).toContain(wrong.split(' ')[0]);
  });

  test('YAML that is none', async () => {
    const path = fileOf('own.yaml', 'name: [');
    expect(await bill.run(['--tariff', path, ...march, '--import-wh', '1000'])).toBe(1);
    expect(complained.join()).toMatch(new RegExp(`^${path}:\\d+:\\d+: `));
  });

  test.each([
    [
      'a decimal comma between commas',
      'time,import\n2026-03-10 00:00,0,5\n',
      /usage.csv:2:1: another number/,
    ],
    [
      'a doubled row',
      'time,import_kwh\n2026-03-10 00:00,1\n2026-03-10 01:00,1\n2026-03-10 01:00,1\n',
      /usage.csv:4:1: the time of line 3 again/,
    ],
    [
      'missing rows',
      'time,import_kwh\n2026-03-10 00:00,1\n2026-03-10 01:00,1\n',
      /usage.csv:3:1: rows are missing after this one/,
    ],
    [
      'a bad number',
      'time,import_kwh\n2026-03-10 00:00,x\n2026-03-10 01:00,1\n',
      /usage.csv:2:18: "x" is no number/,
    ],
  ])('%s in a usage file', async (_, text, message) => {
    const usage = fileOf('usage.csv', text);
    expect(await bill.run(['--tariff', 'us-tiered', ...march, '--usage', usage])).toBe(1);
    expect(printed).toEqual([]);
    expect(complained.join()).toMatch(message);
  });

  test.each([
    [['--tariff', 'nowhere', ...march, '--import-wh', '1'], /no file and no tariff "nowhere"/],
    [['--tariff', 'us-tiered', ...march], /--import-wh or --usage is needed/],
    [
      ['--tariff', 'us-tiered', '--from', '2026-02-30', '--to', '2026-03-01', '--import-wh', '1'],
      /--from/,
    ],
    [
      ['--tariff', 'us-tiered', '--from', '2026-03-01', '--to', '2026-03-01', '--import-wh', '1'],
      /after/,
    ],
    [['--tariff', 'us-tiered', ...march, '--import-wh', '1.5'], /whole number/],
    [['--tariff', 'us-tiered', ...march, '--import-wh', '1', '--set', 'tax=1'], /no input tax/],
    [['--tariff', 'us-tiered', ...march, '--import-wh', '1', '--set', 'tax'], /key=value/],
    [['--tariff', 'norway-elvia', ...march, '--import-wh', '1000'], /give --prices/],
    [
      ['--tariff', 'france-base', '--from', '2020-01-01', '--to', '2020-02-01', '--import-wh', '1'],
      /does not cover 2020-01-01/,
    ],
  ])('%j', async (args, message) => {
    expect(await bill.run(args)).toBe(1);
    expect(printed).toEqual([]);
    expect(complained.join()).toMatch(message);
  });
});

test('npx wattbus tariffs prints the names, one a line', async () => {
  expect(await tariffs.run([])).toBe(0);
  expect(printed.join().split('\n')).toEqual(
    expect.arrayContaining(['kepco-residential-low-voltage', 'flanders-imewo', 'france-tempo']),
  );
});
