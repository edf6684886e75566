import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { topics } from '@wattbus/mqtt-contract';
import { joinBus, startTestInfluxdb, until, type TestInfluxdb } from '@wattbus/testing';
import { openInfluxStore, type StoredPoint } from '@wattbus/time-series';
import { newChain, type Chain, type ServiceProcess } from './src/chain.js';
import { startHouseMeter, type HouseMeter, type Said } from './src/house-meter.js';

/** How long InfluxDB is away in the middle of the run. */
const OUTAGE_MS = Number(process.env['TEST_OUTAGE_MS'] ?? 60_000);
const TELEGRAM_MS = 40;
/** Noon of a summer day, so that all simulated telegrams fall into one local day. */
const START_MS = Date.parse('2026-06-10T12:00:00+02:00');

describe('a chain in which each service is killed once and InfluxDB is away', () => {
  let influxdb: TestInfluxdb;
  let chain: Chain;
  let meter: HouseMeter;
  const services = new Map<string, ServiceProcess>();

  beforeAll(async () => {
    influxdb = await startTestInfluxdb();
    meter = await startHouseMeter(START_MS);
    chain = await newChain({
      WATTBUS_SITE__ZONE: 'Europe/Amsterdam',
      WATTBUS_METERS__0__NAME: 'main',
      WATTBUS_METERS__0__PROTOCOL: 'dsmr',
      WATTBUS_METERS__0__PORT: meter.port,
      WATTBUS_STORE__KIND: 'influxdb',
      WATTBUS_STORE__INFLUXDB__URL: influxdb.url,
      WATTBUS_STORE__INFLUXDB__DATABASE: influxdb.database,
    });
    for (const role of ['broker', 'historian', 'analyzer', 'controller', 'meter-ingest'] as const) {
      services.set(role, await chain.start(role));
    }
  }, 120_000);

  afterAll(async () => {
    await chain?.stop();
    await meter?.close();
    await influxdb?.stop();
  });

  test(
    'stores exactly what the meter said, and analyses it as if nothing had happened',
    async () => {
      const whenIngestWasAway = { fromMs: 0, toMs: 0 };
      meter.talk(TELEGRAM_MS);
      const said = (): number => meter.said.length;
      await until('some telegrams', () => said() > 50);

      for (const [role, service] of services) {
        if (role === 'meter-ingest') whenIngestWasAway.fromMs = meter.said.at(-1)!.atMs;
        await service.kill();
        const before = said();
        await until('telegrams without it', () => said() > before + 20);
        await service.restart();
        const after = said();
        await until('telegrams with it again', () => said() > after + 50);
        if (role === 'meter-ingest') whenIngestWasAway.toMs = meter.said.at(-1)!.atMs;
      }

      await influxdb.kill();
      await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS));
      await influxdb.restart();
      const after = said();
      await until('telegrams after the outage', () => said() > after + 100);
      meter.pause();

      const last = meter.said.at(-1)!;
      const points = await until('the last telegram in the store', async () => {
        const stored = await storedReadings(influxdb);
        return stored.at(-1)?.atMs === last.atMs && isWhole(stored) && stored;
      });

      // A meter does not repeat what it says while nobody listens: those telegrams never were
      // accepted. Everything else is there once, with its values.
      const stored = new Map(points.map((point) => [point.atMs, point]));
      const mustBe = meter.said.filter(
        ({ atMs }) => atMs <= whenIngestWasAway.fromMs - 1000 || atMs > whenIngestWasAway.toMs,
      );
      expect(mustBe.filter(({ atMs }) => !stored.has(atMs))).toEqual([]);
      expect(stored.size).toBe(points.length);
      const saidAt = new Map(meter.said.map((one) => [one.atMs, one]));
      expect(points.filter((point) => !equals(point, saidAt.get(point.atMs)))).toEqual([]);
      expect(mustBe.length).toBeGreaterThan(500);

      const person = await joinBus(chain.mqttUrl);
      try {
        const energies = await person.hear(topics.energyAnalysis, { meter: 'main' });
        const energy = await until('the analysis of the last telegram', () =>
          energies.find(({ at }) => Date.parse(at) === last.atMs),
        );
        const firstWh = points[0]!.fields['energyImportWh'] as number;
        expect(energy.today.importWh).toBe(last.energyImportWh - firstWh);
      } finally {
        await person.leave();
      }
    },
    OUTAGE_MS + 240_000,
  );
});

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

function equals(point: StoredPoint, said: Said | undefined): boolean {
  return (
    said !== undefined &&
    point.fields['energyImportWh'] === said.energyImportWh &&
    point.fields['powerW'] === said.powerW
  );
}
