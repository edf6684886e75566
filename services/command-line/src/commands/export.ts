import { Name } from '@wattbus/energy-model';
import { openStore } from '@wattbus/historian';
import { createCalendar } from '@wattbus/tariffs';
import { measurementNames, type MeasurementName } from '@wattbus/time-series';
import { parseArgs } from 'node:util';
import { configFor } from '../backup/archive-arguments.js';
import type { Command } from '../command.js';
import { exportCsv, exportParquet } from '../history/export-points.js';
import { reportFaults, UserFault } from './tariff-files.js';

const options = {
  what: { type: 'string', default: 'quarter' },
  meter: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  config: { type: 'string' },
  'data-dir': { type: 'string' },
} as const;

export const exportHistory: Command = {
  name: 'export',
  usage:
    'FILE.csv|FILE.parquet|- [--what reading|quarter|day|…] [--meter NAME] [--from DATE] ' +
    '[--to DATE] [--config FILE] [--data-dir DIR]',
  about: 'write what the store has as CSV or Parquet; --to is exclusive',
  run: (args) =>
    reportFaults(async () => {
      const { values, positionals } = parseArgs({
        args: [...args],
        options,
        allowPositionals: true,
      });
      const [path, ...more] = positionals;
      if (path === undefined || more.length > 0) throw new UserFault('name one file to write');
      await run(path, values);
    }),
};

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];

async function run(path: string, values: Values): Promise<void> {
  const loaded = configFor(values.config, values['data-dir']);
  if (!loaded) throw new UserFault('the configuration has faults');
  const { config } = loaded;
  const what = measurementNames.find((name): name is MeasurementName => name === values.what);
  if (what === undefined) {
    throw new UserFault(
      `--what must be one of ${measurementNames.join(', ')}, not "${values.what}"`,
    );
  }
  const meter = values.meter ?? (what === 'reading' ? config.meters[0]?.name : undefined);
  if (what === 'reading' && meter === undefined) throw new UserFault('--meter NAME is needed');
  if (meter !== undefined && !Name.safeParse(meter).success) {
    throw new UserFault(`--meter: "${meter}" is no name of a meter`);
  }
  const calendar = createCalendar(config.site.zone);
  const startOf = (text: string | undefined, name: string, otherwise: number): number => {
    if (text === undefined) return otherwise;
    const day = calendar.dayNamed(text);
    if (!day) throw new UserFault(`${name} must be a day such as 2026-07-01, not "${text}"`);
    return day.startMs;
  };
  const query = {
    measurement: what,
    tags: (meter === undefined ? {} : { meter }) as Record<string, string>,
    fromMs: startOf(values.from, '--from', 1),
    toMs: startOf(values.to, '--to', Date.now() + DAY_MS),
  };
  const write = path.endsWith('.parquet') ? exportParquet : exportCsv;
  const store = openStore(config);
  try {
    const rows = await write(store, query, path);
    if (path !== '-') console.log(`${path}: ${rows} rows`);
  } finally {
    await store.close();
  }
}

/** Clocks of meters may be ahead. */
const DAY_MS = 86_400_000;
