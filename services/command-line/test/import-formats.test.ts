import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import {
  complained,
  everything,
  file,
  folder,
  HOUR_MS,
  portal,
  stored,
  take,
  whOf,
} from './history-rig.js';

describe('files of other programs', () => {
  test('DSMR-reader’s hours, with gas as a meter of its own', async () => {
    const header =
      'hour_start,electricity1,electricity2,electricity1_returned,electricity2_returned,gas';
    const rows = Array.from({ length: 48 }, (_, i) => {
      const at = new Date(Date.UTC(2025, 4, 1) + i * HOUR_MS).toISOString();
      return `${at.replace('.000Z', '+00:00')},0.250,0.500,0.125,0.000,0.075`;
    });
    expect(await take(file([header, ...rows]))).toBe(0);
    const quarters = await stored('quarter');
    expect(quarters[0]!.fields).toMatchObject({ importWh: 188, exportWh: 31 });
    expect(whOf(quarters)).toBe(48 * 750);
    const gas = await stored('quarter', 'main-gas');
    const litres = gas.reduce((sum, { fields }) => sum + Number(fields['volumeL']), 0);
    expect([litres, gas[0]!.tags['medium'], gas[0]!.tags['role']]).toEqual([48 * 75, 'gas', 'gas']);
  });

  test('DSMR-reader’s readings, whose tariffs add up to the total', async () => {
    const header = 'read_at,electricity_delivered_1,electricity_delivered_2,electricity_returned_1';
    const rows = [0, 10, 20].map(
      (s) => `2025-05-01T10:00:${String(s).padStart(2, '0')}+02:00,100.00${s / 10},200.5,3`,
    );
    expect(await take(file([header, ...rows]))).toBe(0);
    expect((await stored('reading')).map(({ fields }) => fields['energyImportWh'])).toEqual([
      300_500, 300_501, 300_502,
    ]);
  });

  test('Home Assistant’s statistics, whose sums are those of the end of the hour', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => [
      `sensor.import,kWh,${Date.UTC(2025, 4, 1) / 1_000 + i * 3_600}.0,${10 + i * 0.5}`,
      `sensor.export,kWh,${Date.UTC(2025, 4, 1) / 1_000 + i * 3_600}.0,${i * 0.25}`,
    ]);
    const path = file(['statistic_id,unit,start,sum', ...rows.flat()]);
    expect(await take(path)).toBe(1);
    expect(complained[0]).toMatch(
      /--column ID=QUANTITY; in the file are sensor.import, sensor.export/,
    );
    const columns = ['sensor.import=energyImportWh', 'sensor.export=energyExportWh'];
    expect(await take(path, ...columns.flatMap((one) => ['--column', one]))).toBe(0);
    const [first] = await stored('reading');
    expect(first).toMatchObject({
      atMs: Date.UTC(2025, 4, 1, 1),
      fields: { energyImportWh: 10_000, energyExportWh: 0 },
    });
  });

  test('a dump of InfluxDB, of Wattbus itself or of anybody', async () => {
    const at = (i: number): bigint => BigInt(Date.UTC(2025, 4, 1) + i * 60_000) * 1_000_000n;
    const own = Array.from(
      { length: 20 },
      (_, i) =>
        `reading,medium=electricity,meter=main,role=grid epoch="e9",seq=${i + 1}i,` +
        `energyImportWh=${7_000 + i}i,powerW=60 ${at(i)}`,
    );
    expect(await take(file(['# INFLUXDB EXPORT: x', '# DML', ...own], 'own.lp'))).toBe(0);
    expect((await stored('reading'))[19]!.fields).toEqual({ energyImportWh: 7_019, powerW: 60 });
    const others = [0, 1, 2].map(
      (i) => `kWh,entity_id=meter\\ 1 value=${1 + i / 1e3} ${at(30 + i)}`,
    );
    const column = 'kWh,entity_id=meter 1.value=energyImportWh';
    expect(await take(file(others, 'ha.lp'), '--column', column, '--meter', 'other')).toBe(0);
    expect(
      (await stored('reading', 'other')).map(({ fields }) => fields['energyImportWh']),
    ).toEqual([1_000, 1_001, 1_002]);
  });
});

describe('bad files are refused whole, with file, line and column', () => {
  const good = portal('2025-05-01', '2025-05-03');
  test.each([
    [
      'shuffled rows',
      good.with(5, good[6]!).with(6, good[5]!),
      /:7:1: a time before that of line 6/,
    ],
    ['doubled rows', good.toSpliced(5, 0, good[4]!), /:6:1: the time of line 5 again/],
    ['missing rows', good.toSpliced(5, 2), /:6:1: 2 rows missing after line 5; give --gaps/],
    [
      'a text for a number',
      good.with(3, '01-05-2025 02:00;n.a.;0'),
      /:4:18: "n\.a\." is no number/,
    ],
    ['no time', good.with(3, 'soon;1;0'), /:4:1: "soon" is no time that the clock of Europe/],
    ['columns that fit nothing', ['a;b', '1;2'], /:1:1: no column of times; give --time NAME/],
    ['no unit', ['time;usage', '2025-05-01 00:00;1'], /:1:1: "usage" does not say its unit/],
    [
      'another number of columns',
      good.with(4, '01-05-2025 03:00;1'),
      /:5:1: Invalid Record Length/,
    ],
    [
      'a decimal comma between commas',
      ['time,import_kwh', '2025-05-01 00:00,0,5', '2025-05-01 01:00,0,5'],
      /:2:1: Invalid Record Length|:2:1: another number of columns/,
    ],
    [
      'what was used below zero',
      good.with(3, '01-05-2025 02:00;-0,1;0'),
      /:4:1: what was used must not be negative/,
    ],
    ['nothing', [], /:1:1: the file is empty/],
  ])('%s', async (_, lines, message) => {
    expect(await take(file(lines))).toBe(1);
    expect(complained.join('\n')).toMatch(message);
    expect(await everything()).toEqual([]);
  });

  test('what the person says wrong is told with what there is', async () => {
    const path = file(good);
    expect(await take(path, '--column', 'Afname=power')).toBe(1);
    expect(await take(path, '--column', 'Verbruik=importWh')).toBe(1);
    expect(await take(join(folder, 'none.csv'))).toBe(1);
    expect(await take(path, '--kind', 'both')).toBe(1);
    expect(complained.join('\n')).toMatch(/--column must be NAME=QUANTITY, not "Afname=power"/);
    expect(complained.join('\n')).toMatch(
      /no column "Verbruik"\. Columns are Datum en tijd, Afname/,
    );
    expect(complained.join('\n')).toMatch(/ENOENT.*none\.csv/);
    expect(complained.join('\n')).toMatch(/--kind must be usage or register, not "both"/);
  });
});
