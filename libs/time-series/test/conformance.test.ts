import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestInfluxdb, type TestInfluxdb } from '@wattbus/testing';
import {
  openInfluxStore,
  openSqliteStore,
  type HistoryColumns,
  type HistoryQuery,
  type Point,
  type StoredPoint,
  type TimeSeriesStore,
} from '../src/index.js';
import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Place {
  open(): TimeSeriesStore;
  remove(): Promise<void>;
}

const places: Record<string, () => Promise<Place>> = {
  SQLite: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'time-series-'));
    const path = join(folder, 'deep', 'history.db');
    return {
      open: () => openSqliteStore({ path, retentionDays: 0 }),
      remove: async () => rmSync(folder, { recursive: true }),
    };
  },
  InfluxDB: async () => {
    const { url, database, stop }: TestInfluxdb = await startTestInfluxdb();
    return {
      open: () => openInfluxStore({ url, database, timeoutMs: 20_000, retentionDays: 0 }),
      remove: stop,
    };
  },
};

const START_MS = Date.UTC(2026, 2, 1);
const SECOND_MS = 1_000;

/** One reading a second; values that make every aggregate different. */
const reading = (meter: string, seq: number, fields: Point['fields'] = {}): Point => ({
  measurement: 'reading',
  tags: { meter, medium: 'electricity', role: 'grid' },
  fields: {
    seq,
    epoch: 'e1',
    receivedMs: START_MS + seq * SECOND_MS + 250,
    powerW: 400 + (seq % 7) * 0.5,
    voltageL1V: 230.1,
    energyImportWh: 1_000_000 + seq,
    ...fields,
  },
  atMs: START_MS + seq * SECOND_MS,
});

const readings = (meter: string, from: number, to: number): Point[] =>
  Array.from({ length: to - from }, (_, i) => reading(meter, from + i));

async function commit(store: TimeSeriesStore, points: readonly Point[]): Promise<void> {
  for (let i = 0; i < points.length; i += 5_000) {
    const outcome = await store.write({ points: points.slice(i, i + 5_000), cursors: [] });
    expect(outcome).toEqual({ outcome: 'committed', rejected: [] });
  }
}

async function stored(store: TimeSeriesStore, meter: string): Promise<readonly StoredPoint[]> {
  const found = await store.points({
    measurement: 'reading',
    tags: { meter },
    fromMs: 0,
    toMs: START_MS * 2,
    limit: 5_000,
  });
  if (found.outcome !== 'found') throw new Error(found.reason);
  return found.value;
}

async function history(
  store: TimeSeriesStore,
  query: Partial<HistoryQuery> & { meter: string },
): Promise<HistoryColumns> {
  const whole = {
    quantity: 'powerW' as const,
    fromMs: START_MS,
    toMs: START_MS + 86_400_000,
    resolutionS: 0,
  };
  const found = await store.history({ ...whole, ...query });
  if (found.outcome !== 'found') throw new Error(found.reason);
  return found.value;
}

