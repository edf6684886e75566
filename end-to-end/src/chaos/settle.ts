import type { Reading } from '@wattbus/energy-model';
import { openJournal, PAGE_READINGS_MAX } from '@wattbus/journal';
import { joinBus, until, type Person } from '@wattbus/testing';
import {
  POINTS_PAGE_MAX,
  type MeasurementName,
  type StoredPoint,
  type TimeSeriesStore,
} from '@wattbus/time-series';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Accepted, PointsOf } from './judge.js';
import type { Rig } from './rig.js';
import { sleep } from './victim.js';

/** What does not heal by itself within this time counts as it is then. */
const HEAL_MS_MAX = 180_000;
/** Between two looks at everything. */
const LOOK_MS = 500;
/** So many telegrams when all services live on, before the meters are silent. */
const CALM_TELEGRAMS = 5;

/** Lets all services live on and the meters end; gives all readings that were accepted. */
export async function calmDown(rig: Rig): Promise<Accepted> {
  await Promise.all([...rig.supervisors.values()].map((supervisor) => supervisor.disarm()));
  await lastTelegrams(rig);
  let readings: Accepted = new Map();
  await whole('the last telegrams to be accepted', async () => {
    readings = await readJournal(join(rig.chain.dir, 'meter-ingest/journal'));
    return [...rig.meters].every(([name, { said }]) => {
      const last = readings.get(name)?.at(-1)?.energyExportTariff1Wh;
      return last === said.length;
    });
  });
  return readings;
}

/**
 * Waits until what the bus keeps is right, or the time is over, and ends the services; gives what
 * the bus keeps then, with all that one of them still had under way.
 */
export async function heal(
  rig: Rig,
  isRight: (kept: ReadonlyMap<string, string>) => Promise<boolean>,
): Promise<ReadonlyMap<string, string>> {
  const person = await joinBus(rig.brokerUrls[0]!, rig.topicRoot);
  const kept = await keptBy(person, rig);
  await whole('everything to be right', () => isRight(kept));
  await person.leave();

  for (const supervisor of rig.supervisors.values()) supervisor.letGo();
  for (const [name, service] of rig.services) if (name !== 'broker') await service.stop();
  // What a client finds who comes only now, and to another node if there are several.
  const late = await joinBus(rig.brokerUrls.at(-1)!, rig.topicRoot);
  const found = await keptBy(late, rig);
  await whole('a late client to have all', () => Promise.resolve(found.size >= kept.size));
  await late.leave();
  return found;
}

/** All points of a meter, from page to page. */
export const pointsIn =
  (store: TimeSeriesStore): PointsOf =>
  (measurement, meter) =>
    allPoints(store, measurement, meter);

/** Waits for the condition; what is not so in the end is for the oracle to say. */
async function whole(what: string, condition: () => Promise<boolean>): Promise<void> {
  const looked = async (): Promise<boolean> => (await condition()) || (await sleep(LOOK_MS), false);
  await until(what, looked, HEAL_MS_MAX).catch((error: unknown) => {
    console.log((error as Error).message);
  });
}

/** Telegrams of all meters on connections that last; then the meters are silent. */
async function lastTelegrams({ meters }: Rig): Promise<void> {
  const enough = new Map(
    [...meters].map(([name, { said }]) => [name, said.length + CALM_TELEGRAMS]),
  );
  await until('telegrams that are heard', () =>
    [...meters].every(
      ([name, { said }]) => said.length >= enough.get(name)! && said.at(-1)!.connection > 0,
    ),
  );
  for (const meter of meters.values()) meter.pause();
}

async function keptBy(
  { client }: Person,
  { topicRoot, qosMax }: Rig,
): Promise<Map<string, string>> {
  const kept = new Map<string, string>();
  client.on('message', (topic, bytes) => void kept.set(topic, bytes.toString('utf8')));
  await client.subscribeAsync([`${topicRoot}/analysis`, `${topicRoot}/analysis/#`], {
    qos: qosMax,
  });
  return kept;
}

/** Of a copy, because the journal belongs to the service that writes it. */
async function readJournal(original: string): Promise<Map<string, Reading[]>> {
  const directory = mkdtempSync(`${original}-copy-`);
  try {
    // A lock of the original would be a socket.
    cpSync(original, directory, { recursive: true, filter: (path) => !path.endsWith('.lock') });
    return await readingsIn(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function readingsIn(directory: string): Promise<Map<string, Reading[]>> {
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
