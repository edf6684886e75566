import { analyzer } from '@wattbus/analyzer';
import { broker, BrokerService } from '@wattbus/broker';
import { makeSecrets } from '@wattbus/command-line';
import { controller } from '@wattbus/controller';
import { dashboard, DashboardServer } from '@wattbus/dashboard';
import { historian } from '@wattbus/historian';
import { meterIngest } from '@wattbus/meter-ingest';
import { priceFeed } from '@wattbus/price-feed';
import { meterSimulator, SimulatedMeter } from '@wattbus/meter-simulator';
import { startService, type RunningService, type ServiceDefinition } from '@wattbus/nest-mqtt';
import type { MeterConfig, WattbusConfig } from '@wattbus/service-config';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** A day and an hour, so that the chart of the last 24 hours is full from the first minute. */
const BACKFILL_HOURS = 25;
const DEMO_LIMIT_W = 4_000;

export interface Standalone {
  readonly pageUrl: string;
  readonly mqttUrl: string;
  readonly meters: readonly MeterConfig[];
  /** The file with the viewer's password, where signing in is needed. */
  readonly viewerPasswordFile: string | null;
  stop(): Promise<void>;
}

/** Starts all services in this process, in the order of the data; stops them in the reverse. */
export async function startStandalone(config: WattbusConfig): Promise<Standalone> {
  mkdirSync(config.dataDir, { recursive: true });
  const running: RunningService[] = [];
  const secretsDir = needsAccounts(config) ? join(config.dataDir, 'secrets') : null;
  if (secretsDir !== null) await makeSecrets(secretsDir);

  const start = async (
    definition: ServiceDefinition,
    own: Partial<WattbusConfig> = {},
  ): Promise<RunningService> => {
    const account =
      secretsDir === null
        ? {}
        : { username: definition.role, passwordFile: join(secretsDir, definition.role) };
    const service = await startService(definition, {
      ...config,
      instance: config.instance ?? 'standalone',
      ...own,
      mqtt: { ...config.mqtt, ...account, ...own.mqtt },
    });
    running.push(service);
    return service;
  };
  const stop = async (): Promise<void> => {
    for (const service of running.splice(0).reverse()) await service.stop();
  };

  try {
    const bus = await startBroker(start, config, secretsDir);
    const meters = await metersOf(start, { ...config, mqtt: bus.mqtt });
    await start(historian, { mqtt: bus.mqtt });
    await start(analyzer, { mqtt: bus.mqtt });
    if (config.prices) await start(priceFeed, { mqtt: bus.mqtt });
    const control = config.meters.length > 0 ? config.control : demoControl(config);
    await start(controller, { mqtt: bus.mqtt, meters, control });
    await start(meterIngest, { mqtt: bus.mqtt, meters });
    const page = await start(dashboard, {
      mqtt: bus.mqtt,
      dashboard: { ...config.dashboard, brokerWebSocketUrl: bus.webSocketUrl },
    });
    return {
      pageUrl: page.get(DashboardServer).url,
      mqttUrl: bus.mqtt.url,
      meters,
      viewerPasswordFile: secretsDir && join(secretsDir, 'viewer'),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Start = (
  definition: ServiceDefinition,
  own?: Partial<WattbusConfig>,
) => Promise<RunningService>;

async function startBroker(
  start: Start,
  config: WattbusConfig,
  secretsDir: string | null,
): Promise<{ mqtt: WattbusConfig['mqtt']; webSocketUrl: string }> {
  const service = await start(broker, {
    mqtt: { ...config.mqtt, url: `mqtt://127.0.0.1:${config.broker.tcp.port}` },
    broker: {
      ...config.broker,
      // The page's connections come through the dashboard, so the plain one stays on this machine.
      webSocket: { ...config.broker.webSocket, host: '127.0.0.1', port: 0 },
      ...(secretsDir && { anonymous: false, usersFile: join(secretsDir, 'users.json') }),
    },
  });
  const portOf = (kind: string): number =>
    service.get(BrokerService).listeners.find((one) => one.kind === kind)!.port;
  return {
    mqtt: { ...config.mqtt, url: `mqtt://127.0.0.1:${portOf('tcp')}` },
    webSocketUrl: `ws://127.0.0.1:${portOf('webSocket')}/mqtt`,
  };
}

/** Where anything listens beyond this machine, unless somebody made accounts for the broker. */
function needsAccounts({
  dashboard,
  broker: { usersFile, tcp, webSocket },
}: WattbusConfig): boolean {
  const listeners = [tcp, tcp.tls, webSocket.tls].flatMap((one) => one?.host ?? []);
  const beyond = listeners.some((host) => !isLoopback(host));
  return !isLoopback(dashboard.host) || (beyond && usersFile === undefined);
}

/** The configured meters; without any, a simulated house is built and measured. */
async function metersOf(start: Start, config: WattbusConfig): Promise<MeterConfig[]> {
  if (config.meters.length > 0) return config.meters;
  const simulator = await start(meterSimulator, {
    mqtt: config.mqtt,
    simulator: {
      ...config.simulator,
      listen: 'tcp://127.0.0.1:0',
      backfillHours: config.simulator.backfillHours || BACKFILL_HOURS,
    },
  });
  return [
    {
      name: 'main',
      port: simulator.get(SimulatedMeter).address,
      protocol: 'dsmr',
      role: 'grid',
      channels: [],
      lenient: false,
    },
  ];
}

/** The simulated house has a plug on its boiler; without another wish its demand is limited. */
function demoControl({ control, simulator }: WattbusConfig): WattbusConfig['control'] {
  if (control.devices.length > 0) return control;
  const boiler = {
    name: simulator.deviceTopic,
    kind: 'tasmota',
    topic: simulator.deviceTopic,
    powerW: 2_000,
    priority: 0,
    minOffS: 600,
    minOnS: 300,
    safeState: 'on',
    pulseTimeS: 0,
  } as const;
  return { demandLimitW: DEMO_LIMIT_W, ...control, devices: [boiler] };
}

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host.startsWith('127.');
