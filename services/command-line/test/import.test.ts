import { describe, expect, test } from '@jest/globals';
import { openStore } from '@wattbus/historian';
import { draftOf, testConfig } from '@wattbus/testing';
import { readingPoint } from '@wattbus/time-series';
import { parquetReadObjects } from 'hyparquet';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportHistory } from '../src/commands/export.js';
import { rerun } from '../src/commands/rerun.js';
import {
  calendar,
  configText,
  everything,
  file,
  folder,
  HOUR_MS,
  hours,
  portal,
  printed,
  roundedCost,
  stored,
  take,
  usedWh,
  where,
  whOf,
} from './history-rig.js';

describe('npx wattbus import', () => {
  test('takes a portal’s table over both changes of the clock, to the last Wh', async () => {
    const tables = [portal('2025-03-29', '2025-04-01'), portal('2025-10-25', '2025-10-28')];
    for (const lines of tables) expect(await take(file(lines))).toBe(0);
    const [quarters, days] = [await stored('quarter'), await stored('day')];
    const rows = tables.map(({ length }) => length - 1);
    const total = rows.flatMap((count) => Array.from({ length: count }, (_, i) => usedWh(i)));
    const totalWh = total.reduce((sum, wh) => sum + wh, 0);
    expect([whOf(quarters), whOf(days)]).toEqual([totalWh, totalWh]);
    expect(quarters).toHaveLength(4 * total.length);
    const quartersOn = (name: string): number => {
      const { startMs, endMs } = calendar.dayNamed(name)!;
      return quarters.filter(({ atMs }) => atMs >= startMs && atMs < endMs).length;
    };
    expect(['2025-03-30', '2025-03-31', '2025-10-26'].map(quartersOn)).toEqual([92, 96, 100]);
    expect(days.every(({ fields }) => fields['cost'] === roundedCost(fields, 0.3))).toBe(true);
  });

  test('makes the same store of the same file twice', async () => {
    const path = file(portal('2025-03-29', '2025-04-08'));
    await take(path);
    const once = await everything();
    await take(path);
    expect(await everything()).toEqual(once);
    expect(once.length).toBeGreaterThan(10 * 97);
  });

  test('only says what it would do where it is asked to', async () => {
    expect(await take(file(portal('2025-03-20', '2025-03-22')), '--dry-run')).toBe(0);
    expect(printed.join()).toMatch(/main: 48 rows of csv, usage in rows of 60 minutes/);
    expect(await everything()).toEqual([]);
  });

  test('tells registers from usage by their values', async () => {
    let kWh = 1_000;
    const rows = hours('2025-05-01', '2025-05-04', (clock, i) => {
      kWh += usedWh(i) / 1e3;
      return `${clock};${kWh.toFixed(3).replace('.', ',')}`;
    });
    expect(await take(file(['Datum;Verbruik kWh', ...rows]))).toBe(0);
    expect(printed[0]).toMatch(/registers/);
    const readings = await stored('reading');
    expect(readings).toHaveLength(72);
    expect(readings[0]!.fields).toEqual({ energyImportWh: 1_000_150 });
    const [quarters, last] = [await stored('quarter'), readings.at(-1)!];
    expect(whOf(quarters)).toBe(Number(last.fields['energyImportWh']) - 1_000_150);
  });

  test('leaves what the meter itself said as it is', async () => {
    const own = calendar.dayNamed('2025-05-03')!.startMs + 10 * HOUR_MS;
    const config = testConfig({ dataDir: join(folder, 'data') });
    const store = openStore(config);
    const reading = (n: number) => ({
      ...draftOf('main', n),
      at: new Date(own + n * 60_000).toISOString(),
      energyImportWh: 5_000_000 + n,
      epoch: 'e1',
      seq: n + 1,
    });
    const points = Array.from({ length: 121 }, (_, n) => readingPoint(reading(n)));
    await store.write({ points, cursors: [] });
    await store.close();
    expect(await take(file(portal('2025-05-01', '2025-05-05')))).toBe(0);
    expect(printed.join('\n')).toMatch(/152 left out: from there on the store has the meter's own/);
    expect(await stored('reading')).toEqual(points);
    const quarters = await stored('quarter');
    const stated = quarters.filter(({ fields }) => 'importedMin' in fields);
    expect(stated.at(-1)!.atMs).toBe(own - 900_000);
    expect(whOf(quarters.filter(({ atMs }) => atMs >= own))).toBe(120);
  });
});

describe('npx wattbus rerun', () => {
  test('prices the past anew, and nothing else changes', async () => {
    await take(file(portal('2025-03-28', '2025-04-12')));
    const before = await everything();
    writeFileSync(join(folder, 'wattbus.yaml'), configText(0.5));
    expect(await rerun.run(['--from', '2025-04-01', '--to', '2025-04-10', ...where()])).toBe(0);
    const days = await stored('day');
    const [aprilMs, endMs] = ['2025-04-01', '2025-04-10'].map((n) => calendar.dayNamed(n)!.startMs);
    for (const { atMs, fields } of days) {
      const price = atMs >= aprilMs! && atMs < endMs! ? 0.5 : 0.3;
      expect(fields['cost']).toBe(roundedCost(fields, price));
    }
    writeFileSync(join(folder, 'wattbus.yaml'), configText(0.3));
    expect(await rerun.run(['--from', '2025-04-01', '--to', '2025-04-10', ...where()])).toBe(0);
    expect(await everything()).toEqual(before);
  });
});

describe('npx wattbus export', () => {
  test('writes the same rows as CSV and as Parquet', async () => {
    await take(file(portal('2025-03-20', '2025-03-25')));
    const [csv, parquet] = [join(folder, 'days.csv'), join(folder, 'days.parquet')];
    expect(await exportHistory.run([csv, '--what', 'day', ...where()])).toBe(0);
    expect(await exportHistory.run([parquet, '--what', 'day', ...where()])).toBe(0);
    const [header, ...lines] = readFileSync(csv, 'utf8').trimEnd().split('\n');
    const names = header!.split(',');
    expect(lines).toHaveLength(5);
    const bytes = readFileSync(parquet);
    const rows = await parquetReadObjects({
      file: bytes.buffer.slice(
        bytes.byteOffset,
        bytes.byteOffset + bytes.byteLength,
      ) as ArrayBuffer,
    });
    const texts = rows.map((row) =>
      names
        .map((name) => {
          const value = row[name];
          return value instanceof Date
            ? value.toISOString()
            : value === null || value === undefined
              ? ''
              : String(value);
        })
        .join(),
    );
    expect(texts).toEqual(lines);
  });

  test('takes back what it wrote', async () => {
    await take(file(portal('2025-03-20', '2025-03-25')));
    const quarters = await stored('quarter');
    const csv = join(folder, 'quarters.csv');
    expect(await exportHistory.run([csv, '--what', 'quarter', ...where()])).toBe(0);
    expect(await take(csv, '--meter', 'copy')).toBe(0);
    const copied = await stored('quarter', 'copy');
    expect(copied.map(({ atMs, fields }) => [atMs, fields['importWh']])).toEqual(
      quarters.map(({ atMs, fields }) => [atMs, fields['importWh']]),
    );
  });
});
