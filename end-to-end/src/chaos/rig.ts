import type { ServiceRole } from '@wattbus/mqtt-contract';
import { startTestInfluxdb, type TestInfluxdb } from '@wattbus/testing';
import { openInfluxStore, openSqliteStore, type TimeSeriesStore } from '@wattbus/time-series';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { newChain, type Chain, type ServiceProcess } from '../chain.js';
import { startFaultProxy, type FaultProxy } from '../fault-proxy.js';
import { startHouseMeter, type HouseMeter } from '../house-meter.js';
import type { Stage, Victim } from './actor.js';

export const ZONE = 'Europe/Amsterdam';
/** Late in the evening, so that the first local day ends early in a run. */
const START_MS = Date.parse('2026-06-10T22:00:00+02:00');
const STEP_MS = 15_000;
const METERS = 4;
export const ANALYZERS = ['analyzer-1', 'analyzer-2', 'analyzer-3'] as const;

export interface RigOptions {
  readonly seed: number;
  readonly store: 'influxdb' | 'sqlite';
  /** A broker that runs already, and is left alone; else the own one takes part. */
  readonly broker?: string | undefined;
}

/** Houses with meters, and all that stands between them and the store, as processes. */
export interface Rig {
  readonly chain: Chain;
  /** Past the proxy. */
  readonly brokerUrl: string;
  /** Of the topics: a run's own, since a broker that is given may remember another run. */
  readonly topicRoot: string;
  readonly services: ReadonlyMap<string, ServiceProcess>;
  readonly meters: ReadonlyMap<string, HouseMeter>;
  readonly stage: Stage;
  openStore(): TimeSeriesStore;
  stop(): Promise<void>;
}

/** How often each is the victim: the broker less, as nothing at all happens without it. */
const weights = { broker: 1, 'meter-ingest': 3, historian: 3, influxdb: 0.7 };
const weightOfAnalyzer = 1.7;

export async function startRig({ seed, store, broker }: RigOptions): Promise<Rig> {
  const influxdb = store === 'influxdb' ? await startTestInfluxdb() : null;
  const chain = await newChain();
  const brokerUrl = broker ?? chain.mqttUrl;
  const proxy = await startFaultProxy(new URL(brokerUrl));
  const meters = await startMeters(seed);
  const topicRoot = `chaos-${seed}-${process.pid}`;
  const env = {
    WATTBUS_MQTT__ROOT: topicRoot,
    WATTBUS_SITE__ZONE: ZONE,
    WATTBUS_LOG_LEVEL: 'error',
    ...storeEnv(influxdb, chain),
    ...metersEnv(meters),
  };
  const services = new Map<string, ServiceProcess>();
  const start = async (name: string, role: ServiceRole, url: string): Promise<void> => {
    const own = { WATTBUS_INSTANCE: name, WATTBUS_DATA_DIR: join(chain.dir, name) };
    services.set(name, await chain.start(role, { ...env, ...own, WATTBUS_MQTT__URL: url }));
  };
  const proxyUrl = `mqtt://127.0.0.1:${proxy.port}`;
  if (broker === undefined) await start('broker', 'broker', brokerUrl);
  for (const role of ['historian', 'meter-ingest'] as const) await start(role, role, proxyUrl);
  for (const name of ANALYZERS) await start(name, 'analyzer', proxyUrl);

  return {
    chain,
    brokerUrl,
    topicRoot,
    services,
    meters,
    stage: stageOf({ services, influxdb, proxy, meters }),
    openStore: () => openStore(influxdb, chain),
    stop: async () => {
      for (const meter of meters.values()) await meter.close();
      await chain.stop();
      await proxy.close();
      await influxdb?.stop();
      rmSync(chain.dir, { recursive: true, force: true });
    },
  };
}

async function startMeters(seed: number): Promise<Map<string, HouseMeter>> {
  const meters = new Map<string, HouseMeter>();
  for (let i = 1; i <= METERS; i += 1) {
    const options = { seed: seed * METERS + i, stepMs: STEP_MS, isNumbered: true };
    meters.set(`house-${i}`, await startHouseMeter(START_MS, options));
  }
  return meters;
}

const metersEnv = (meters: ReadonlyMap<string, HouseMeter>): Record<string, string> =>
  Object.fromEntries(
    [...meters].flatMap(([name, { port }], i) => [
      [`WATTBUS_METERS__${i}__NAME`, name],
      [`WATTBUS_METERS__${i}__PORT`, port],
    ]),
  );

const sqliteFile = ({ dir }: Chain): string => join(dir, 'history.db');

const storeEnv = (influxdb: TestInfluxdb | null, chain: Chain): Record<string, string> =>
  influxdb
    ? {
        WATTBUS_STORE__KIND: 'influxdb',
        WATTBUS_STORE__INFLUXDB__URL: influxdb.url,
        WATTBUS_STORE__INFLUXDB__DATABASE: influxdb.database,
      }
    : { WATTBUS_STORE__KIND: 'sqlite', WATTBUS_STORE__SQLITE_FILE: sqliteFile(chain) };

function openStore(influxdb: TestInfluxdb | null, chain: Chain): TimeSeriesStore {
  if (!influxdb) return openSqliteStore({ path: sqliteFile(chain), retentionDays: 0 });
  const { url, database } = influxdb;
  return openInfluxStore({ url, database, retentionDays: 0, timeoutMs: 20_000 });
}

interface StageParts {
  readonly services: ReadonlyMap<string, ServiceProcess>;
  readonly influxdb: TestInfluxdb | null;
  readonly proxy: FaultProxy;
  readonly meters: ReadonlyMap<string, HouseMeter>;
}

function stageOf({ services, influxdb, proxy, meters }: StageParts): Stage {
  const victims = new Map<string, Victim>(services);
  if (influxdb) {
    const { kill, restart, freeze, thaw } = influxdb;
    victims.set('influxdb', { kill, launch: restart, freeze, thaw });
  }
  const weightOf = (name: string): number =>
    weights[name as keyof typeof weights] ?? weightOfAnalyzer;
  return {
    victims,
    weights: Object.fromEntries([...victims.keys()].map((name) => [name, weightOf(name)])),
    proxy,
    meters: [...meters.values()],
  };
}
