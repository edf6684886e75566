import { topics, type EnergyAnalysis } from '@wattbus/mqtt-contract';
import {
  joinBus,
  startTestInfluxdb,
  until,
  type OtherBroker,
  type TestInfluxdb,
} from '@wattbus/testing';
import { openInfluxStore, type StoredPoint } from '@wattbus/time-series';
import { newChain } from './chain.js';
import { startHouseMeter, type HouseMeter, type Said } from './house-meter.js';

const TELEGRAM_MS = 40;
/** Noon of a summer day, so that all simulated telegrams fall into one local day. */
const START_MS = Date.parse('2026-06-10T12:00:00+02:00');

/** What is killed once in the story, and started again. */
interface Part {
  kill(): Promise<void>;
  restart(): Promise<void>;
}

export interface KillStory {
  readonly influxdb: TestInfluxdb;
  readonly meter: HouseMeter;
  readonly parts: ReadonlyMap<string, Part>;
  /** What the bus says last about the meter. */
  energies(): Promise<{ heard: readonly EnergyAnalysis[]; leave(): Promise<void> }>;
  stop(): Promise<void>;
}

/** A meter, all services but the page, and InfluxDB, with our own broker or another one. */
export async function startKillStory(other: OtherBroker | null): Promise<KillStory> {
  const influxdb = await startTestInfluxdb();
  const meter = await startHouseMeter(START_MS);
  const chain = await newChain({
    WATTBUS_SITE__ZONE: 'Europe/Amsterdam',
    WATTBUS_METERS__0__NAME: 'main',
    WATTBUS_METERS__0__PROTOCOL: 'dsmr',
    WATTBUS_METERS__0__PORT: meter.port,
    WATTBUS_STORE__KIND: 'influxdb',
    WATTBUS_STORE__INFLUXDB__URL: influxdb.url,
    WATTBUS_STORE__INFLUXDB__DATABASE: influxdb.database,
    ...(other && { WATTBUS_MQTT__URL: other.url, WATTBUS_MQTT__QOS_MAX: String(other.qosMax) }),
  });
  const parts = new Map<string, Part>();
  for (const node of other?.nodes ?? []) {
    const restart = (): Promise<void> => {
      node.launch();
      return node.ready();
    };
    parts.set(node.name, { kill: () => node.kill(), restart });
  }
  if (!other) parts.set('broker', await chain.start('broker'));
  for (const role of ['historian', 'analyzer', 'controller', 'meter-ingest'] as const) {
    parts.set(role, await chain.start(role, other?.accountEnv(role) ?? {}));
  }
  return {
    influxdb,
    meter,
    parts,
    energies: async () => {
      const url = other?.nodes.at(-1)?.url ?? chain.mqttUrl;
      const person = await joinBus(url, 'energy', other?.account);
      const heard = await person.hear(topics.energyAnalysis, { meter: 'main' });
      return { heard, leave: () => person.leave() };
    },
    stop: async () => {
      await chain.stop();
      await meter.close();
      await influxdb.stop();
    },
  };
}

export interface KillStoryEnd {
  /**
   * What must be in the store. A connection gives its telegrams in order: all that come before one
   * that was accepted, and all of the connection that did not end.
   */
  readonly mustBe: readonly Said[];
  readonly points: readonly StoredPoint[];
}

/** Kills each part once while the meter talks, takes InfluxDB away, and waits for the last point. */
export async function tellKillStory(
  { influxdb, meter, parts }: KillStory,
  outageMs: number,
): Promise<KillStoryEnd> {
  meter.talk(TELEGRAM_MS);
  const said = (): number => meter.said.length;
  await until('some telegrams', () => said() > 50);

  for (const part of parts.values()) {
    await part.kill();
    const before = said();
    await until('telegrams without it', () => said() > before + 20);
    await part.restart();
    const after = said();
    await until('telegrams with it again', () => said() > after + 50);
  }

  await influxdb.kill();
  await new Promise((resolve) => setTimeout(resolve, outageMs));
  await influxdb.restart();
  const after = said();
  await until('telegrams after the outage', () => said() > after + 100);
  meter.pause();

  const last = meter.said.at(-1)!;
  const points = await until('the last telegram in the store', async () => {
    const stored = await storedReadings(influxdb);
    return stored.at(-1)?.atMs === last.atMs && isWhole(stored) && stored;
  });
  return { mustBe: acceptedOf(meter.said, points), points };
}

function acceptedOf(said: readonly Said[], points: readonly StoredPoint[]): Said[] {
  const stored = new Set(points.map(({ atMs }) => atMs));
  const lastOf = new Map<number, number>();
  const lastConnection = said.at(-1)!.connection;
  for (const { connection, number, atMs } of said) {
    if (stored.has(atMs) || connection === lastConnection) lastOf.set(connection, number);
  }
  return said.filter(
    ({ connection, number }) => connection > 0 && number <= (lastOf.get(connection) ?? 0),
  );
}

async function storedReadings(influxdb: TestInfluxdb): Promise<readonly StoredPoint[]> {
  const store = openInfluxStore({
    url: influxdb.url,
    database: influxdb.database,
    retentionDays: 0,
    timeoutMs: 10_000,
  });
  try {
    const found = await store.points({
      measurement: 'reading',
      tags: { meter: 'main' },
      fromMs: START_MS,
      toMs: START_MS + 86_400_000,
      limit: 5_000,
    });
    return found.outcome === 'found' ? found.value : [];
  } finally {
    await store.close();
  }
}

/** Every `seq` of every epoch from the first to the last. */
function isWhole(points: readonly StoredPoint[]): boolean {
  const bySeq = points.map(({ fields }) => fields['seq'] as number);
  return bySeq.every((seq, i) => i === 0 || seq === bySeq[i - 1]! + 1);
}

/** Whether a stored point has the values of the telegram. */
export function repeatsTelegram(point: StoredPoint, said: Said | undefined): boolean {
  return (
    said !== undefined &&
    point.fields['energyImportWh'] === said.energyImportWh &&
    point.fields['powerW'] === said.powerW
  );
}
