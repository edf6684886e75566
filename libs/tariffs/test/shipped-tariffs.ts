import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  billOf,
  chooseTariff,
  createCalendar,
  createSpotPrices,
  holidaysOf,
  namesOf,
  readTariffFile,
  spreadEvenly,
  toNumber,
  type Bill,
  type GivenValues,
  type PriceSlot,
  type Slot,
  type TariffFile,
} from '../src/index.js';
import { parse } from 'yaml';

const folder = fileURLToPath(new URL('../../../config/tariffs/', import.meta.url));

export const parsedFiles: ReadonlyMap<string, unknown> = new Map(
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => [name, parse(readFileSync(`${folder}${name}`, 'utf8'), { merge: true })]),
);

export const shippedFiles: readonly TariffFile[] = [...parsedFiles.values()].map((value) => {
  const read = readTariffFile(value);
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  return read.file;
});

interface Case {
  readonly from: string;
  readonly to: string;
  readonly importWh?: number;
  readonly exportWh?: number;
  readonly slots?: readonly Slot[];
  readonly before?: readonly Slot[];
  readonly peaksW?: Readonly<Record<string, number>>;
  readonly set?: GivenValues;
  readonly prices?: readonly PriceSlot[];
}

/** The bill of a shipped tariff; throws where there is none. */
export async function shippedBill(name: string, given: Case): Promise<Bill> {
  const file = shippedFiles.find((one) => namesOf(one).includes(name));
  if (!file) throw new Error(`no tariff ${name}`);
  const choice = chooseTariff(file, name, given.set);
  if (!choice.ok) throw new Error(JSON.stringify(choice.faults));
  const { tariff, zone, holidays, lists } = choice.chosen;
  const calendar = createCalendar(zone);
  const span = {
    startMs: calendar.dayNamed(given.from)!.startMs,
    endMs: calendar.dayNamed(given.to)!.startMs,
  };
  const year = Number(given.from.slice(0, 4));
  const bill = billOf(
    tariff,
    {
      ...span,
      slots: given.slots ?? spreadEvenly(span, given.importWh ?? 0, given.exportWh),
      demand: {
        slots: given.before ?? [],
        monthPeaksW: new Map(Object.entries(given.peaksW ?? {})),
      },
    },
    {
      calendar,
      prices: createSpotPrices(given.prices ?? []),
      dayTypes: {
        holidays:
          holidays && 'country' in holidays
            ? await holidaysOf(holidays.country, [year, year + 1])
            : new Set(),
        lists,
      },
    },
  );
  if ('fault' in bill) throw new Error(JSON.stringify(bill));
  return bill;
}

/** Amounts of the lines by id, and the total. */
export const amountsOf = ({ lines, total }: Bill): Record<string, number> => ({
  ...Object.fromEntries(lines.map(({ id, amount }) => [id, toNumber(amount)])),
  total: toNumber(total),
});
