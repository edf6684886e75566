import { Name } from '@wattbus/energy-model';
import { openStore } from '@wattbus/historian';
import { shippedTariffs } from '@wattbus/service-config';
import {
  chooseTariff,
  createCalendar,
  decimalsOf,
  isZone,
  toNumber,
  type Bill,
  type ChosenTariff,
  type GivenValues,
  type Slot,
  type TariffFile,
} from '@wattbus/tariffs';
import { POINTS_PAGE_MAX, type StoredPoint } from '@wattbus/time-series';
import { parseArgs } from 'node:util';
import { configFor } from '../backup/archive-arguments.js';
import type { Command } from '../command.js';
import {
  billOfChosen,
  describeFault,
  givenValues,
  spanOf,
  usageOptions,
  type Home,
  type UsageIn,
  type UsageValues,
} from './bill.js';
import { reportFaults, UserFault } from './tariff-files.js';

const options = {
  ...usageOptions,
  country: { type: 'string' },
  tariffs: { type: 'string' },
  meter: { type: 'string' },
  zone: { type: 'string' },
  config: { type: 'string' },
  'data-dir': { type: 'string' },
} as const;

export const compareTariffs: Command = {
  name: 'compare-tariffs',
  usage:
    '--from DATE --to DATE [--country CC | --tariffs NAME,NAME] [--usage FILE.csv | --meter NAME] ' +
    '[--zone ZONE] [--peak-w N[,N…]] [--prices FILE.csv] [--set key=value …] [--json]',
  about: 'what your own use would have cost with each tariff; without --usage that of the store',
  run: (args) =>
    reportFaults(async () => {
      const { values } = parseArgs({ args: [...args], options });
      const compared = await compare(values);
      console.log(values.json ? JSON.stringify(compared) : asText(compared));
    }),
};

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];

/** A tariff on the use of this home: its total, or why there is none. */
interface Compared {
  readonly tariff: string;
  readonly title: string;
  readonly currency: string;
  readonly total: number | null;
  readonly provisional: boolean;
  /** Where there is no total: inputs that nobody gave and that have no usual value. */
  readonly lacks: readonly string[];
  readonly fault: string | null;
}

async function compare(values: Values): Promise<readonly Compared[]> {
  const wanted = wantedTariffs(values);
  const given = givenValues(values.set ?? []);
  const unknown = Object.keys(given).find((key) => !wanted.some(([, { inputs }]) => key in inputs));
  if (unknown !== undefined) throw new UserFault(`--set: none of the tariffs has "${unknown}"`);
  if (values.zone !== undefined && !isZone(values.zone)) {
    throw new UserFault(`--zone: there is no time zone "${values.zone}"`);
  }
  const home = await homeOf(values);
  const compared: Compared[] = [];
  for (const [name, file] of wanted) {
    compared.push(await comparedTariff(name, file, { values, given, home }));
  }
  return compared.sort(byTotal);
}

function wantedTariffs({ country, tariffs }: Values): [string, TariffFile][] {
  const shipped = [...shippedTariffs()];
  const names = tariffs?.split(',');
  const missing = names?.find((name) => !shipped.some(([one]) => one === name));
  if (missing !== undefined) {
    throw new UserFault(`there is no tariff "${missing}"; npx wattbus tariffs lists them`);
  }
  const wanted = shipped.filter(
    ([name, file]) =>
      (names === undefined || names.includes(name)) &&
      (country === undefined || file.country === country.toUpperCase()),
  );
  if (wanted.length > 0) return wanted;
  const known = [...new Set(shipped.map(([, file]) => file.country))].sort().join(', ');
  throw new UserFault(`there is no tariff of "${country}"; countries are: ${known}`);
}

interface Comparison {
  readonly values: UsageValues;
  readonly given: GivenValues;
  readonly home: Partial<Home>;
}

async function comparedTariff(
  name: string,
  file: TariffFile,
  { values, given, home }: Comparison,
): Promise<Compared> {
  const own = Object.fromEntries(Object.entries(given).filter(([key]) => key in file.inputs));
  const set = { ...file.presets?.[name]?.set, ...own };
  const lacks = Object.entries(file.inputs).flatMap(([key, input]) =>
    input.type === 'number' && input.default === undefined && !(key in set) ? [key] : [],
  );
  const { currency } = file;
  const title = file.presets?.[name]?.title ?? file.title;
  const row = { tariff: name, title, currency, total: null, provisional: false, lacks };
  const choice = chooseTariff(file, name, own);
  if (!choice.ok) {
    return { ...row, fault: choice.faults.map(({ message }) => message).join('; ') };
  }
  const bill = await billOrReason(choice.chosen, values, home);
  if (typeof bill === 'string') return { ...row, fault: bill };
  return {
    ...row,
    lacks: [],
    total: toNumber(bill.total),
    provisional: bill.provisional,
    fault: null,
  };
}

