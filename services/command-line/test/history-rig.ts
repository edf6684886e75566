import { afterEach, beforeEach, jest } from '@jest/globals';
import { openStore } from '@wattbus/historian';
import { createCalendar } from '@wattbus/tariffs';
import { testConfig } from '@wattbus/testing';
import { measurementNames, type MeasurementName, type StoredPoint } from '@wattbus/time-series';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importHistory } from '../src/commands/import.js';

const zone = 'Europe/Amsterdam';
export const calendar = createCalendar(zone);
export const HOUR_MS = 3_600_000;
/** Of the running test; emptied and made anew by each. */
export let folder = '';
export let printed: string[] = [];
export let complained: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wattbus-import-'));
  printed = [];
  complained = [];
  jest.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text));
  jest.spyOn(console, 'error').mockImplementation((text: string) => void complained.push(text));
  writeFileSync(join(folder, 'wattbus.yaml'), configText(0.3));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

export const configText = (price: number): string =>
  JSON.stringify({
    site: { zone },
    meters: [{ name: 'main', port: '/dev/ttyUSB0' }],
    tariff: { importPricePerKWh: price },
  });
export const where = (): string[] => [
  '--config',
  join(folder, 'wattbus.yaml'),
  '--data-dir',
  join(folder, 'data'),
];

export function file(lines: readonly string[], name = 'history.csv'): string {
  writeFileSync(join(folder, name), `${lines.join('\n')}\n`);
  return join(folder, name);
}
export const take = (path: string, ...args: string[]): Promise<number> =>
  importHistory.run([path, ...args, ...where()]);

/** Everything in the store, of all meters. */
export async function everything(): Promise<StoredPoint[]> {
  const all: StoredPoint[] = [];
  for (const name of measurementNames) all.push(...(await stored(name)));
  return all;
}
export async function stored(measurement: MeasurementName, meter = 'main'): Promise<StoredPoint[]> {
  const config = testConfig({ dataDir: join(folder, 'data') });
  const store = openStore(config);
  const points: StoredPoint[] = [];
  try {
    for (let fromMs = 1; ; fromMs = points.at(-1)!.atMs + 1) {
      const range = { fromMs, toMs: Date.UTC(2100, 0, 1), limit: 5_000 };
      const found = await store.points({ measurement, tags: tagsOf(measurement, meter), ...range });
      if (found.outcome !== 'found') throw new Error(found.reason);
      points.push(...found.value);
      if (found.value.length < 5_000) return points;
    }
  } finally {
    await store.close();
  }
}
const tagsOf = (measurement: MeasurementName, meter: string): Record<string, string> =>
  ['site', 'device', 'alert'].includes(measurement) ? {} : { meter };

export const whOf = (points: readonly StoredPoint[]): number =>
  points.reduce((sum, { fields }) => sum + Number(fields['importWh']), 0);

/** Local hours of days with what each uses, as portals write them. */
export function hours(
  from: string,
  to: string,
  row: (clock: string, i: number) => string,
): string[] {
  const [fromMs, toMs] = [from, to].map((day) => calendar.dayNamed(day)!.startMs);
  const lines: string[] = [];
  for (let ms = fromMs!; ms < toMs!; ms += HOUR_MS) {
    const minutes = calendar.minuteOfDay(ms);
    const [year, month, day] = calendar.dayOf(ms).name.split('-');
    const clock = `${String(Math.floor(minutes / 60)).padStart(2, '0')}:00`;
    lines.push(row(`${day}-${month}-${year} ${clock}`, lines.length));
  }
  return lines;
}
export const usedWh = (i: number): number => 150 + ((i * 7919) % 1_000);
export const portal = (from: string, to: string): string[] => [
  'Datum en tijd;Afname (kWh);Teruglevering (kWh)',
  ...hours(
    from,
    to,
    (clock, i) => `${clock};${(usedWh(i) / 1e3).toFixed(3).replace('.', ',')};0,000`,
  ),
];

export const roundedCost = (fields: StoredPoint['fields'], price: number): number =>
  Math.round(Number(fields['importWh']) * price * 1e3) / 1e6;
