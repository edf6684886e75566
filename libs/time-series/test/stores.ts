import { afterAll, beforeAll, expect } from '@jest/globals';
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

export const START_MS = Date.UTC(2026, 2, 1);
export const SECOND_MS = 1_000;

/** One reading a second; values that make every aggregate different. */
export const reading = (meter: string, seq: number, fields: Point['fields'] = {}): Point => ({
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

export const readings = (meter: string, from: number, to: number): Point[] =>
  Array.from({ length: to - from }, (_, i) => reading(meter, from + i));

export async function commit(store: TimeSeriesStore, points: readonly Point[]): Promise<void> {
  for (let i = 0; i < points.length; i += 5_000) {
    const outcome = await store.write({ points: points.slice(i, i + 5_000), cursors: [] });
    expect(outcome).toEqual({ outcome: 'committed', rejected: [] });
  }
}

export async function stored(
  store: TimeSeriesStore,
  meter: string,
): Promise<readonly StoredPoint[]> {
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

export async function history(
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

/** The kinds of store; every test runs on each. */
export const kinds = Object.keys(places);

/** A store of the kind for the tests of a `describe`, with nothing in it at first. */
export function storeOn(kind: string): { store: () => TimeSeriesStore; reopen: () => void } {
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
  return {
    store: () => store,
    reopen: () => {
      store = place.open();
    },
  };
}
