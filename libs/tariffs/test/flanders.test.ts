import { describe, expect, test } from '@jest/globals';
import type { Slot } from '../src/index.js';
import { amountsOf, shippedBill } from './shipped-tariffs.js';

const year = { from: '2026-01-01', to: '2027-01-01' };

/** energy.md §2.3: peaks in kW of the months of a year. */
const peaksKW = [0.632, 4.6, 0, 1.028, 3.444, 4.164, 4.564, 6.0, 9.2, 5.0, 4.12, 4.88];
const monthOf = (i: number): string => `2026-${String(i + 1).padStart(2, '0')}`;
const peaksW = Object.fromEntries(
  peaksKW.map((kW, i): [string, number] => [monthOf(i), Math.round(kW * 1000)]),
);

const vat = (net: number): number => Math.round(net * 1.06 * 100) / 100;

describe('the capacity tariff', () => {
  test('bills the mean of twelve peaks of at least 2.5 kW: 4.456 kW, 233.33 incl.', async () => {
    const bill = await shippedBill('flanders-antwerpen', { ...year, peaksW });
    const { capacity } = amountsOf(bill);
    expect(capacity).toBe(220.13);
    expect(vat(4.456 * 49.4)).toBe(233.33);
    // No energy, so that only this, the data management and VAT are due.
    const net = 4.456 * 49.4 + 17.85;
    expect(amountsOf(bill)['maximum-tariff']).toBe(-96.63);
    expect(amountsOf(bill)['total']).toBe(vat(net - 220.1264 + 123.5));
  });

  test('lifts only the mean where the switch says so', async () => {
    const bill = await shippedBill('flanders-antwerpen', {
      ...year,
      peaksW,
      set: { floor: 'mean' },
    });
    const mean = peaksKW.reduce((sum, kW) => sum + kW, 0) / 12;
    expect(amountsOf(bill)['capacity']).toBe(Math.round(mean * 4940) / 100);
  });

  test('costs 4.36 more in a year for one more kW in one month', async () => {
    const usage = { ...year, importWh: 3_500_000 };
    const more = { ...peaksW, '2026-09': 10_200 };
    const a = amountsOf(await shippedBill('flanders-antwerpen', { ...usage, peaksW }));
    const b = amountsOf(await shippedBill('flanders-antwerpen', { ...usage, peaksW: more }));
    expect(((b['total'] ?? 0) - (a['total'] ?? 0)).toFixed(2)).toBe('4.36');
  });

  test('of one month is a twelfth of the year’s, whatever its days', async () => {
    const bill = await shippedBill('flanders-antwerpen', {
      from: '2026-02-01',
      to: '2026-03-01',
      importWh: 300_000,
      peaksW: { '2026-02': 4000 },
    });
    expect(amountsOf(bill)['capacity']).toBe(Math.round((4 * 4940) / 12) / 100);
  });

  test('takes the highest quarter-hour of each month, also of those before the bill', async () => {
    const slot = (iso: string, energyImportWh: number): Slot => ({
      startMs: Date.parse(iso),
      energyImportWh,
      energyExportWh: 0,
    });
    const bill = await shippedBill('flanders-antwerpen', {
      from: '2026-02-01',
      to: '2026-03-01',
      slots: [slot('2026-02-10T18:00+01:00', 1500), slot('2026-02-10T18:15+01:00', 1000)],
      before: [slot('2026-01-10T18:00+01:00', 1000)],
    });
    // 6 kW in February and 4 kW in January.
    expect(amountsOf(bill)['capacity']).toBe(Math.round((5 * 4940) / 12) / 100);
  });

  test('is 2.5 kW for an analogue meter', async () => {
    const set = { meter: 'analogue' };
    const bill = await shippedBill('flanders-west', { ...year, importWh: 2_000_000, peaksW, set });
    expect(amountsOf(bill)['capacity']).toBe(142.75);
  });
});

describe('the maximum tariff', () => {
  const imewo = async (importWh: number): Promise<number> => {
    const amounts = amountsOf(
      await shippedBill('flanders-imewo', {
        ...year,
        importWh,
        peaksW: Object.fromEntries(peaksKW.map((_, i) => [monthOf(i), 6000])),
      }),
    );
    const { capacity = 0, distribution = 0 } = amounts;
    return Math.round((capacity + distribution + (amounts['maximum-tariff'] ?? 0)) * 100) / 100;
  };

  // energy.md §2.3.
  test.each([
    ['caps 356.57 at 196.57', 600_000, 196.57],
    ['leaves the minimum of 135.50', 300_000, 135.5],
    ['leaves a larger use alone', 3_500_000, 508.2],
  ] as const)('%s', async (_, importWh, net) => {
    expect(await imewo(importWh)).toBe(net);
  });
});

test.each([
  ['antwerpen', 49.4, 0.0505027],
  ['halle-vilvoorde', 56.04, 0.053177],
  ['imewo', 54.2, 0.0522864],
  ['kempen', 56.21, 0.0597838],
  ['limburg', 49.05, 0.0542695],
  ['midden-vlaanderen', 50.12, 0.0498061],
  ['west', 57.1, 0.0631937],
  ['zenne-dijle', 56.12, 0.0553921],
] as const)('%s has its rates of 2026', async (area, perKW, perKWh) => {
  const bill = await shippedBill(`flanders-${area}`, {
    ...year,
    importWh: 3_500_000,
    peaksW: Object.fromEntries(peaksKW.map((_, i) => [monthOf(i), 4000])),
  });
  const cent = (amount: number): number => Number(amount.toFixed(2));
  const grid = 4 * perKW + 3500 * perKWh;
  const levies = 3500 * (0.011 + 0.00392 + 0.0019261 + 0.04748);
  expect(amountsOf(bill)).toMatchObject({
    capacity: cent(4 * perKW),
    distribution: cent(3500 * perKWh),
    'data-management': 17.85,
    total: cent((grid + 17.85 + levies) * 1.06),
  });
});

describe('a dynamic price', () => {
  // energy.md §2.1: 85 and −12.5 €/MWh · 1.02 + 4 €/MWh, with the levies of Antwerp in 2026.
  test.each([
    [85, 0.2055288, 0.217861],
    [-12.5, 0.1060788, 0.112444],
  ])('of %d €/MWh is %d without and %d with VAT', async (spot, net, gross) => {
    const startMs = Date.parse('2026-02-10T12:00+01:00');
    const bill = await shippedBill('flanders-antwerpen-dynamic', {
      from: '2026-02-10',
      to: '2026-02-11',
      slots: [{ startMs, energyImportWh: 1_000_000_000, energyExportWh: 0 }],
      prices: [{ startMs, endMs: startMs + 900_000, price: spot / 1000 }],
      peaksW: { '2026-02': 0 },
    });
    const { total = 0, capacity = 0, ...lines } = amountsOf(bill);
    const fixed = capacity + (lines['data-management'] ?? 0);
    expect((total - fixed * 1.06) / 1e6).toBeCloseTo(gross, 6);
    expect(gross).toBeCloseTo(net * 1.06, 6);
  });
});
