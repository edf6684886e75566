import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import type { Reading } from '@wattbus/energy-model';
import {
  allHolidaysOf,
  billOf,
  chooseTariff,
  createCalendar,
  createSpotPrices,
  exactBill,
  minus,
  namesOf,
  readTariffFile,
  summedUsage,
  toNumber,
  totalMicro,
  type Bill,
  type ChosenTariff,
  type DayTypes,
  type LocalSpan,
  type PriceSlot,
  type Slot,
  type TariffFile,
} from '@wattbus/tariffs';
import { parse } from 'yaml';
import { initialAnalysis, nextAnalysis, type AnalysisState } from '../src/analysis.js';
import { billSoFar } from '../src/cost/bill-so-far.js';
import type { BilledMeter, CostState, Site } from '../src/cost/cost-state.js';
import { costOfClosedDay, nextCost, priceCost } from '../src/cost/cost.js';
import { openBill } from '../src/cost/open-bill.js';
import { initialLedger } from '../src/ledger/ledger.js';
import { readingAt } from './readings.js';

const folder = fileURLToPath(new URL('../../../config/tariffs/', import.meta.url));
const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;

const files: readonly TariffFile[] = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => {
    const read = readTariffFile(parse(readFileSync(`${folder}${name}`, 'utf8'), { merge: true }));
    if (!read.ok) throw new Error(JSON.stringify(read.faults));
    return read.file;
  });
const names = files.flatMap((file) => namesOf(file).map((name) => [name, file] as const));

interface Home {
  readonly site: Site;
  readonly chosen: ChosenTariff;
  readonly dayTypes: DayTypes;
}

async function homeOf(name: string, file: TariffFile, billingDay: number): Promise<Home> {
  const choice = chooseTariff(file, name, {});
  if (!choice.ok) throw new Error(JSON.stringify(choice.faults));
  const { chosen } = choice;
  const holidays =
    chosen.holidays && 'country' in chosen.holidays
      ? await allHolidaysOf(chosen.holidays.country)
      : new Set<string>();
  const dayTypes = { holidays, lists: chosen.lists };
  const calendar = createCalendar(chosen.zone, billingDay);
  return {
    site: { calendar, plan: [{ tariff: chosen.tariff, dayTypes }] },
    chosen,
    dayTypes,
  };
}

/** Reproducible use: a night, an evening, some sun at noon; no two quarter-hours alike. */
function use(startMs: number, seed: number): Slot {
  const hour = (startMs / 3_600_000) % 24;
  const noise = Math.imul((startMs / QUARTER_MS) ^ (seed * 2_654_435), 2_246_822_519) >>> 22;
  const sun = hour > 9 && hour < 14 && noise % 3 === 0;
  return {
    startMs,
    energyImportWh: sun ? 0 : 40 + (noise % 400) + (hour > 16 && hour < 20 ? 500 : 0),
    energyExportWh: sun ? noise % 700 : 0,
  };
}

const slotsFrom = (fromMs: number, toMs: number, seed: number): Slot[] =>
  Array.from({ length: (toMs - fromMs) / QUARTER_MS }, (_, i) =>
    use(fromMs + i * QUARTER_MS, seed),
  );

/** Readings at the edges of the quarter-hours. */
function readingsOf(slots: readonly Slot[]): Reading[] {
  let [energyImportWh, energyExportWh] = [1_000_000, 50_000];
  const first = readingAt(slots[0]!.startMs, { energyImportWh, energyExportWh });
  return [
    first,
    ...slots.map((slot) => {
      energyImportWh += slot.energyImportWh;
      energyExportWh += slot.energyExportWh;
      return readingAt(slot.startMs + QUARTER_MS, { energyImportWh, energyExportWh });
    }),
  ];
}

/** A market with a night, an evening and some hours below zero. */
function pricesFrom(fromMs: number, toMs: number): PriceSlot[] {
  return Array.from({ length: (toMs - fromMs) / 3_600_000 }, (_, i) => {
    const startMs = fromMs + i * 3_600_000;
    const price = Math.round((0.09 + 0.11 * Math.sin(startMs / 9e6)) * 1e5) / 1e5;
    return { startMs, endMs: startMs + 3_600_000, price };
  });
}

/** The cost state after some quarter-hours and prices. */
function costOf(slots: readonly Slot[], prices: readonly PriceSlot[], site: Site): CostState {
  const results = slots.map(({ startMs, energyImportWh, energyExportWh }) => ({
    kind: 'quarter' as const,
    quarter: {
      startMs,
      amounts: { importWh: energyImportWh, exportWh: energyExportWh },
      quality: 'measured' as const,
    },
  }));
  const cost = nextCost(null, results, site);
  return priceCost(cost, 'import', prices, slots.at(-1)!.startMs + QUARTER_MS).state;
}

