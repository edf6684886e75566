import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { keptFormat, startTestInfluxdb, type TestInfluxdb } from '@wattbus/testing';
import Database from 'libsql';
import { readFileSync, writeFileSync } from 'node:fs';
import {
  openInfluxStore,
  openSqliteStore,
  type Point,
  type TimeSeriesStore,
} from '../src/index.js';
import { readings, START_MS } from './stores.js';

const COUNT = 600;
const quarter = (n: number): Point => ({
  measurement: 'quarter',
  tags: { meter: 'main', medium: 'electricity', role: 'grid' },
  fields: { importWh: 100 + n, exportWh: 0, estimated: n === 2 },
  atMs: START_MS + n * 900_000,
});
const quarters = [0, 1, 2].map(quarter);
const cursors = [{ meter: 'main', epoch: 'e1', seq: COUNT - 1 }];
const range = { tags: { meter: 'main' }, fromMs: 0, toMs: 2 * START_MS, limit: 5_000 };

async function expectWhole(store: TimeSeriesStore): Promise<void> {
  expect(await store.readCursors()).toEqual({ outcome: 'found', value: cursors });
  const stored = await store.points({ measurement: 'reading', ...range });
  if (stored.outcome !== 'found') throw new Error(stored.reason);
  expect(stored.value).toHaveLength(COUNT);
  const [, second] = readings('main', 0, COUNT);
  expect(stored.value[1]).toMatchObject({ atMs: second!.atMs, fields: second!.fields });
  expect(await store.points({ measurement: 'quarter', ...range })).toMatchObject({
    outcome: 'found',
    value: quarters.map(({ atMs, fields }) => ({ atMs, fields })),
  });
  const history = await store.history({
    meter: 'main',
    quantity: 'energyImportWh',
    fromMs: START_MS,
    toMs: START_MS + 600_000,
    resolutionS: 300,
  });
  expect(history).toMatchObject({ value: { last: [1_000_299, 1_000_599] } });
  const more = { points: readings('main', COUNT, COUNT + 1), cursors: [] };
  expect(await store.write(more)).toEqual({ outcome: 'committed', rejected: [] });
}

const whole = { points: [...readings('main', 0, COUNT), ...quarters], cursors };

test('an SQLite store of version 1 is read whole, and written on', async () => {
  const path = await keptFormat(import.meta.url, 'history-1.db', async (file) => {
    const store = openSqliteStore({ path: file, retentionDays: 0 });
    expect(await store.write(whole)).toEqual({ outcome: 'committed', rejected: [] });
    await store.close();
  });
  const store = openSqliteStore({ path, retentionDays: 0 });
  await expectWhole(store);
  await store.close();
});

test('an SQLite store of a newer version stays as it is', async () => {
  const path = await keptFormat(import.meta.url, 'history-1.db', () => undefined);
  const file = new Database(path);
  file.exec('PRAGMA user_version = 99');
  file.close();
  const before = readFileSync(path);
  expect(() => openSqliteStore({ path, retentionDays: 0 })).toThrow(
    "its version 99 is newer than this program's 1",
  );
  expect(readFileSync(path).equals(before)).toBe(true);
});

describe('InfluxDB', () => {
  let influxdb: TestInfluxdb;
  beforeAll(async () => {
    influxdb = await startTestInfluxdb();
  });
  afterAll(() => influxdb.stop());

  const open = (database: string): TimeSeriesStore =>
    openInfluxStore({ url: influxdb.url, database, timeoutMs: 20_000, retentionDays: 0 });
  const query = async (database: string, q: string): Promise<string> => {
    const body = new URLSearchParams({ q, db: database });
    return (await fetch(`${influxdb.url}/query`, { method: 'POST', body })).text();
  };
  const write = (database: string, body: string): Promise<Response> =>
    fetch(`${influxdb.url}/write?db=${database}&precision=ms`, { method: 'POST', body });

  test('with what version 1 wrote is read whole, and written on', async () => {
    const file = await keptFormat(import.meta.url, 'influxdb-1.txt', async (path) => {
      const store = open('make');
      expect(await store.write(whole)).toEqual({ outcome: 'committed', rejected: [] });
      writeFileSync(path, await linesOf((q) => query('make', q)));
    });
    await query('kept', 'CREATE DATABASE kept');
    expect((await write('kept', readFileSync(file, 'utf8'))).status).toBe(204);
    await expectWhole(open('kept'));
  });

  test('with what a newer version wrote gets nothing, and the reason is said', async () => {
    const store = open('newer');
    expect(await store.write(whole)).toMatchObject({ outcome: 'committed' });
    expect((await write('newer', 'wattbus version=99i 0')).status).toBe(204);
    const refused = {
      outcome: 'retry',
      reason: expect.stringContaining("its version 99 is newer than this program's 1"),
    };
    const again = open('newer');
    expect(await again.write({ points: readings('main', 900, 901), cursors: [] })).toEqual(refused);
    expect(await again.readCursors()).toEqual(refused);
    expect(await query('newer', 'SELECT count(seq) FROM reading')).toContain(`,${COUNT}]`);
  });
});

/** Everything in the database, as lines that can be written to another one. */
async function linesOf(query: (text: string) => Promise<string>): Promise<string> {
  const body = await query('SELECT * FROM /.*/ GROUP BY *');
  const found = JSON.parse(body) as {
    results: {
      series: {
        name: string;
        tags?: Readonly<Record<string, string>>;
        columns: string[];
        values: unknown[][];
      }[];
    }[];
  };
  const lines = found.results[0]!.series.flatMap(({ name, tags = {}, columns, values }) =>
    values.map((row) => {
      const stated = Object.entries(tags).filter(([, value]) => value !== '');
      const key = [name, ...stated.map(([tag, value]) => `${tag}=${value}`)].join();
      const fields = columns.flatMap((column, i) =>
        column === 'time' || row[i] === null ? [] : [`${column}=${lineValue(column, row[i])}`],
      );
      return `${key} ${fields.join()} ${Date.parse(String(row[0]))}`;
    }),
  );
  return `${lines.sort().join('\n')}\n`;
}

const floats = new Set(['powerW', 'voltageL1V']);
const lineValue = (column: string, value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'number' && !floats.has(column) ? `${value}i` : String(value);
};
