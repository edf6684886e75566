import type { ServiceHealth } from '@wattbus/mqtt-contract';
import type { Counters } from './counters.js';

/** Prometheus' text format 0.0.4. */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** What a process says about itself; `cpu` in µs, `memory` in bytes. */
export interface ProcessFigures {
  readonly cpu: NodeJS.CpuUsage;
  readonly memory: NodeJS.MemoryUsage;
  readonly uptimeS: number;
}

export const processFigures = (): ProcessFigures => ({
  cpu: process.cpuUsage(),
  memory: process.memoryUsage(),
  uptimeS: process.uptime(),
});

interface Sample {
  readonly name: string;
  readonly kind: 'counter' | 'gauge';
  readonly about: string;
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The page that Prometheus reads: `wattbus_<service>_…`, in base units (seconds, bytes). */
export function metricsText(
  health: ServiceHealth,
  counters: Counters,
  { cpu, memory, uptimeS }: ProcessFigures,
): string {
  const samples: Sample[] = [
    {
      name: 'info',
      kind: 'gauge',
      about: 'Always 1; the labels say what runs.',
      value: 1,
      labels: { replica: health.instance, version: health.version },
    },
    gauge('ready', '1 where the service is ready, else 0.', health.state === 'ready' ? 1 : 0),
    gauge(
      'bus_connected',
      '1 while there is a connection to the broker.',
      health.state === 'ready' || health.state === 'degraded' ? 1 : 0,
    ),
    gauge('start_time_seconds', 'Start, since the epoch.', Date.parse(health.since) / 1_000),
    gauge('process_uptime_seconds', 'How long the process runs.', uptimeS),
    gauge('process_resident_memory_bytes', 'Resident memory.', memory.rss),
    gauge('process_heap_used_bytes', 'Used part of the JavaScript heap.', memory.heapUsed),
    {
      name: 'process_cpu_seconds_total',
      kind: 'counter',
      about: 'User and system time.',
      value: (cpu.user + cpu.system) / 1e6,
    },
    ...Object.entries(counters.all()).map(([name, value]): Sample => {
      const about = `Counter ${name} of the service's health.`;
      return counters.isState(name)
        ? gauge(snakeCase(name), about, value)
        : { name: `${snakeCase(name)}_total`, kind: 'counter', about, value };
    }),
  ];
  const prefix = `wattbus_${snakeCase(health.service)}_`;
  return samples.map((one) => lines(prefix, one)).join('');
}

const gauge = (name: string, about: string, value: number): Sample => ({
  name,
  kind: 'gauge',
  about,
  value,
});

function lines(prefix: string, { name, kind, about, value, labels = {} }: Sample): string {
  const full = `${prefix}${name}`;
  const said = Object.entries(labels).map(([key, text]) => `${key}=${JSON.stringify(text)}`);
  const braces = said.length > 0 ? `{${said.join(',')}}` : '';
  return `# HELP ${full} ${about}\n# TYPE ${full} ${kind}\n${full}${braces} ${value}\n`;
}

/** `meter-ingest` → `meter_ingest`, `readingsStored` → `readings_stored`. */
const snakeCase = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();
