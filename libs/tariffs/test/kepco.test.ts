import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { amountsOf, shippedBill } from './shipped-tariffs.js';

const low = 'kepco-residential-low-voltage';
const high = 'kepco-residential-high-voltage';

describe('bills that KEPCO wrote', () => {
  test('June 2026, high voltage, 406 kWh, three children: a real bill of KEPCO ON', async () => {
    const bill = await shippedBill(high, {
      from: '2026-06-01',
      to: '2026-07-01',
      importWh: 406_000,
      set: { family: 'large' },
    });
    expect(amountsOf(bill)).toEqual({
      base: 6060,
      energy: 57_253,
      climate: 3654,
      fuel: 2030,
      family: -16_000,
      vat: 5300,
      fund: 1430,
      rounding: -7,
      total: 59_720,
    });
  });

  test('July 2026, high voltage, 573 kWh, discount given: a real bill of KEPCO ON', async () => {
    const bill = await shippedBill(high, {
      from: '2026-07-01',
      to: '2026-08-01',
      importWh: 573_000,
      set: { discount: 16_000 },
    });
    expect(amountsOf(bill)).toEqual({
      base: 6060,
      energy: 87_402,
      climate: 5157,
      fuel: 2865,
      discount: -16_000,
      vat: 8548,
      fund: 2300,
      rounding: -2,
      total: 96_330,
    });
  });

  test('August 2023, low voltage, 333 kWh: the figure that KEPCO gave to Yonhap', async () => {
    const bill = await shippedBill(low, {
      from: '2023-08-01',
      to: '2023-09-01',
      importWh: 333_000,
    });
    expect(amountsOf(bill)).toMatchObject({
      base: 1600,
      energy: 43_081,
      climate: 2997,
      fuel: 1665,
      vat: 4934,
      fund: 1820,
      total: 56_090,
    });
  });

  test('11 March to 10 April 2022, 350 kWh: KEPCO’s example of weighting by days', async () => {
    const bill = await shippedBill(low, {
      from: '2022-03-11',
      to: '2022-04-11',
      importWh: 350_000,
    });
    expect(amountsOf(bill)).toMatchObject({ energy: 45_648, climate: 2080 });
  });
});

describe('the low-voltage table', () => {
  // energy.md §2.2: the subtotal of 300 kWh is published, the others are computed from the table.
  const bills = [
    ['300 kWh in October', '2026-10', 300, 45_460, 5126, 1380, 57_760],
    ['200 kWh, the end of the first block', '2026-10', 200, 24_000, 2771, 740, 31_220],
    ['201 kWh, one more', '2026-10', 201, 24_214, 2863, 770, 32_260],
    ['400 kWh, the end of the second block', '2026-10', 400, 66_920, 7412, 2000, 83_530],
    ['401 kWh, one more, 6,780 won', '2026-10', 401, 67_227, 8014, 2160, 90_310],
    ['450 kWh in August, the second block is wider', '2026-08', 450, 68_190, 7609, 2050, 85_740],
    ['451 kWh in August', '2026-08', 451, 68_497, 8211, 2210, 92_530],
    ['500 kWh in July', '2026-07', 500, 83_555, 9786, 2640, 110_280],
    ['1,100 kWh in January, super user', '2026-01', 1100, 324_920, 34_762, 9380, 391_760],
  ] as const;

  test.each(bills)('%s', async (...row) => {
    const [, month, kWh, energy, vat, fund, total] = row;
    const next = String(Number(month.slice(5)) + 1).padStart(2, '0');
    const bill = await shippedBill(low, {
      from: `${month}-01`,
      to: `2026-${next}-01`,
      importWh: kWh * 1000,
    });
    expect(amountsOf(bill)).toMatchObject({ energy, vat, fund, total });
  });

  test('asks nobody for the super-user price in October', async () => {
    const bill = await shippedBill(low, {
      from: '2026-10-01',
      to: '2026-11-01',
      importWh: 1_100_000,
    });
    expect(amountsOf(bill)['energy']).toBe(24_000 + 42_920 + 700 * 307.3);
  });
});

