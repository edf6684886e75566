import { seededRandom } from '@wattbus/energy-model';
import type { ServiceRole } from '@wattbus/mqtt-contract';
import { startTestInfluxdb, until, type BrokerNode, type TestInfluxdb } from '@wattbus/testing';
import { openInfluxStore, openSqliteStore, type TimeSeriesStore } from '@wattbus/time-series';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { newChain, type Chain, type CommandOf, type ServiceProcess } from '../chain.js';
import { startFaultProxy, type FaultProxy } from '../fault-proxy.js';
import { startHouseMeter, type HouseMeter } from '../house-meter.js';
import { FaultCounts, type Stage } from './actor.js';
import { bundleServices, type BundledRole, type Bundles } from './bundles.js';
import { Supervisor } from './supervisor.js';
import { Tally } from './tally.js';
import type { Victim } from './victim.js';

export const ZONE = 'Europe/Amsterdam';
/** Late in the evening, so that the first local day ends early in a run. */
const START_MS = Date.parse('2026-06-10T22:00:00+02:00');
const STEP_MS = 30_000;
const METERS = 4;
export const ANALYZERS = ['analyzer-1', 'analyzer-2', 'analyzer-3'] as const;

export interface RigOptions {
  readonly seed: number;
  readonly store: 'influxdb' | 'sqlite';
  /** One that runs already; else the own one takes part. */
  readonly broker?: GivenBroker | undefined;
}

export interface GivenBroker {
  /** Its addresses with an account, separated by commas as in `mqtt.url`. */
  readonly url: string;
  /** Faults happen to these, one at a time. */
  readonly nodes: readonly BrokerNode[];
  readonly qosMax: 0 | 1;
}

/** Houses with meters, and all that stands between them and the store, as processes. */
export interface Rig {
  readonly chain: Chain;
  /** Of each of its nodes, past the proxies. */
  readonly brokerUrls: readonly string[];
  readonly qosMax: 0 | 1;
  /** Of the topics: a run's own, since a broker that is given may remember another run. */
  readonly topicRoot: string;
  readonly services: ReadonlyMap<string, ServiceProcess>;
  readonly supervisors: ReadonlyMap<string, Supervisor>;
  readonly meters: ReadonlyMap<string, HouseMeter>;
  readonly stage: Stage;
  readonly counts: FaultCounts;
  readonly tally: Tally;
  openStore(): TimeSeriesStore;
  stop(): Promise<void>;
}

/** How often each is the victim: the broker less, as nothing at all happens without it. */
const weights: Readonly<Record<string, number>> = {
  broker: 1,
  'node of the broker': 0.5,
  'meter-ingest': 3,
  historian: 3,
  influxdb: 1,
};
const weightOfAnalyzer = 1.7;

export async function startRig({ seed, store, broker }: RigOptions): Promise<Rig> {
  const bundles = await bundleServices();
  const influxdb = store === 'influxdb' ? await startTestInfluxdb() : null;
  const chain = await newChain({}, commandOf(bundles));
  const brokerUrls = (broker?.url ?? chain.mqttUrl).split(',').map((url) => url.trim());
  const brokerProxies = await Promise.all(brokerUrls.map((url) => startFaultProxy(new URL(url))));
  const storeProxy = influxdb ? await startFaultProxy(new URL(influxdb.url)) : null;
  const meters = await startMeters(seed);
  const topicRoot = `chaos-${seed}-${process.pid}`;
  const qosMax = broker?.qosMax ?? 1;
  const env = {
    WATTBUS_MQTT__ROOT: topicRoot,
    WATTBUS_MQTT__QOS_MAX: String(qosMax),
    WATTBUS_SITE__ZONE: ZONE,
    WATTBUS_LOG_LEVEL: 'error',
    ...storeEnv(influxdb, storeProxy, chain),
    ...metersEnv(meters),
  };
  const services = new Map<string, ServiceProcess>();
  const start = async (name: string, role: ServiceRole, url: string): Promise<void> => {
    const own = { WATTBUS_INSTANCE: name, WATTBUS_DATA_DIR: join(chain.dir, name) };
    services.set(name, await chain.start(role, { ...env, ...own, WATTBUS_MQTT__URL: url }));
  };
  const proxyUrl = brokerProxies.map(({ port }, i) => through(brokerUrls[i]!, port)).join(',');
  if (broker === undefined) await start('broker', 'broker', chain.mqttUrl);
  for (const role of ['historian', 'meter-ingest'] as const) await start(role, role, proxyUrl);
  for (const name of ANALYZERS) await start(name, 'analyzer', proxyUrl);

  const [counts, tally] = [new FaultCounts(), new Tally()];
  const supervisors = supervise(services, { seed, counts, tally });
  const proxies = [...brokerProxies, ...brokerProxies, ...(storeProxy ? [storeProxy] : [])];
  return {
    chain,
    brokerUrls,
    qosMax,
    topicRoot,
    services,
    supervisors,
    meters,
    stage: stageOf({ supervisors, influxdb, broker, proxies, meters }),
    counts,
    tally,
    openStore: () => openStore(influxdb, chain),
    stop: async () => {
      for (const supervisor of supervisors.values()) supervisor.letGo();
      for (const meter of meters.values()) await meter.close();
      await chain.stop();
      for (const proxy of new Set(proxies)) await proxy.close();
      await influxdb?.stop();
      rmSync(chain.dir, { recursive: true, force: true });
      bundles.remove();
    },
  };
}

