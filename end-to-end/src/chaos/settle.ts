import type { Reading } from '@wattbus/energy-model';
import { openJournal, PAGE_READINGS_MAX } from '@wattbus/journal';
import { topics, type JournalPosition } from '@wattbus/mqtt-contract';
import { joinBus, until } from '@wattbus/testing';
import {
  POINTS_PAGE_MAX,
  type MeasurementName,
  type StoredPoint,
  type TimeSeriesStore,
} from '@wattbus/time-series';
import { join } from 'node:path';
import { sleep } from './actor.js';
import type { Rig } from './rig.js';

/** What is left of a run once everything has healed and nothing moves any more. */
export interface Remains {
  readonly readings: ReadonlyMap<string, readonly Reading[]>;
  /** Retained messages by topic, as the bus has them. */
  readonly kept: ReadonlyMap<string, string>;
  points(measurement: MeasurementName, meter: string): Promise<readonly StoredPoint[]>;
  close(): Promise<void>;
}

/** The meters go on for so long after the last fault: results heal with the next reading. */
const CALM_MS = 5_000;
/** The last telegrams are through when the journal has not moved for so long. */
const STILL_MS = 3_000;
/** What has not healed by then is lost. */
const HEAL_MS_MAX = 60_000;

/** Waits until all have all, or no longer; then ends the services and reads what they leave. */
export async function settle(rig: Rig): Promise<Remains> {
  for (const service of rig.services.values()) await service.ready();
  await sleep(CALM_MS);
  for (const meter of rig.meters.values()) meter.pause();
  const store = rig.openStore();
  const kept = new Map<string, string>();
  const person = await joinBus(rig.brokerUrl, rig.topicRoot);
  person.client.on('message', (topic, bytes) => void kept.set(topic, bytes.toString('utf8')));
  await person.client.subscribeAsync(`${rig.topicRoot}/#`, { qos: 1 });
  const positions = await standStill(rig, kept);
  await until(
    'all readings stored and analysed',
    async () => (await lacking(rig, { store, kept, positions })).length === 0,
    HEAL_MS_MAX,
  ).catch(async () => console.log(...(await lacking(rig, { store, kept, positions }))));
  await person.leave();

  // What a client finds who comes only now.
  const late = await joinBus(rig.brokerUrl, rig.topicRoot);
  kept.clear();
  late.client.on('message', (topic, bytes) => void kept.set(topic, bytes.toString('utf8')));
  await late.client.subscribeAsync(`${rig.topicRoot}/#`, { qos: 1 });
  await sleep(1_000);
  await late.leave();

  await rig.services.get('meter-ingest')!.stop();
  await rig.chain.stop();
  return {
    readings: await readJournal(join(rig.chain.dir, 'meter-ingest/journal')),
    kept,
    points: (measurement, meter) => allPoints(store, measurement, meter),
    close: () => store.close(),
  };
}

type Positions = ReadonlyMap<string, JournalPosition>;

async function standStill(rig: Rig, kept: ReadonlyMap<string, string>): Promise<Positions> {
  const now = (): string[] =>
    [...kept].filter(([topic]) => topics.meterJournal.match(rig.topicRoot, topic)).flat();
  let before = '';
  let sinceMs = performance.now();
  await until('the journal to stand still', () => {
    const text = now().join();
    if (text !== before) sinceMs = performance.now();
    before = text;
    return text !== '' && performance.now() - sinceMs > STILL_MS;
  });
  return new Map(
    [...kept].flatMap(([topic, text]) => {
      const params = topics.meterJournal.match(rig.topicRoot, topic);
      return params ? [[params['meter']!, JSON.parse(text) as JournalPosition] as const] : [];
    }),
  );
}

interface Whole {
  readonly store: TimeSeriesStore;
  readonly kept: ReadonlyMap<string, string>;
  readonly positions: Positions;
}

/** In words, who has not come to the end of which meter's readings. */
async function lacking({ topicRoot }: Rig, { store, kept, positions }: Whole): Promise<string[]> {
  const found = await store.readCursors();
  if (found.outcome === 'retry') return [`the store does not answer: ${found.reason}`];
  const storedTo = new Map(found.value.map(({ meter, seq }) => [meter, seq]));
  return [...positions].flatMap(([meter, { last }]) => {
    const text = kept.get(topics.energyAnalysis.topic(topicRoot, { meter }));
    const analysedTo = text === undefined ? 0 : (JSON.parse(text) as { seq: number }).seq;
    if (storedTo.get(meter) === last && analysedTo === last) return [];
    return [`${meter}: ${last} accepted, ${storedTo.get(meter)} stored, ${analysedTo} analysed\n`];
  });
}

async function readJournal(directory: string): Promise<Map<string, Reading[]>> {
  const opened = await openJournal({ directory });
  if (!opened.ok) throw new Error(opened.detail);
  const { journal } = opened;
  const all = new Map<string, Reading[]>();
  for (const [meter, { epoch, first, last }] of journal.positions()) {
    const readings: Reading[] = [];
    all.set(meter, readings);
    for (let fromSeq = first; fromSeq <= last; fromSeq = readings.at(-1)!.seq + 1) {
      const page = await journal.page({ meter, epoch, fromSeq, limit: PAGE_READINGS_MAX });
      if (!page.ok || page.readings.length === 0) break;
      readings.push(...page.readings);
    }
  }
  await journal.close();
  return all;
}

async function allPoints(
  store: TimeSeriesStore,
  measurement: MeasurementName,
  meter: string,
): Promise<readonly StoredPoint[]> {
  const points: StoredPoint[] = [];
  let fromMs = 1;
  for (;;) {
    const query = { measurement, tags: { meter }, fromMs, toMs: 4e12, limit: POINTS_PAGE_MAX };
    const found = await store.points(query);
    if (found.outcome === 'retry') throw new Error(found.reason);
    points.push(...found.value);
    if (found.value.length < POINTS_PAGE_MAX) return points;
    fromMs = found.value.at(-1)!.atMs + 1;
  }
}
