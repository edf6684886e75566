import { stopOnSignal } from '@wattbus/nest-mqtt';
import {
  describeFaults,
  loadConfig,
  type WattbusConfig,
  type MeterConfig,
} from '@wattbus/service-config';
import { parseOptions, usage, type StandaloneOptions } from './options.js';
import { portFault } from './ports.js';
import { startStandalone } from './standalone.js';

const options = parseOptions(process.argv.slice(2));
if ('fault' in options) fail(2, `${options.fault}\n\n${usage}`);
if (options.help) {
  console.log(usage);
  process.exit(0);
}
const config = configured(options);
await refuseTakenPorts(config);
const wattbus = await startStandalone(config).catch((error: unknown) =>
  fail(1, `Wattbus cannot start: ${(error as Error).message}`),
);
stopOnSignal(() => wattbus.stop());
greet();

function configured(given: StandaloneOptions): WattbusConfig {
  const loaded = loadConfig({
    ...(given.config === undefined ? {} : { file: given.config }),
    overrides: {
      'broker.tcp.host': given.host,
      'dashboard.host': given.host,
      ...(given.mqttPort === undefined ? {} : { 'broker.tcp.port': given.mqttPort }),
      ...(given.pagePort === undefined ? {} : { 'dashboard.port': given.pagePort }),
      ...(given.dataDir === undefined ? {} : { dataDir: given.dataDir }),
      ...(given.port === undefined
        ? {}
        : { meters: [{ name: 'main', port: given.port, protocol: given.protocol ?? 'auto' }] }),
      // People read this terminal; what they need is on the page.
      ...(process.env['WATTBUS_LOG_LEVEL'] === undefined ? { logLevel: 'warn' } : {}),
    },
  });
  return loaded.ok ? loaded.config : fail(2, describeFaults(loaded.faults));
}

async function refuseTakenPorts({ broker, dashboard }: WattbusConfig): Promise<void> {
  const wanted = [
    { what: 'MQTT', flag: '--mqtt-port', ...broker.tcp },
    { what: 'the page', flag: '--page-port', ...dashboard },
  ];
  const faults: string[] = [];
  for (const { what, flag, host, port } of wanted) {
    const code = await portFault(host, port);
    if (code === null) continue;
    const why = code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${code})`;
    faults.push(`Port ${port} for ${what} ${why}; choose another with ${flag} N.`);
  }
  if (faults.length > 0) fail(1, faults.join('\n'));
}

function wayTo({ port, mqtt, http }: MeterConfig): string {
  return port ?? http?.url ?? `${mqtt!.kind} ${mqtt!.device} on MQTT`;
}

function greet(): void {
  const [meter] = wattbus.meters;
  console.log(`Wattbus is running.

  Page   ${wattbus.pageUrl}
  MQTT   ${wattbus.mqttUrl}
  Meter  ${wattbus.meters.length === 1 ? wayTo(meter!) : `${wattbus.meters.length} meters`}
`);
  if (wattbus.viewerPasswordFile !== null) {
    console.log(`Sign in as "viewer"; the password is in ${wattbus.viewerPasswordFile}.\n`);
  }
  console.log('Stop with Ctrl-C.');
}

function fail(code: number, message: string): never {
  console.error(message);
  process.exit(code);
}
