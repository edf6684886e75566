import { Name, roles, type Role } from '@wattbus/energy-model';
import { openStore } from '@wattbus/historian';
import { loadSite } from '@wattbus/analyzer';
import { isZone } from '@wattbus/tariffs';
import { parseArgs } from 'node:util';
import { configFor } from '../backup/archive-arguments.js';
import type { Command } from '../command.js';
import { isTarget, usageNames, type HistoryFault, type Target } from '../history/history.js';
import {
  importPart,
  preparePart,
  type ImportReport,
  type PreparedPart,
} from '../history/import-part.js';
import { priceHistory, priceOptions, priceUsage } from '../history/price-history.js';
import { looksLikeLineProtocol, readLineProtocol } from '../history/read-line-protocol.js';
import { firstLineOf } from '../history/read-rows.js';
import { readHistoryTable } from '../history/read-table.js';
import { reportFaults, UserFault } from './tariff-files.js';

const options = {
  meter: { type: 'string' },
  role: { type: 'string' },
  time: { type: 'string' },
  'time-at': { type: 'string' },
  column: { type: 'string', multiple: true },
  unit: { type: 'string' },
  zone: { type: 'string' },
  kind: { type: 'string' },
  gaps: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  ...priceOptions,
  config: { type: 'string' },
  'data-dir': { type: 'string' },
} as const;

export const importHistory: Command = {
  name: 'import',
  usage:
    'FILE [--meter NAME] [--column NAME=QUANTITY …] [--unit kWh|Wh|…] [--zone ZONE] ' +
    '[--kind usage|register] [--time COLUMN] [--time-at start|end] [--gaps] [--role ROLE] ' +
    `[--dry-run] ${priceUsage} [--config FILE] [--data-dir DIR]`,
  about: 'take history (CSV of a portal, DSMR-reader, Home Assistant, InfluxDB) into the store',
  run: (args) =>
    reportFaults(async () => {
      const { values, positionals } = parseArgs({
        args: [...args],
        options,
        allowPositionals: true,
      });
      const [path, ...more] = positionals;
      if (path === undefined || more.length > 0) throw new UserFault('name one file to import');
      await run(path, values);
    }),
};

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];

async function run(path: string, values: Values): Promise<void> {
  const loaded = configFor(values.config, values['data-dir']);
  if (!loaded) throw new UserFault('the configuration has faults');
  const { config } = loaded;
  const meter = meterOf(values.meter ?? config.meters[0]?.name ?? 'main');
  const configured = config.meters.find(({ name }) => name === meter);
  const role = roleOf(values.role ?? configured?.role ?? 'grid');
  const site = await loadSite(config);
  const zone = zoneOf(values.zone ?? config.site.zone);
  const prices = priceHistory(values, config);
  const history = await readFile(path, meter, zone, values);
  const prepared = history.parts.map((part) => {
    const kind = oneOf(values.kind, ['usage', 'register'] as const, '--kind') ?? 'auto';
    const hasSeries = history.format === 'home-assistant' || history.format === 'line-protocol';
    const { timeAt, registersAtEnd } = history;
    const gaps = values.gaps ?? false;
    const one = preparePart(part, { site, timeAt, registersAtEnd, gaps, kind, hasSeries });
    if (!one.ok) throw new UserFault(describe(path, one.faults));
    return one.prepared;
  });
  for (const part of prepared) console.log(whatIsIn(meter, history.format, part));
  if (values['dry-run']) return;
  const store = openStore(config);
  try {
    for (const part of prepared) {
      const name = `${meter}${part.part.suffix}`;
      const partRole: Role = part.part.medium === 'electricity' ? role : 'gas';
      const importing = { meter: name, role: partRole, site, nowMs: Date.now(), prices };
      console.log(whatWasDone(name, await importPart(store, part, importing)));
    }
  } finally {
    await store.close();
  }
}

async function readFile(path: string, meter: string, zone: string, values: Values) {
  const columns = columnsOf(values.column ?? []);
  const first = await firstLineOf(path).catch((error: Error) => {
    throw new UserFault(error.message);
  });
  const { unit, time } = values;
  const timeAt = oneOf(values['time-at'], ['start', 'end'] as const, '--time-at');
  const isDump = /^# (INFLUXDB|DDL)/.test(first) || looksLikeLineProtocol(first);
  const read = isDump
    ? await readLineProtocol(path, { meter, unit, columns })
    : await readHistoryTable(path, { zone, unit, time, timeAt, columns });
  if (!read.ok) throw new UserFault(describe(path, read.faults));
  return read.history;
}

const describe = (path: string, faults: readonly HistoryFault[]): string =>
  faults.map(({ line, column, message }) => `${path}:${line}:${column}: ${message}`).join('\n');

/** The name may hold equals signs itself, the quantity never. */
function columnsOf(settings: readonly string[]): ReadonlyMap<string, Target> {
  return new Map(
    settings.map((setting): [string, Target] => {
      const at = setting.lastIndexOf('=');
      const target = setting.slice(at + 1);
      if (at < 1 || !isTarget(target)) {
        throw new UserFault(
          `--column must be NAME=QUANTITY, not "${setting}"; quantities are ${usageNames.join(', ')} ` +
            'for what was used in an interval, or those of docs/topics.md such as energyImportWh',
        );
      }
      return [setting.slice(0, at), target];
    }),
  );
}

function meterOf(text: string): string {
  const name = Name.safeParse(text);
  if (name.success) return name.data;
  throw new UserFault(`--meter ${name.error.issues[0]?.message ?? 'is no name'}`);
}

const roleOf = (text: string): Role => oneOf(text, roles, '--role')!;

function zoneOf(zone: string): string {
  if (isZone(zone)) return zone;
  throw new UserFault(`--zone: there is no time zone "${zone}"`);
}

function oneOf<Choice extends string>(
  text: string | undefined,
  choices: readonly Choice[],
  option: string,
): Choice | undefined {
  if (text === undefined) return undefined;
  const choice = choices.find((one) => one === text);
  if (choice !== undefined) return choice;
  throw new UserFault(`${option} must be ${choices.join(' or ')}, not "${text}"`);
}

function whatIsIn(meter: string, format: string, prepared: PreparedPart): string {
  const { part, kind, rowMinutes, readings, quarters } = prepared;
  const [first, last] =
    kind === 'register'
      ? [readings[0]?.atMs, readings.at(-1)?.atMs]
      : [quarters[0]?.startMs, quarters.at(-1)?.startMs];
  const span = [first, last].map((ms) => (ms === undefined ? '–' : new Date(ms).toISOString()));
  const what = kind === 'register' ? 'registers' : `usage in rows of ${rowMinutes} minutes`;
  const rows = `${part.rows.length} rows of ${format}, ${what}`;
  return `${meter}${part.suffix}: ${rows}, ${span.join(' to ')}`;
}

function whatWasDone(meter: string, { stored, leftOut, refused, rerun }: ImportReport): string {
  const lines = [`${meter}: ${stored} points stored`];
  if (leftOut > 0) {
    lines.push(`${leftOut} left out: from there on the store has the meter's own readings`);
  }
  const refusals = [...refused, ...(rerun?.refused ?? [])];
  for (const [reason, count] of refusals) lines.push(`${count} refused by the store: ${reason}`);
  if (rerun) lines.push(`${rerun.days} days analysed, ${rerun.points} results stored`);
  return lines.join('\n  ');
}
