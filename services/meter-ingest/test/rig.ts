import { encodeDsmr } from '@wattbus/meter-protocols';
import { topics, type Params, type Topic } from '@wattbus/mqtt-contract';
import { startService, type RunningService } from '@wattbus/nest-mqtt';
import {
  joinBus,
  startTestBroker,
  testConfig,
  until,
  type Person,
  type TestBroker,
} from '@wattbus/testing';
import { join } from 'node:path';
import { meterIngest } from '../src/index.js';
import { plugIn, type Cable } from './pty.js';

const START_MS = Date.parse('2024-01-10T00:00:00Z');
const HOUR_MS = 3_600_000;

/** The P1 telegram of the `n`th second, of a meter with a gas meter that is read each hour. */
export function telegram(n: number, gasHour = 0, replaced = {}): Uint8Array {
  return encodeDsmr({
    variant: '5.0',
    identification: 'ISK5\\2M550T-1012',
    meterId: 'E0000000000000001',
    at: winterTime(START_MS + n * 1_000),
    standardOffsetMinutes: 60,
    measured: {
      energyImportTariff1Wh: 1_000_000 + n,
      energyImportTariff2Wh: 2_000_000,
      energyExportTariff1Wh: 0,
      energyExportTariff2Wh: 0,
      powerW: 400 + (n % 100),
    },
    channels: [
      {
        channel: 1,
        deviceType: 3,
        id: 'G0000000000000001',
        at: winterTime(START_MS + gasHour * HOUR_MS),
        value: 1_234.567 + gasHour,
        unit: 'm3',
      },
    ],
    ...replaced,
  });
}

const winterTime = (ms: number): string =>
  `${new Date(ms + HOUR_MS).toISOString().slice(0, 19)}+01:00`;

export interface Rig {
  readonly broker: TestBroker;
  readonly person: Person;
  readonly dataDir: string;
  readonly service: RunningService;
  /** What is on the bus, from now on and as it comes. */
  hear<P>(topic: Topic<P>, params?: Params): Promise<P[]>;
  counter(name: string): number;
  stop(): Promise<void>;
  start(): Promise<void>;
  restart(): Promise<void>;
}

type Meter = Record<string, unknown>;

/** meter-ingest with a real broker; `ends` is run backwards after the test. */
export async function startRig(
  meters: readonly Meter[],
  ends: (() => unknown)[],
  more: Record<string, unknown> = {},
): Promise<Rig> {
  const broker = await startTestBroker();
  ends.push(() => broker.stop());
  const person = await joinBus(broker.url);
  ends.push(() => person.leave());
  const config = testConfig({
    mqtt: { url: broker.url },
    site: { zone: 'Europe/Amsterdam' },
    meters: meters.map((meter) => ({ protocol: 'dsmr', ...meter })),
    logLevel: 'fatal',
    ...more,
  });
  let service = await startService(meterIngest, config);
  ends.push(() => service.stop());
  const start = async (): Promise<void> => {
    service = await startService(meterIngest, config);
  };
  return {
    broker,
    person,
    dataDir: config.dataDir,
    get service() {
      return service;
    },
    hear: (topic, params) => person.hear(topic, params),
    counter: (name) => service.context.counters.get(name),
    stop: () => service.stop(),
    start,
    restart: async () => {
      await service.stop();
      await start();
    },
  };
}

/** A rig with one P1 meter on a pty that is open and being read. */
export async function startWithCable(
  ends: (() => unknown)[],
  meter: Meter = {},
  more: Record<string, unknown> = {},
): Promise<{ rig: Rig; cable: Cable }> {
  const path = join(testConfig({}).dataDir, 'meter');
  const cable = plugIn(path);
  ends.push(() => cable.unplug());
  const rig = await startRig([{ name: 'main', port: path, ...meter }], ends, more);
  await lineOpen(rig);
  return { rig, cable };
}

/** A pty forgets what was written before anybody read it. */
export async function lineOpen(rig: Rig, meter = 'main'): Promise<void> {
  const states = await rig.hear(topics.meterState, { meter });
  await until('the line to be open', () => states.some(({ reason }) => /waiting/.test(reason)));
}
