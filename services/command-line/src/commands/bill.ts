import {
  billOf,
  createCalendar,
  createSpotPrices,
  decimalsOf,
  isRefused,
  noPrices,
  readPrices,
  readUsage,
  spreadEvenly,
  toNumber,
  type Bill,
  type BillFault,
  type Calendar,
  type ChosenTariff,
  type LocalSpan,
  type SpotPrices,
  type Usage,
} from '@wattbus/tariffs';
import { dayTypesOf, describeTableFaults } from '@wattbus/service-config';
import { parseArgs } from 'node:util';
import type { Command } from '../command.js';
import { rowsOf } from './table-files.js';
import { findTariff, reportFaults, UserFault } from './tariff-files.js';

/** How usage and prices are given; `compare-tariffs` takes them as well. */
export const usageOptions = {
  from: { type: 'string' },
  to: { type: 'string' },
  usage: { type: 'string' },
  unit: { type: 'string' },
  time: { type: 'string' },
  import: { type: 'string' },
  export: { type: 'string' },
  'import-wh': { type: 'string' },
  'export-wh': { type: 'string' },
  'peak-w': { type: 'string' },
  prices: { type: 'string' },
  set: { type: 'string', multiple: true },
  json: { type: 'boolean' },
} as const;

const options = { ...usageOptions, tariff: { type: 'string' } } as const;

export const bill: Command = {
  name: 'bill',
  usage:
    '--tariff NAME|FILE --from DATE --to DATE (--usage FILE.csv | --import-wh N ' +
    '[--export-wh N] [--peak-w N[,N…]]) [--prices FILE.csv] [--set key=value …] [--json]',
  about: 'reckon a bill line by line; --to is the first day that is not on it',
  run: (args) =>
    reportFaults(async () => {
      const { values } = parseArgs({ args: [...args], options });
      const reckoned = await reckon(values);
      console.log(values.json ? asJson(reckoned) : asText(reckoned));
    }),
};

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];
export type UsageValues = Omit<Values, 'tariff'>;

async function reckon(values: Values): Promise<Bill> {
  const chosen = findTariff(required(values.tariff, '--tariff'), givenValues(values.set ?? []));
  const reckoned = await billOfChosen(chosen, values);
  if ('fault' in reckoned) throw new UserFault(describeFault(reckoned));
  return reckoned;
}

/** The bill that a tariff makes of what was used; its days and hours are those of the zone. */
export async function billOfChosen(
  chosen: ChosenTariff,
  values: UsageValues,
  { usageIn = usageOf, zone = chosen.zone }: Partial<Home> = {},
): Promise<Bill | BillFault> {
  const calendar = createCalendar(zone);
  const span = spanOf(values, calendar);
  return billOf(chosen.tariff, usageIn(values, span, calendar), {
    calendar,
    prices: pricesOf(values.prices, zone),
    dayTypes: await dayTypesOf(chosen),
  });
}

/** Where and how energy is used. */
export interface Home {
  readonly usageIn: UsageIn;
  readonly zone: string;
}

/** What was used between two days of a calendar. */
export type UsageIn = (
  values: UsageValues,
  span: Pick<Usage, 'startMs' | 'endMs'>,
  calendar: Calendar,
) => Usage;

export function spanOf(values: UsageValues, calendar: Calendar): Pick<Usage, 'startMs' | 'endMs'> {
  const first = dayOf(values.from, '--from', calendar);
  const end = dayOf(values.to, '--to', calendar);
  if (end.startMs <= first.startMs) throw new UserFault('--to must be after --from');
  return { startMs: first.startMs, endMs: end.startMs };
}

export function givenValues(settings: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    settings.map((setting) => {
      const at = setting.indexOf('=');
      if (at < 1) throw new UserFault(`--set must be key=value, not "${setting}"`);
      return [setting.slice(0, at), setting.slice(at + 1)];
    }),
  );
}