const billed = (cost: CostState): BilledMeter => ({ cost, ledger: initialLedger, peaks: [] });

const written = (bill: Bill | { fault: string }): unknown =>
  'fault' in bill
    ? bill
    : [...bill.lines.map(({ id, amount }) => [id, toNumber(amount)]), toNumber(bill.total)];

const cases = names.map(([name, file], i) => ({
  name,
  file,
  billingDay: i % 2 === 0 ? 15 : 1,
  first: i % 2 === 0 ? '2026-03-17' : '2026-06-12',
}));

test.each(cases)(
  'the closed bill of $name is that of its quarter-hours',
  async ({ name, file, first, billingDay }) => {
    const { site, chosen, dayTypes } = await homeOf(name, file, billingDay);
    const { calendar } = site;
    const period = calendar.billingPeriodOf(calendar.dayNamed(first)!.startMs);
    const fromMs = calendar.monthOf(period.startMs).startMs;
    const slots = slotsFrom(fromMs, period.endMs + DAY_MS, billingDay);
    const prices = pricesFrom(fromMs - 8 * DAY_MS, period.endMs + DAY_MS);
    const cost = costOf(slots, prices, site);
    const open = { ...period, planned: site.plan[0]! };
    const closed = openBill(billed(cost), open, period.endMs, calendar)([]);
    const within = slots.filter(
      ({ startMs }) => startMs >= period.startMs && startMs < period.endMs,
    );
    const before = slots.filter(({ startMs }) => startMs < period.startMs);
    const expected = billOf(
      chosen.tariff,
      { startMs: period.startMs, endMs: period.endMs, slots: within, demand: { slots: before } },
      { calendar, dayTypes, prices: createSpotPrices(prices) },
    );
    expect(written(closed)).toEqual(written(expected));
    expect('fault' in closed ? closed : toNumber(closed.total)).not.toBe(0);
    // Summed up first, or added afterwards, a quarter-hour costs the same.
    const half = within.slice(0, 1_000);
    const later = within.slice(1_000);
    const grown = openBill(billed(cost), open, half.at(-1)!.startMs + QUARTER_MS, calendar)(later);
    const energy = (bill: Bill | { fault: string }) =>
      'fault' in bill ? bill : [bill.groups.import, bill.groups.export].map(toNumber);
    expect(energy(grown)).toEqual(energy(expected));
    expect(JSON.stringify(cost).length).toBeLessThan(80_000);
  },
);

test.each(cases)(
  'one more watt-hour of $name costs what the bill grows by',
  async ({ name, file, first, billingDay }) => {
    const { site, chosen, dayTypes } = await homeOf(name, file, billingDay);
    const { calendar } = site;
    const { startMs, endMs } = calendar.billingPeriodOf(calendar.dayNamed(first)!.startMs);
    const slots = slotsFrom(startMs, startMs + 12 * DAY_MS, billingDay);
    const prices = createSpotPrices(pricesFrom(startMs - 8 * DAY_MS, endMs));
    const around = { calendar, dayTypes, prices };
    const usage = summedUsage(chosen.tariff, { startMs, endMs, slots }, around);
    const bill = exactBill(chosen.tariff, usage, around);
    const probe = (startAtMs: number, importWh: number, exportWh: number): number => {
      const more = { startMs: startAtMs, energyImportWh: importWh, energyExportWh: exportWh };
      return toNumber(minus(bill.total([more])!, bill.total([])!)) * 1_000;
    };
    for (const hour of [0, 5, 8, 13, 18, 23]) {
      const atMs = startMs + 14 * DAY_MS + hour * 3_600_000;
      expect(bill.priceAt('import', atMs)).toBeCloseTo(probe(atMs, 1, 0), 4);
      expect(bill.priceAt('export', atMs)).toBeCloseTo(probe(atMs, 0, 1), 4);
    }
  },
);