/** Kill points before the service's own code; then the service as one script. */
function commandOf({ fileOf }: Bundles): CommandOf {
  const here = new URL('../../dist/chaos/', import.meta.url);
  const killPoint = new URL('kill-point.js', here).href;
  const runBundle = new URL('run-bundle.cjs', here).pathname;
  return (role) => ({
    args: ['--import', killPoint, runBundle],
    env: { CHAOS_BUNDLE: fileOf[role as BundledRole] },
  });
}

/** A broker's address by way of the proxy. */
function through(address: string, port: number): string {
  const url = new URL(address);
  url.host = `127.0.0.1:${port}`;
  return url.href;
}

function supervise(
  services: ReadonlyMap<string, ServiceProcess>,
  { seed, counts, tally }: { seed: number; counts: FaultCounts; tally: Tally },
): ReadonlyMap<string, Supervisor> {
  const named = [...services].map(([name, service], i) => {
    const supervisor = new Supervisor({
      name,
      service,
      chance: seededRandom(seed * 100 + i),
      onKillPoint: (what) => counts.addKill(what),
      onUnexpectedEnd: (what) => tally.note('wrong', what),
    });
    return [name, supervisor] as const;
  });
  return new Map(named);
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
      // What is said until a protocol is recognised is not accepted.
      [`WATTBUS_METERS__${i}__PROTOCOL`, 'dsmr'],
      [`WATTBUS_METERS__${i}__PORT`, port],
    ]),
  );

const sqliteFile = ({ dir }: Chain): string => join(dir, 'history.db');

const storeEnv = (
  influxdb: TestInfluxdb | null,
  proxy: FaultProxy | null,
  chain: Chain,
): Record<string, string> =>
  influxdb && proxy
    ? {
        WATTBUS_STORE__KIND: 'influxdb',
        WATTBUS_STORE__INFLUXDB__URL: `http://127.0.0.1:${proxy.port}`,
        WATTBUS_STORE__INFLUXDB__DATABASE: influxdb.database,
      }
    : { WATTBUS_STORE__KIND: 'sqlite', WATTBUS_STORE__SQLITE_FILE: sqliteFile(chain) };

function openStore(influxdb: TestInfluxdb | null, chain: Chain): TimeSeriesStore {
  if (!influxdb) return openSqliteStore({ path: sqliteFile(chain), retentionDays: 0 });
  const { url, database } = influxdb;
  return openInfluxStore({ url, database, retentionDays: 0, timeoutMs: 20_000 });
}

interface StageParts {
  readonly supervisors: ReadonlyMap<string, Supervisor>;
  readonly influxdb: TestInfluxdb | null;
  readonly broker: GivenBroker | undefined;
  readonly proxies: readonly FaultProxy[];
  readonly meters: ReadonlyMap<string, HouseMeter>;
}

function stageOf({ supervisors, influxdb, broker, proxies, meters }: StageParts): Stage {
  const victims = new Map<string, Victim>(supervisors);
  if (influxdb) victims.set('influxdb', victimOf(influxdb));
  if (broker && broker.nodes.length > 0) victims.set('node of the broker', anyOf(broker.nodes));
  return {
    victims,
    weights: Object.fromEntries(
      [...victims.keys()].map((name) => [name, weights[name] ?? weightOfAnalyzer]),
    ),
    proxies,
    meters: [...meters.values()],
  };
}

function victimOf({ kill, restart, freeze, thaw, url }: TestInfluxdb): Victim {
  return {
    kill: () => kill().then(() => true),
    launch: restart,
    freeze: () => freeze().then(() => true),
    thaw,
    ready: async () => {
      await until('InfluxDB to answer', async () => {
        const answer = await fetch(`${url}/ping`).catch(() => null);
        return answer?.status === 204;
      });
    },
  };
}

/** One node after the other; the next is struck when all take part again. */
function anyOf(nodes: readonly BrokerNode[]): Victim {
  let turn = 0;
  const node = (): BrokerNode => nodes[turn % nodes.length]!;
  const over = (): BrokerNode => nodes[turn++ % nodes.length]!;
  return {
    kill: () =>
      node()
        .kill()
        .then(() => true),
    launch: () => over().launch(),
    freeze: () => {
      node().freeze();
      return true;
    },
    thaw: () => over().thaw(),
    ready: async () => {
      await Promise.all(nodes.map((one) => one.ready()));
    },
  };
}