describe.each(Object.keys(places))('the store on %s', (kind) => {
  let place: Place;
  let store: TimeSeriesStore;

  beforeAll(async () => {
    place = await places[kind]!();
    store = place.open();
  });
  afterAll(async () => {
    await store.close();
    await place.remove();
  });

  test('has no cursors and no history at first', async () => {
    expect(await store.readCursors()).toEqual({ outcome: 'found', value: [] });
    const { atMs, cut } = await history(store, { meter: 'nobody' });
    expect({ atMs, cut }).toEqual({ atMs: [], cut: false });
  });

  test('gives back every field with its exact value', async () => {
    const exact = reading('exact', 1, {
      powerW: -1234.5678,
      powerFactor: 0.1 + 0.2,
      energyExportWh: Number.MAX_SAFE_INTEGER,
      heatJ: 0,
      epoch: 'quote " comma , blank = back\\slash',
    });
    await commit(store, [exact]);
    expect(await stored(store, 'exact')).toEqual([exact]);
  });

  test('keeps a point once, however often it is written', async () => {
    const points = readings('again', 1, 1_201);
    await commit(store, points);
    await commit(store, points.slice(300));
    await commit(store, [...points].reverse());
    expect(await stored(store, 'again')).toEqual(points);
    const { last } = await history(store, {
      meter: 'again',
      quantity: 'energyImportWh',
      resolutionS: 300,
    });
    expect(last).toEqual([1_000_299, 1_000_599, 1_000_899, 1_001_199, 1_001_200]);
  });

  test('leaves unknown values out instead of storing a zero', async () => {
    const point = reading('gaps', 1, { powerW: NaN, voltageL1V: undefined, heatJ: null });
    await commit(store, [point]);
    const [only] = await stored(store, 'gaps');
    expect(Object.keys(only!.fields).sort()).toEqual([
      'energyImportWh',
      'epoch',
      'receivedMs',
      'seq',
    ]);
  });

  test('rejects what breaks the schema, with the reason, and commits the rest', async () => {
    const good = readings('mixed', 1, 10);
    const bad = [
      reading('mixed', 20, { powerW: 'much' }),
      reading('mixed', 21, { energyImportWh: 1.5 }),
      reading('mixed', 22, { powerW: Infinity }),
      reading('mixed', 23, { pressurePa: 1 }),
      { ...reading('mixed', 24), atMs: NaN },
      { ...reading('mixed', 24), atMs: Date.UTC(9999, 11, 31) },
      { ...reading('mixed', 25), tags: { meter: 'two\nlines' } },
    ];
    const points = [...bad.slice(0, 3), ...good, ...bad.slice(3)];
    const cursors = [{ meter: 'mixed', epoch: 'e1', seq: 25 }];
    const outcome = await store.write({ points, cursors });
    if (outcome.outcome !== 'committed') throw new Error(outcome.reason);
    expect(outcome.rejected.map(({ point }) => point)).toEqual(bad);
    expect(outcome.rejected.map(({ reason }) => reason)).toEqual([
      'powerW: expected float, received string much',
      'energyImportWh: expected integer, received number 1.5',
      'powerW: expected float, received number Infinity',
      'pressurePa: no field of reading',
      'time is no instant between 1970 and 2262: NaN ms',
      'time is no instant between 1970 and 2262: 253402214400000 ms',
      "meter: not a tag's value",
    ]);
    expect(await stored(store, 'mixed')).toEqual(good);
  });

  test('moves no cursor past a rejected point that could not be put aside', async () => {
    const batch = {
      points: [reading('aside', 1), reading('aside', 2, { powerW: 'much' })],
      cursors: [{ meter: 'aside', epoch: 'e1', seq: 2 }],
    };
    const full = await store.write(batch, () => Promise.reject(new Error('disk full')));
    expect(full).toEqual({ outcome: 'retry', reason: 'cannot put points aside: disk full' });
    const before = await store.readCursors();
    expect(before).not.toMatchObject({ value: expect.arrayContaining(batch.cursors) });
    const aside: Point[] = [];
    const outcome = await store.write(batch, async (rejected) => {
      aside.push(...rejected.map(({ point }) => point));
    });
    expect(outcome).toMatchObject({ outcome: 'committed' });
    expect(aside).toEqual([batch.points[1]]);
    const after = await store.readCursors();
    expect(after).toMatchObject({ value: expect.arrayContaining(batch.cursors) });
  });

  test('keeps cursors with the data, over a restart of the program', async () => {
    const cursors = [
      { meter: 'exact', epoch: 'e1', seq: 1 },
      { meter: 'again', epoch: 'e7', seq: 70_000 },
    ];
    await store.write({ points: [], cursors: [{ ...cursors[1]!, seq: 60_000 }] });
    await store.write({ points: readings('again', 1, 3), cursors });
    await store.close();
    store = place.open();
    const found = await store.readCursors();
    if (found.outcome !== 'found') throw new Error(found.reason);
    expect(found.value).toEqual(expect.arrayContaining(cursors));
  });

  test('makes a lost cursor anew from the readings, never beyond them', async () => {
    await commit(store, readings('lost', 1, 6_001));
    const found = await store.readCursors();
    if (found.outcome !== 'found') throw new Error(found.reason);
    const cursor = found.value.find(({ meter }) => meter === 'lost')!;
    expect(cursor.epoch).toBe('e1');
    expect(cursor.seq).toBeGreaterThanOrEqual(1_000);
    expect(cursor.seq).toBeLessThanOrEqual(6_000);
  });

  test('answers with the readings themselves where the resolution is 0', async () => {
    await commit(store, readings('raw', 1, 11));
    const columns = await history(store, {
      meter: 'raw',
      fromMs: START_MS + 3_000,
      toMs: START_MS + 6_000,
    });
    const values = [401.5, 402, 402.5];
    expect(columns).toEqual({
      atMs: [3, 4, 5].map((s) => START_MS + s * SECOND_MS),
      mean: values,
      min: values,
      max: values,
      cut: false,
    });
  });

  test('cuts an answer at 5,000 rows and says so', async () => {
    await commit(store, readings('many', 1, 5_102));
    const whole = await history(store, { meter: 'many', toMs: START_MS + 5_001 * SECOND_MS });
    expect([whole.atMs.length, whole.cut]).toEqual([5_000, false]);
    for (const resolutionS of [0, 1]) {
      const { atMs, mean, cut } = await history(store, { meter: 'many', resolutionS });
      expect([atMs.length, mean!.length, cut]).toEqual([5_000, 5_000, true]);
    }
  });

  test('leaves rows without readings out, and meters that do not state the quantity', async () => {
    await commit(store, [reading('holes', 1), reading('holes', 4_000)]);
    const { atMs } = await history(store, { meter: 'holes', resolutionS: 300 });
    expect(atMs).toEqual([START_MS, START_MS + 3_900_000]);
    const none = await history(store, { meter: 'holes', quantity: 'volumeL', resolutionS: 300 });
    expect(none.atMs).toEqual([]);
  });

  test('aggregates like a plain loop over the readings, for any range and resolution', async () => {
    const points = readings('sums', 1, 4_000);
    await commit(store, points);
    const span = fc.tuple(
      fc.integer({ min: 0, max: 4_100 }),
      fc.integer({ min: 1, max: 4_100 }),
      fc.constantFrom(1, 7, 60, 300, 600, 900, 1_000, 3_600, 86_400),
    );
    await fc.assert(
      fc.asyncProperty(span, async ([from, length, resolutionS]) => {
        const fromMs = START_MS + from * SECOND_MS - 1;
        const query = { meter: 'sums', fromMs, toMs: fromMs + length * SECOND_MS, resolutionS };
        const inside = points.filter(({ atMs }) => atMs >= query.fromMs && atMs < query.toMs);
        const rows = byWidth(inside, resolutionS * SECOND_MS);
        const power = await history(store, query);
        expect(power.atMs).toEqual([...rows.keys()]);
        for (const [i, row] of [...rows.values()].entries()) {
          const values = row.map(({ fields }) => Number(fields['powerW']));
          expect(power.mean![i]).toBeCloseTo(values.reduce((a, b) => a + b) / values.length, 9);
          expect(power.min![i]).toBe(Math.min(...values));
          expect(power.max![i]).toBe(Math.max(...values));
        }
        const energy = await history(store, { ...query, quantity: 'energyImportWh' });
        expect(energy.atMs).toEqual([...rows.keys()]);
        const last = [...rows.values()].map((row) => row.at(-1)!.fields['energyImportWh']);
        expect(energy.last).toEqual(last);
      }),
      { numRuns: 60 },
    );
  });

  test('stores results of analysis by their tags and time', async () => {
    const tags = { meter: 'main', medium: 'electricity', role: 'grid' };
    const quarter = (importWh: number): Point => ({
      measurement: 'quarter',
      tags,
      fields: { importWh, exportWh: 0, estimated: false },
      atMs: START_MS,
    });
    const text = 'a "quoted" text, of two\nlines with it\'s = and \\ in it';
    const event: Point = {
      measurement: 'event',
      tags: { meter: 'main', kind: 'outage' },
      fields: { detail: text, durationS: 301 },
      atMs: START_MS + 5,
    };
    await commit(store, [quarter(1), event]);
    await commit(store, [quarter(203)]);
    const range = { tags: { meter: 'main' }, fromMs: 0, toMs: START_MS * 2, limit: 10 };
    const quarters = await store.points({ ...range, measurement: 'quarter' });
    expect(quarters).toEqual({ outcome: 'found', value: [quarter(203)] });
    const events = await store.points({ ...range, measurement: 'event' });
    expect(events).toEqual({ outcome: 'found', value: [event] });
  });
});

function byWidth(points: readonly Point[], widthMs: number): Map<number, Point[]> {
  const rows = new Map<number, Point[]>();
  for (const point of points) {
    const start = Math.floor(point.atMs / widthMs) * widthMs;
    rows.set(start, [...(rows.get(start) ?? []), point]);
  }
  return rows;
}