test('the bill so far is that of the whole period with what was used', async () => {
  const [name, file] = names.find(([one]) => one === 'kepco-residential-low-voltage')!;
  const { site, chosen, dayTypes } = await homeOf(name, file, 1);
  const { calendar } = site;
  const { startMs, endMs } = calendar.monthOf(calendar.dayNamed('2026-05-10')!.startMs);
  const slots = slotsFrom(startMs, startMs + 5 * DAY_MS, 7);
  let state = initialAnalysis;
  for (const reading of readingsOf(slots)) state = nextAnalysis(state, reading, site).state;
  const { cost, demand, consumption } = state;
  const meter = { cost: cost!, peaks: demand!.peaks, dayEnergy: consumption!.dayEnergy };
  const soFar = billSoFar(meter, startMs + 5 * DAY_MS, site)!;
  const around = { calendar, dayTypes, prices: createSpotPrices([]) };
  const whole = billOf(chosen.tariff, { startMs, endMs, slots }, around);
  expect(written(soFar.soFar)).toEqual(written(whole));
  const { p10, p50, p90 } = soFar.forecast!;
  expect(p10.total).toBeLessThan(p50.total);
  expect(p50.total).toBeLessThan(p90.total);
  // 5 days of 27 kWh and more: the month ends in the third block, whatever is used now.
  expect(soFar.prices).toHaveLength(1);
  expect(soFar.prices[0]!.pricePerKWh).toBeCloseTo((307.3 + 9 + 5) * (1 + 0.1 + 0.027), 6);
  expect(soFar.nextBlock).toMatchObject({ fromWh: 200_000 });
  expect(soFar.nextBlock!.pricePerKWh).toBeCloseTo((214.6 + 9 + 5) * 1.127, 6);
  expect(soFar.nextBlock!.jump).toBeCloseTo((1_600 - 910) * 1.127, 6);
  expect(calendar.dayOf(soFar.nextBlock!.reachedAtMs!).name).toMatch(/^2026-05-0[678]$/);
});

test('the days of a bill add up to it, and a price that is late changes only its own', async () => {
  const [name, file] = names.find(([one]) => one === 'uk-agile')!;
  const { site } = await homeOf(name, file, 1);
  const { calendar } = site;
  const month = calendar.monthOf(calendar.dayNamed('2026-03-10')!.startMs);
  const slots = slotsFrom(month.startMs, month.endMs, 3);
  const all = pricesFrom(month.startMs - 8 * DAY_MS, month.endMs);
  const lateMs = calendar.dayNamed('2026-03-12')!.startMs;
  const early = all.filter(({ startMs }) => startMs < lateMs || startMs >= lateMs + DAY_MS);
  const before = costOf(slots, early, site);
  const days: LocalSpan[] = [];
  for (let ms = month.startMs; ms < month.endMs; ms = calendar.dayOf(ms).endMs) {
    days.push(calendar.dayOf(ms));
  }
  const costs = (cost: CostState) => days.map((day) => costOfClosedDay(billed(cost), day, site)!);
  const missing = costs(before);
  const priced = priceCost(before, 'import', all, month.endMs);
  const known = costs(priced.state);
  expect(priced.changed).toEqual({ fromMs: lateMs, toMs: lateMs + DAY_MS });
  // Lines are rounded on the bill, so a later day may differ by what a rounding gives or takes.
  const isOther = (_: unknown, i: number): boolean =>
    Math.abs(totalMicro(known[i]!.cost) - totalMicro(missing[i]!.cost)) > 20_000;
  expect(days.filter(isOther).map((day) => day.name)).toEqual(['2026-03-12']);
  expect(missing.flatMap(({ provisional }, i) => (provisional ? [i] : []))).toEqual([11]);
  expect(known.some(({ provisional }) => provisional)).toBe(false);
  const period = { ...month, planned: site.plan[0]! };
  const bill = openBill(billed(priced.state), period, month.endMs, calendar)([]);
  if ('fault' in bill) throw new Error(bill.fault);
  const sum = known.reduce((micro, { cost }) => micro + totalMicro(cost), 0);
  expect(Math.round(sum / 10_000) / 100).toBe(toNumber(bill.total));
});

test('the same readings and prices give the same bytes, whichever came first', async () => {
  const [name, file] = names.find(([one]) => one === 'uk-agile')!;
  const { site } = await homeOf(name, file, 1);
  const { startMs } = site.calendar.dayNamed('2026-03-10')!;
  const readings = readingsOf(slotsFrom(startMs, startMs + DAY_MS, 5));
  const prices = pricesFrom(startMs - DAY_MS, startMs + 2 * DAY_MS);
  const run = (pricedAfter: number): string => {
    let state = initialAnalysis;
    readings.forEach((reading, i) => {
      state = JSON.parse(JSON.stringify(nextAnalysis(state, reading, site).state)) as AnalysisState;
      if (i !== pricedAfter) return;
      const atMs = Date.parse(reading.at);
      state = { ...state, cost: priceCost(state.cost!, 'import', prices, atMs).state };
    });
    return JSON.stringify(state);
  };
  const [first, ...others] = [0, 40, readings.length - 1].map(run);
  expect(others).toEqual([first, first]);
});
