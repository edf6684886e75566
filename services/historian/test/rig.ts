import type { Reading } from '@wattbus/energy-model';
import { openJournal, type Journal, type ReadingDraft } from '@wattbus/journal';
import { topics } from '@wattbus/mqtt-contract';
import { joinBus, startTestInfluxdb, type Person, type TestInfluxdb } from '@wattbus/testing';
import {
  openInfluxStore,
  openSqliteStore,
  readingPoint,
  type StoredPoint,
  type TimeSeriesStore,
} from '@wattbus/time-series';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const START_MS = Date.UTC(2026, 2, 1);

/** What a reading of the tests says; every field differs from its neighbour's. */
const draft = (meter: string, n: number): ReadingDraft => ({
  v: 1,
  meter,
  medium: 'electricity',
  role: 'grid',
  at: new Date(START_MS + n * 1_000).toISOString(),
  receivedAt: new Date(START_MS + n * 1_000 + 300 + (n % 50)).toISOString(),
  atSource: 'meter',
  quality: 'checked',
  powerW: 300 + (n % 977) / 10,
  voltageL1V: 229.5 + (n % 13) / 10,
  energyImportWh: 5_000_000 + n,
});

/** The part of meter-ingest that the historian meets: a real journal, on a real bus. */
export class JournalOnBus {
  readonly accepted = new Map<string, Reading[]>();
  #made = new Map<string, number>();

  private constructor(
    readonly journal: Journal,
    readonly folder: string,
  ) {}

  static async open(): Promise<JournalOnBus> {
    const folder = mkdtempSync(join(tmpdir(), 'historian-journal-'));
    const opened = await openJournal({ directory: folder });
    if (!opened.ok) throw new Error('the journal does not open');
    return new JournalOnBus(opened.journal, folder);
  }

  /** Answers replay requests on this connection; returns it, to be left by the caller. */
  async join(url: string): Promise<Person> {
    const person = await joinBus(url);
    person.client.on('message', (topic, bytes) => {
      const params = topics.replayRequest.match('energy', topic);
      if (params === null) return;
      const request = topics.replayRequest.row.payload.parse(JSON.parse(bytes.toString()));
      void this.#answer(person, params['meter']!, request);
    });
    await person.client.subscribeAsync(topics.replayRequest.filter('energy'), { qos: 1 });
    return person;
  }

  async #answer(
    person: Person,
    meter: string,
    request: { consumer: string; epoch: string; fromSeq: number; limit: number },
  ): Promise<void> {
    const page = await this.journal.page({ meter, ...request });
    if (!page.ok) throw new Error(page.detail);
    const { epoch, first, last } = page;
    const { fromSeq, consumer } = request;
    const payload = { v: 1 as const, epoch, fromSeq, first, last, readings: [...page.readings] };
    await person.say(topics.replayPage, { meter, consumer }, payload).catch(() => undefined);
  }

  /** Accepts readings without telling anybody. */
  async accept(
    meter: string,
    count: number,
    change: (given: ReadingDraft, i: number) => ReadingDraft = (given) => given,
  ): Promise<readonly Reading[]> {
    const from = this.#made.get(meter) ?? 0;
    this.#made.set(meter, from + count);
    const drafts = Array.from({ length: count }, (_, i) => change(draft(meter, from + i), i));
    const outcome = await this.journal.appendAll(drafts);
    if (!outcome.ok) throw new Error(outcome.detail);
    const readings = this.accepted.get(meter) ?? [];
    readings.push(...outcome.readings);
    this.accepted.set(meter, readings);
    return outcome.readings;
  }

  /** Publishes readings live, and the journal's position as ingest does. */
  async publish(person: Person, readings: readonly Reading[]): Promise<void> {
    for (const reading of readings) {
      const topic = topics.meterReading.topic('energy', { meter: reading.meter });
      person.client.publish(topic, JSON.stringify(reading), { qos: 1 });
    }
    const meter = readings[0]!.meter;
    await person.say(topics.meterJournal, { meter }, this.journal.position(meter));
  }

  async close(): Promise<void> {
    await this.journal.close();
    rmSync(this.folder, { recursive: true });
  }
}

/** A store in a place of its own, as settings for the historian and as a way to look inside. */
export interface StorePlace {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly influxdb: TestInfluxdb | null;
  open(): TimeSeriesStore;
  remove(): Promise<void>;
}

export const storePlaces: Record<'SQLite' | 'InfluxDB', () => Promise<StorePlace>> = {
  SQLite: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'historian-store-'));
    const path = join(folder, 'history.db');
    return {
      settings: { kind: 'sqlite', sqliteFile: path },
      influxdb: null,
      open: () => openSqliteStore({ path, retentionDays: 0 }),
      remove: async () => rmSync(folder, { recursive: true }),
    };
  },
  InfluxDB: async () => {
    const influxdb = await startTestInfluxdb();
    const { url, database } = influxdb;
    return {
      settings: { kind: 'influxdb', influxdb: { url, database } },
      influxdb,
      open: () => openInfluxStore({ url, database, timeoutMs: 20_000, retentionDays: 0 }),
      remove: () => influxdb.stop(),
    };
  },
};

/** Every stored reading of a meter, in order of time. */
export async function storedReadings(
  store: TimeSeriesStore,
  meter: string,
): Promise<StoredPoint[]> {
  const points: StoredPoint[] = [];
  for (;;) {
    const found = await store.points({
      measurement: 'reading',
      tags: { meter },
      fromMs: points.length === 0 ? 0 : points.at(-1)!.atMs + 1,
      toMs: START_MS * 2,
      limit: 5_000,
    });
    if (found.outcome !== 'found') throw new Error(found.reason);
    points.push(...found.value);
    if (found.value.length < 5_000) return points;
  }
}

/** How the store differs from what was accepted: by set, with all values; empty when equal. */
export async function differences(
  store: TimeSeriesStore,
  accepted: ReadonlyMap<string, readonly Reading[]>,
): Promise<string[]> {
  const faults: string[] = [];
  for (const [meter, readings] of accepted) {
    const stored = new Map(
      (await storedReadings(store, meter)).map((p) => [p.fields['seq'], canonical(p)]),
    );
    for (const reading of readings) {
      const actual = stored.get(reading.seq);
      const expected = canonical(readingPoint(reading));
      if (actual !== expected) faults.push(`${meter} ${reading.seq}: ${actual} for ${expected}`);
      stored.delete(reading.seq);
    }
    for (const extra of stored.values()) faults.push(`${meter}: never accepted: ${extra}`);
  }
  return faults;
}

const canonical = ({
  tags,
  fields,
  atMs,
}: Pick<StoredPoint, 'tags' | 'atMs'> & {
  fields: Readonly<Record<string, unknown>>;
}): string => JSON.stringify([Object.entries(tags).sort(), Object.entries(fields).sort(), atMs]);