function usageOf(
  values: UsageValues,
  span: Pick<Usage, 'startMs' | 'endMs'>,
  calendar: Calendar,
): Usage {
  const monthPeaksW = peaksOf(values['peak-w'], span, calendar);
  const { usage: path, unit } = values;
  if (path === undefined) {
    const importWh = wholeNumber(required(values['import-wh'], '--import-wh or --usage'), 'import');
    const exportWh = wholeNumber(values['export-wh'] ?? '0', 'export');
    return { ...span, slots: spreadEvenly(span, importWh, exportWh), demand: { monthPeaksW } };
  }
  if (values['import-wh'] !== undefined || values['export-wh'] !== undefined) {
    throw new UserFault('give either --usage or --import-wh and --export-wh');
  }
  if (unit !== undefined && unit !== 'kWh' && unit !== 'Wh') {
    throw new UserFault(`--unit must be kWh or Wh, not "${unit}"`);
  }
  const read = readUsage(rowsOf(path), {
    ...span,
    zone: calendar.zone,
    ...(unit === undefined ? {} : { unit }),
    ...(values.time === undefined ? {} : { timeColumn: values.time }),
    ...(values.import === undefined ? {} : { importColumn: values.import }),
    ...(values.export === undefined ? {} : { exportColumn: values.export }),
  });
  if (isRefused(read)) throw new UserFault(describeTableFaults(path, read.faults));
  return { ...span, slots: read.slots, demand: { slots: read.before, monthPeaksW } };
}

/** One peak holds for every month of the bill; several are the months up to its last one. */
function peaksOf(
  text: string | undefined,
  { startMs, endMs }: Pick<Usage, 'startMs' | 'endMs'>,
  calendar: Calendar,
): Map<string, number> {
  if (text === undefined) return new Map();
  const peaksW = text.split(',').map((peak) => wholeNumber(peak, 'peak'));
  const last = calendar.monthOf(endMs - 1);
  const peaks = new Map<string, number>();
  for (let i = 0, month = last; ; i += 1) {
    const peakW = peaksW.length === 1 ? peaksW[0] : peaksW.at(-1 - i);
    if (peakW === undefined || (peaksW.length === 1 && month.endMs <= startMs)) return peaks;
    peaks.set(month.name, peakW);
    month = calendar.monthOf(month.startMs - 1);
  }
}

function pricesOf(path: string | undefined, zone: string): SpotPrices {
  if (path === undefined) return noPrices;
  const read = readPrices(rowsOf(path), zone);
  if (isRefused(read)) throw new UserFault(describeTableFaults(path, read.faults));
  return createSpotPrices(read.prices);
}

export function describeFault(fault: BillFault): string {
  return fault.fault === 'no-price'
    ? `"${fault.id}" has no price at ${new Date(fault.atMs).toISOString()}; give --prices FILE.csv`
    : `the tariff does not cover ${fault.day}`;
}

function required(value: string | undefined, name: string): string {
  if (value === undefined) throw new UserFault(`${name} is needed`);
  return value;
}

function dayOf(text: string | undefined, name: string, calendar: Calendar): LocalSpan {
  const day = calendar.dayNamed(required(text, name));
  if (!day) throw new UserFault(`${name} must be a day such as 2026-07-01, not "${text}"`);
  return day;
}

const ENERGY_WH_MAX = 1e12;

function wholeNumber(text: string, name: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value <= ENERGY_WH_MAX)) {
    throw new UserFault(`--${name}-w(h) must be a whole number of W or Wh, not "${text}"`);
  }
  return value;
}

const asJson = ({ currency, lines, total, provisional }: Bill): string =>
  JSON.stringify({
    currency,
    lines: lines.map(({ id, amount }) => ({ id, amount: toNumber(amount) })),
    total: toNumber(total),
    ...(provisional ? { provisional } : {}),
  });

function asText({ currency, lines, total, provisional }: Bill): string {
  const decimals = decimalsOf(currency);
  const write = (amount: Bill['total']): string =>
    toNumber(amount).toLocaleString('en', {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    });
  const rows = [
    ...lines.map(({ title, amount }) => [title, write(amount)]),
    [`Total ${currency}`, write(total)],
  ];
  const width = Math.max(...rows.map(([title = '', amount = '']) => widthOf(title + amount))) + 2;
  const text = rows.map(([title = '', amount = '']) => {
    const gap = width - widthOf(title) - amount.length;
    return title + ' '.repeat(gap) + amount;
  });
  text.splice(-1, 0, '-'.repeat(width));
  if (provisional) text.push('provisional: some prices are not known yet and were estimated');
  return text.join('\n');
}

/** Columns on a terminal, where 한글 takes two a letter. */
const widthOf = (text: string): number =>
  [...text].reduce((sum, letter) => sum + (/[\u1100-\uffdc]/.test(letter) ? 2 : 1), 0);