/** What one tariff cannot bill is no fault of the others: a clock that skips another hour, say. */
async function billOrReason(
  chosen: ChosenTariff,
  values: UsageValues,
  home: Partial<Home>,
): Promise<Bill | string> {
  try {
    const bill = await billOfChosen(chosen, values, home);
    return 'fault' in bill ? describeFault(bill) : bill;
  } catch (error) {
    if (!(error instanceof UserFault) || home.zone !== undefined) throw error;
    return `${error.message.split('\n')[0]} (as a home in ${chosen.zone}; --zone says another)`;
  }
}

/** From the store where no file and no amount is given. */
async function homeOf(values: Values): Promise<Partial<Home>> {
  const own = values.zone === undefined ? {} : { zone: values.zone };
  if (values.usage !== undefined || values['import-wh'] !== undefined) return own;
  const loaded = configFor(values.config, values['data-dir']);
  if (!loaded) throw new UserFault('the configuration has faults');
  const { config } = loaded;
  const meter = values.meter ?? config.meters.find(({ role }) => role === 'grid')?.name ?? 'main';
  if (!Name.safeParse(meter).success) throw new UserFault(`--meter: "${meter}" is no name`);
  const { zone } = { ...config.site, ...own };
  const { startMs, endMs } = spanOf(values, createCalendar(zone));
  const store = openStore(config);
  try {
    const read = (fromMs: number) => {
      const tags = { meter };
      const query = { measurement: 'quarter', tags, fromMs, toMs: endMs + DAY_MS } as const;
      return store.points({ ...query, limit: POINTS_PAGE_MAX });
    };
    // A capacity tariff looks at the demand of a year before the bill.
    const slots: Slot[] = [];
    for (let fromMs = startMs - YEAR_MS; ;) {
      const page = await read(fromMs);
      if (page.outcome === 'retry') throw new UserFault(`the store cannot now: ${page.reason}`);
      slots.push(...page.value.map(slotOf));
      if (page.value.length < POINTS_PAGE_MAX) break;
      fromMs = page.value.at(-1)!.atMs + 1;
    }
    const within = slots.filter((slot) => slot.startMs >= startMs && slot.startMs < endMs).length;
    const whole = Math.round((endMs - startMs) / QUARTER_MS);
    if (within === 0) throw new UserFault(`the store has no quarter-hour of ${meter} in this time`);
    if (within < whole) {
      console.error(`the store has ${within} of ${whole} quarter-hours of ${meter} in this time`);
    }
    const usageIn: UsageIn = (_, span) => ({
      ...span,
      slots: slots.filter((slot) => slot.startMs >= span.startMs && slot.startMs < span.endMs),
      demand: { slots: slots.filter((slot) => slot.startMs < span.startMs) },
    });
    return { usageIn, zone };
  } finally {
    await store.close();
  }
}

const DAY_MS = 86_400_000;
const YEAR_MS = 366 * DAY_MS;
const QUARTER_MS = 900_000;

const slotOf = ({ atMs, fields }: StoredPoint): Slot => ({
  startMs: atMs,
  energyImportWh: Number(fields['importWh'] ?? 0),
  energyExportWh: Number(fields['exportWh'] ?? 0),
});

/** By total, currency by currency; those without one last. */
function byTotal(a: Compared, b: Compared): number {
  if (a.total === null || b.total === null)
    return Number(a.total === null) - Number(b.total === null);
  return a.currency === b.currency ? a.total - b.total : a.currency < b.currency ? -1 : 1;
}

function asText(compared: readonly Compared[]): string {
  const rows = compared.map((one) => [
    one.tariff,
    one.total === null ? '–' : one.total.toFixed(decimalsOf(one.currency)),
    one.currency,
    notesOf(one),
  ]);
  const widths = [0, 1].map((at) => Math.max(...rows.map((row) => row[at]!.length)));
  return rows
    .map(([name = '', total = '', currency = '', notes = '']) =>
      `${name.padEnd(widths[0]!)}  ${total.padStart(widths[1]!)} ${currency}  ${notes}`.trimEnd(),
    )
    .join('\n');
}

const notesOf = ({ fault, lacks, provisional }: Compared): string =>
  [
    ...(fault === null ? [] : [fault]),
    ...(lacks.length === 0 ? [] : [`without ${lacks.join(', ')}`]),
    ...(provisional ? ['some prices are estimates'] : []),
  ].join('; ');
