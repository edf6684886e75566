import { Name } from '@wattbus/energy-model';
import { z } from 'zod';
import { registerMapFrom, RegisterMapFile } from '@wattbus/meter-protocols';
import { addressesPattern } from './addresses.js';
import { Control } from './control-schema.js';
import { Meter, wrongMeters } from './meter-schema.js';
import { Prices, wrongInPrices } from './price-schema.js';
import { Tariffs, wrongInTariffs } from './tariff-schema.js';

const Port = z.int().min(0).max(65_535);
const Host = z.string().min(1);
const Zone = z
  .string()
  .refine(isZone, 'must be an IANA time zone such as Europe/Amsterdam or Asia/Seoul');

const Tls = z.object({
  certFile: z.string().min(1).describe('PEM: the certificate, then those that lead to its root.'),
  keyFile: z.string().min(1).describe('PEM: its private key.'),
});
const TlsListener = (port: number) =>
  Tls.extend({ host: Host.default('127.0.0.1'), port: Port.default(port) })
    .optional()
    .describe('The same with TLS at a port of its own; `npx wattbus secrets --tls` makes files.');

const Mqtt = z.object({
  url: z
    .string()
    .regex(
      addressesPattern(['mqtt', 'mqtts', 'ws', 'wss']),
      'must start with mqtt://, mqtts://, ws:// or wss://; several are separated by commas',
    )
    .default('mqtt://127.0.0.1:1883')
    .describe(
      'The broker: the embedded one, or any MQTT 3.1.1 broker. The nodes of a cluster are ' +
        'separated by commas; when one is away the next is tried.',
    ),
  username: z.string().optional().describe('Account at the broker.'),
  password: z.string().optional().describe('Better: passwordFile.'),
  passwordFile: z.string().optional().describe('File that holds nothing but the password.'),
  caFile: z
    .string()
    .optional()
    .describe(
      'PEM: who may have signed the broker’s certificate, for mqtts:// and wss://. ' +
        'Default: those that Node.js knows.',
    ),
  qosMax: z
    .union([z.literal(0), z.literal(1)])
    .default(1)
    .describe(
      '0 for a broker that writes each message with QoS 1 to the disks of several nodes (NATS). ' +
        'Nothing is lost by it.',
    ),
  root: z
    .string()
    .regex(/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/, 'must be topic levels without wildcards')
    .default('energy')
    .describe('First topic level(s) of everything that Wattbus publishes.'),
});

const Broker = z.object({
  tcp: z
    .object({
      host: Host.default('127.0.0.1'),
      port: Port.default(1883),
      tls: TlsListener(8883),
    })
    .prefault({})
    .describe('MQTT over TCP.'),
  webSocket: z
    .object({
      host: Host.default('127.0.0.1'),
      port: Port.default(8083),
      tls: TlsListener(8084),
    })
    .prefault({})
    .describe('MQTT over WebSocket at /mqtt; the dashboard passes the page’s connection on to it.'),
  anonymous: z
    .boolean()
    .default(true)
    .describe('Let clients on this machine in without a password. Never applies beyond loopback.'),
  usersFile: z.string().optional().describe('Accounts with scrypt hashes and roles.'),
  packetBytesMax: z
    .int()
    .min(1_024)
    .default(1_179_648)
    .describe('Larger packets end the connection. A payload of 1 MiB and its topic fit.'),
  connectionsMax: z.int().min(1).default(1_000),
  retainedFlushMs: z
    .int()
    .min(100)
    .max(600_000)
    .default(1_000)
    .describe('Retained messages are written to disk at most this late; 60000 spares SD cards.'),
  retainedBytesMax: z
    .int()
    .min(1_048_576)
    .default(67_108_864)
    .describe(
      'What retained messages may take of memory, each with 512 bytes more than its payload. A ' +
        'meter with a month of history takes up to 100 kB; what finds no room is sent, but not kept.',
    ),
});

const Ingest = z.object({
  commitMsMax: z
    .int()
    .min(0)
    .max(60_000)
    .default(0)
    .describe(
      'Collect readings this long before each fsync; 0 syncs at once, 1000 spares SD cards.',
    ),
  retentionDays: z.number().positive().default(14),
  retentionBytes: z.int().min(1_048_576).default(1_073_741_824),
});

const Store = z.object({
  kind: z.enum(['sqlite', 'influxdb']).default('sqlite'),
  sqliteFile: z.string().optional().describe('Default: history.db in the data directory.'),
  influxdb: z
    .object({
      url: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:8086'),
      database: Name.default('wattbus'),
      username: z.string().optional(),
      password: z.string().optional(),
      passwordFile: z.string().optional(),
    })
    .prefault({}),
  retentionDays: z
    .number()
    .min(0)
    .default(0)
    .describe('How long the history is kept; 0 keeps it for ever.'),
  batchPoints: z.int().min(1).max(5_000).default(500),
  batchMs: z
    .int()
    .min(1)
    .max(600_000)
    .default(20)
    .describe('A batch is written when it is full or this old; 60000 spares SD cards.'),
});