describe('a period that spans two seasons', () => {
  const span = { from: '2026-06-15', to: '2026-07-15', importWh: 450_000 };

  test('is weighted by its days', async () => {
    // 16 days of 82,285 won and 14 of 68,190; base 7,300 and 1,600.
    const bill = await shippedBill(low, span);
    expect(amountsOf(bill)).toMatchObject({ base: 4640, energy: 75_707 });
  });

  test('may round the kWh of each block, as other calculators do', async () => {
    const bill = await shippedBill(low, { ...span, set: { blocks: 'whole' } });
    expect(amountsOf(bill)['energy']).toBe(75_614);
  });

  test('gives each part its share of a discount’s limit', async () => {
    // A veteran's limit is 16,000 in May and 20,000 in June: 17/31 and 14/31 of them.
    const bill = await shippedBill(low, {
      from: '2026-05-15',
      to: '2026-06-15',
      importWh: 300_000,
      set: { welfare: 'veteran' },
    });
    expect(amountsOf(bill)['welfare']).toBe(-Math.floor((16_000 * 17 + 20_000 * 14) / 31));
  });

  test('weights the fund where its rate changes', async () => {
    const bill = await shippedBill(low, {
      from: '2025-06-16',
      to: '2025-07-16',
      importWh: 300_000,
    });
    const { base = 0, energy = 0, climate = 0, fuel = 0, fund } = amountsOf(bill);
    const subtotal = base + energy + climate + fuel;
    expect(fund).toBe(Math.floor((subtotal * (0.032 + 0.027)) / 2 / 10) * 10);
  });
});

describe('discounts', () => {
  const month = { from: '2026-10-01', to: '2026-11-01', importWh: 300_000 };

  test('of a large family are 30 % up to 16,000 won', async () => {
    const small = await shippedBill(low, { ...month, importWh: 250_000, set: { family: 'large' } });
    // (1,600 + 34,730 + 2,250 + 1,250) · 0.3
    expect(amountsOf(small)['family']).toBe(-11_949);
    const large = await shippedBill(low, { ...month, importWh: 400_000, set: { family: 'large' } });
    expect(amountsOf(large)['family']).toBe(-16_000);
  });

  test('of welfare and family: only the larger for veterans', async () => {
    const set = { welfare: 'veteran', family: 'large' };
    const bill = await shippedBill(low, { ...month, set });
    expect(amountsOf(bill)).toMatchObject({ welfare: -16_000 });
    expect(amountsOf(bill)).not.toHaveProperty('family');
    const supported = await shippedBill(low, {
      ...month,
      importWh: 400_000,
      set: { welfare: 'veteran', family: 'life-support' },
    });
    expect(amountsOf(supported)['family']).toBe(-22_236);
    expect(amountsOf(supported)).not.toHaveProperty('welfare');
  });

  test('of welfare and family: one after the other for the near-poor', async () => {
    const set = { welfare: 'near-poor', family: 'large' };
    const bill = await shippedBill(low, { ...month, set });
    // 51,260 − 8,000 = 43,260, of which 30 %.
    expect(amountsOf(bill)).toMatchObject({ welfare: -8000, family: -12_978 });
  });

  test('never make a bill negative', async () => {
    const set = { discount: 1_000_000 };
    const bill = await shippedBill(low, { ...month, importWh: 10_000, set });
    expect(amountsOf(bill)['total']).toBe(0);
  });
});

test('the register is read in whole kWh, and what is left counts at the next reading', async () => {
  const part = await shippedBill(low, { from: '2026-10-01', to: '2026-11-01', importWh: 300_999 });
  expect(amountsOf(part)['total']).toBe(57_760);
  const both = await shippedBill(low, { from: '2026-10-01', to: '2026-12-01', importWh: 601_001 });
  expect(amountsOf(both)['climate']).toBe(9 * 601);
});

test('a longer time is one bill a month, from any day', async () => {
  const parts = [
    ['2026-03-11', '2026-04-11'],
    ['2026-04-11', '2026-05-11'],
    ['2026-05-11', '2026-06-11'],
  ] as const;
  const importWh = 92 * 96 * 100;
  const whole = await shippedBill(low, { from: '2026-03-11', to: '2026-06-11', importWh });
  let sum = 0;
  for (const [from, to] of parts) {
    const days = (Date.parse(to) - Date.parse(from)) / 86_400_000;
    const bill = await shippedBill(low, { from, to, importWh: days * 96 * 100 });
    sum += amountsOf(bill)['total'] ?? 0;
  }
  // Whole kWh are read at the end of each month, so a kWh may fall into the next bill.
  expect(Math.abs((amountsOf(whole)['total'] ?? 0) - sum)).toBeLessThanOrEqual(500);
});

test('the lines of any bill add up to its total, in whole 10 won', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 1500 }),
      fc.integer({ min: 1, max: 28 }),
      fc.integer({ min: 1, max: 11 }),
      fc.constantFrom(low, high),
      async (kWh, day, month, name) => {
        const date = (m: number): string =>
          `2026-${String(m).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
        const bill = await shippedBill(name, {
          from: date(month),
          to: date(month + 1),
          importWh: kWh * 1000,
        });
        const { total = 0, ...lines } = amountsOf(bill);
        expect(Object.values(lines).reduce((a, b) => a + b, 0)).toBe(total);
        expect(total % 10).toBe(0);
      },
    ),
    { numRuns: 60 },
  );
});