const Dashboard = z.object({
  host: Host.default('127.0.0.1'),
  port: Port.default(8080),
  brokerWebSocketUrl: z
    .string()
    .regex(
      addressesPattern(['ws', 'wss']),
      'must start with ws:// or wss://; several are separated by commas',
    )
    .default('ws://127.0.0.1:8083/mqtt')
    .describe('Where pages reach the broker; several as in `mqtt.url`.'),
  tls: Tls.optional().describe('The page speaks https with it; without it http.'),
});

const Simulator = z.object({
  listen: z
    .string()
    .default('tcp://127.0.0.1:2300')
    .describe('tcp://host:port, pty:/path/of/link, or a serial device.'),
  protocol: z.enum(['dsmr']).default('dsmr'),
  speed: z.number().positive().max(10_000).default(1).describe('Simulated seconds a second.'),
  intervalS: z.number().positive().default(1).describe('Simulated seconds between telegrams.'),
  seed: z.int().default(1).describe('Another seed is another house.'),
  backfillHours: z
    .number()
    .min(0)
    .max(24 * 62)
    .default(0)
    .describe('Begin this long ago and catch up at full speed, so that graphs are not empty.'),
  start: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('Simulated time of the first telegram.'),
  deviceTopic: z
    .string()
    .regex(/^[^/+#]+$/)
    .default('boiler')
    .describe('Simulated Tasmota plug.'),
});

/** Everything that can be configured. Each service reads its own part and `site`, `mqtt`. */
export const Config = z.object({
  site: z
    .object({
      name: z.string().max(60).default('Home').describe('Title of the page.'),
      zone: Zone.default(() => Intl.DateTimeFormat().resolvedOptions().timeZone).describe(
        'IANA time zone: decides where days and months begin. Default: the machine’s.',
      ),
      language: z
        .enum(['auto', 'en', 'ko'])
        .default('auto')
        .describe('Of the page; auto: the browser’s.'),
      billingDay: z
        .int()
        .min(1)
        .max(31)
        .default(1)
        .describe('Day of the month on which billing periods begin; in shorter months the last.'),
      carbonGPerKWh: z
        .number()
        .min(0)
        .max(5_000)
        .optional()
        .describe(
          'CO2 of the grid where topic carbon/import does not tell it; without both, none.',
        ),
      nominalVoltageV: z
        .number()
        .min(90)
        .max(400)
        .default(230)
        .describe('Voltage of a phase as it should be: 220 in Korea, 120 in North America.'),
    })
    .prefault({}),
  dataDir: z.string().default('.wattbus').describe('Journal, retained messages, SQLite store.'),
  instance: Name.optional().describe('Name of this process; made up if left out.'),
  logLevel: z.enum(['fatal', 'error', 'warn', 'info', 'debug']).default('info'),
  health: z
    .object({
      host: Host.default('127.0.0.1'),
      port: Port.optional().describe(
        'GET /health and /metrics (Prometheus) answer here; off if left out.',
      ),
      password: z.string().optional().describe('Better: passwordFile.'),
      passwordFile: z
        .string()
        .optional()
        .describe('Bearer token that is asked for; needed where health.host is not loopback.'),
    })
    .prefault({}),
  mqtt: Mqtt.prefault({}),
  broker: Broker.prefault({}),
  meters: z.array(Meter).max(256).default([]),
  registerMaps: z
    .array(RegisterMapFile.transform(registerMapFrom))
    .max(100)
    .default([])
    .describe('Your own maps of Modbus meters, in the form of the files in config/modbus.'),
  ingest: Ingest.prefault({}),
  tariff: Tariffs.prefault({}),
  prices: Prices.optional().describe(
    'Where the prices of the market come from; left out: nowhere.',
  ),
  control: Control.prefault({}),
  store: Store.prefault({}),
  dashboard: Dashboard.prefault({}),
  simulator: Simulator.prefault({}),
});

/** Config with the checks that need more than one field. */
export const CheckedConfig = Config.superRefine((config, context) => {
  doubled(config.meters, 'meters', context);
  doubled(config.control.devices, 'control.devices', context);
  doubled(config.registerMaps, 'registerMaps', context);
  for (const { path, message } of wrongMeters(config.meters, config.registerMaps)) {
    fault(context, ['meters', ...path], message);
  }
  for (const { index, field, message } of wrongInTariffs(config.tariff)) {
    fault(context, ['tariff', index, field], message);
  }
  const { prices } = config;
  for (const { field, message } of prices ? wrongInPrices(prices) : []) {
    fault(context, ['prices', field], message);
  }
});

export type WattbusConfig = z.output<typeof Config>;
export type MeterConfig = WattbusConfig['meters'][number];
export type DeviceConfig = WattbusConfig['control']['devices'][number];

function doubled(named: readonly { name: string }[], at: string, context: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const [i, { name }] of named.entries()) {
    if (seen.has(name)) fault(context, [...at.split('.'), i, 'name'], `"${name}" is used twice`);
    seen.add(name);
  }
}

function fault(context: z.RefinementCtx, path: (string | number)[], message: string): void {
  context.addIssue({ code: 'custom', path, message });
}

function isZone(zone: string): boolean {
  try {
    Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
