import { describe, expect, test } from '@jest/globals';
import {
  chooseTariff,
  namesOf,
  tariffJsonSchema,
  tariffsMarkdown,
  type Slot,
} from '../src/index.js';
import { amountsOf, parsedFiles, shippedBill, shippedFiles } from './shipped-tariffs.js';

const names = shippedFiles.flatMap(namesOf);

test('every name is there once, and the named countries are covered', () => {
  expect(new Set(names).size).toBe(names.length);
  const countries = new Set(shippedFiles.map(({ country }) => country));
  expect([...countries].sort()).toEqual(
    ['BE', 'DE', 'FR', 'GB', 'IT', 'KR', 'NL', 'NO', 'SE', 'US'].sort(),
  );
});

test.each(names)('%s can be chosen as it is, and its lines add up', async (name) => {
  const bill = await shippedBill(name, {
    from: '2026-03-10',
    to: '2026-05-10',
    importWh: 700_123,
    exportWh: 50_001,
    ...(usesSpot(name) ? { set: { spotPerKWh: 0.09 } } : {}),
  });
  const { total = 0, ...lines } = amountsOf(bill);
  const sum = Object.values(lines).reduce((a, b) => a + b, 0);
  expect(sum).toBeCloseTo(total, 6);
  expect(total).toBeGreaterThan(0);
});

const usesSpot = (name: string): boolean => {
  const file = shippedFiles.find((one) => namesOf(one).includes(name));
  return file !== undefined && 'spotPerKWh' in file.inputs;
};

test.each([...parsedFiles.keys()])('%s says where each version comes from', (name) => {
  const { versions } = parsedFiles.get(name) as { versions: { source: string }[] };
  for (const { source } of versions) expect(source.length).toBeGreaterThan(20);
});

test('every choice of every input gives a tariff', () => {
  for (const file of shippedFiles) {
    for (const [name, input] of Object.entries(file.inputs)) {
      for (const choice of input.type === 'choice' ? input.choices : []) {
        expect(chooseTariff(file, file.name, { [name]: choice })).toMatchObject({ ok: true });
      }
    }
  }
});

test('the page of the tariffs names them all, and the schema is one of JSON', () => {
  const page = tariffsMarkdown(shippedFiles);
  for (const name of names) expect(page).toContain(`\`${name}\``);
  expect(tariffJsonSchema()).toMatchObject({ type: 'object', required: expect.any(Array) });
});

const hour = (iso: string, energyImportWh: number): Slot[] =>
  [0, 1, 2, 3].map((quarter) => ({
    startMs: Date.parse(iso) + quarter * 900_000,
    energyImportWh: energyImportWh / 4,
    energyExportWh: 0,
  }));

describe('rules of single countries', () => {
  test('a red Tempo day lasts until 06:00 of the next', async () => {
    const bill = await shippedBill('france-tempo', {
      from: '2026-02-10',
      to: '2026-02-12',
      set: { red: '2026-02-10', subscriptionPerMonth: 0 },
      slots: [
        ...hour('2026-02-10T05:00+01:00', 1000),
        ...hour('2026-02-10T06:00+01:00', 1000),
        ...hour('2026-02-11T05:00+01:00', 1000),
        ...hour('2026-02-11T06:00+01:00', 1000),
      ],
    });
    // Blue night, red day, red night, blue day.
    expect(amountsOf(bill)['total']).toBe(Number((0.1325 + 0.706 + 0.1575 + 0.1612).toFixed(2)));
  });

  test('§14a module 3 prices the evening hours of winter quarters', async () => {
    const at = async (iso: string): Promise<number | undefined> => {
      const bill = await shippedBill('germany-module-3', {
        from: iso.slice(0, 10),
        to: `${iso.slice(0, 8)}${Number(iso.slice(8, 10)) + 1}`,
        slots: hour(iso, 1_000_000),
      });
      return amountsOf(bill)['grid'];
    };
    expect(await at('2026-01-20T17:00+01:00')).toBe(108.4);
    expect(await at('2026-01-20T02:00+01:00')).toBe(34.5);
    expect(await at('2026-01-20T12:00+01:00')).toBe(86.2);
    expect(await at('2026-07-20T17:00+02:00')).toBe(86.2);
  });

  test('Elvia’s step goes by the mean of the highest hours of three days', async () => {
    const capacity = async (peaks: readonly number[]): Promise<number | undefined> => {
      const bill = await shippedBill('norway-elvia', {
        from: '2026-03-01',
        to: '2026-04-01',
        set: { spotPerKWh: 0.5 },
        slots: peaks.flatMap((wh, i) => hour(`2026-03-${10 + i}T18:00+01:00`, wh)),
      });
      return amountsOf(bill)['capacity'];
    };
    expect(await capacity([4000, 5000, 5900])).toBe(152);
    expect(await capacity([4000, 5000, 6000])).toBe(240);
    expect(await capacity([4000, 5000, 6000, 3000, 2000])).toBe(240);
  });

  test('Ellevio counts an hour of the night half', async () => {
    const bill = await shippedBill('sweden-ellevio', {
      from: '2026-03-01',
      to: '2026-04-01',
      set: { spotPerKWh: 0.5 },
      slots: [
        ...hour('2026-03-10T23:00+01:00', 8000),
        ...hour('2026-03-10T12:00+01:00', 5000),
        ...hour('2026-03-11T12:00+01:00', 3000),
        ...hour('2026-03-12T12:00+01:00', 1000),
      ],
    });
    // 5 kW on the 10th, as its 8 kW at night are 4.
    expect(amountsOf(bill)['capacity']).toBe(195);
  });

  test('Agile adds 12 p from 16:00 to 19:00 and never exceeds the cap', async () => {
    const energy = async (iso: string, spotPerKWh: number): Promise<number | undefined> => {
      const bill = await shippedBill('uk-agile', {
        from: '2026-03-10',
        to: '2026-03-11',
        set: { spotPerKWh },
        slots: hour(iso, 1_000_000),
      });
      return amountsOf(bill)['energy'];
    };
    expect(await energy('2026-03-10T12:00Z', 0.1)).toBe(220);
    expect(await energy('2026-03-10T16:00Z', 0.1)).toBe(340);
    expect(await energy('2026-03-10T16:00Z', 0.9)).toBe(952.4);
    expect(await energy('2026-03-10T03:00Z', -0.02)).toBe(-44);
  });

  test('Italian holidays are F23, and power is billed as contracted', async () => {
    const energy = async (day: string): Promise<number | undefined> => {
      const bill = await shippedBill('italy', {
        from: day,
        to: day.replace(/\d\d$/, (text) => String(Number(text) + 1).padStart(2, '0')),
        slots: hour(`${day}T12:00+02:00`, 1_000_000),
      });
      return amountsOf(bill)['energy'];
    };
    expect(await energy('2026-06-01')).toBe(146.7);
    expect(await energy('2026-06-02')).toBe(133);
    const whole = { from: '2026-01-01', to: '2027-01-01', importWh: 2_000_000 };
    const bill = await shippedBill('italy', { ...whole, set: { contractedKW: 4.5 } });
    expect(amountsOf(bill)['transport-power']).toBe(99.9);
  });

  // Acquirente Unico, stima della spesa annua, December 2023: totals with and without taxes of homes
  // that take the same in each month. What they differ by beyond 10 % VAT is the excise and its VAT.
  test.each([
    ['resident', 1_500, 489.03, 537.93],
    ['resident', 2_200, 651.63, 726.78],
    ['resident', 2_700, 767.77, 868.52],
    ['resident', 3_200, 883.92, 1_021.25],
    ['full', 1_200, 450.12, 525.1],
    ['full', 2_700, 798.55, 945.83],
    ['full', 7_500, 1_913.53, 2_292.15],
  ])('Italian excise, %s, on %i kWh a year', async (excise, kWh, withoutTaxes, withTaxes) => {
    const year = { from: '2026-01-01', to: '2027-01-01', importWh: kWh * 1_000 };
    const lines = amountsOf(await shippedBill('italy', { ...year, set: { excise } }));
    const expected = withTaxes / 1.1 - withoutTaxes;
    expect(Math.abs((lines['excise'] ?? 0) - expected)).toBeLessThanOrEqual(0.011);
  });

  // Ofgem’s cap for a typical home with 2,700 kWh of electricity and 11,500 of gas: £1,641 a year by
  // the prices of April to June 2026, £1,568 by those of July to September 2024 (ageuk.org.uk).
  test.each([
    [0.2467, 0.5721, 0.0574 * 11_500 + 0.2909 * 365, 1_641],
    [0.2236, 0.6012, 0.0548 * 11_500 + 0.3141 * 365, 1_568],
  ])('British price cap: %d a kWh, %d a day', async (pricePerKWh, standingPerDay, gas, both) => {
    const year = { from: '2026-04-01', to: '2027-04-01', importWh: 2_700_000 };
    const set = { pricePerKWh, standingPerDay };
    const { total = 0 } = amountsOf(await shippedBill('uk-single-rate', { ...year, set }));
    expect(Math.round(total + gas)).toBe(both);
  });

  test('a Dutch home that feeds in as much as it takes pays no energy tax', async () => {
    const whole = { from: '2026-01-01', to: '2027-01-01', importWh: 3e6, exportWh: 3e6 };
    const netted = await shippedBill('netherlands-fixed', whole);
    expect(amountsOf(netted)).not.toHaveProperty('energy-tax');
    const billed = await shippedBill('netherlands-fixed', { ...whole, set: { netting: 'none' } });
    expect(amountsOf(billed)).toMatchObject({ 'energy-tax': 274.8, 'feed-in': -150 });
  });

  // Meijburg, Pro Memorie 2024, 14.6.2: tax and reduction by year; 9 % VAT in the second half of
  // 2022. The 30 days from 15 June have 16 in the first half.
  test.each([
    ['2022-06-15', '2022-07-15', { 'energy-tax': 9.2, ode: 7.63, 'vat-21': 3.24, 'vat-9': 1.21 }],
    ['2023-01-01', '2024-01-01', { 'energy-tax': 31.5, 'tax-reduction': -493.27 }],
    ['2024-01-01', '2025-01-01', { 'energy-tax': 27.2, 'tax-reduction': -521.78 }],
    ['2025-01-01', '2026-01-01', { 'energy-tax': 25.39, 'tax-reduction': -524.95 }],
  ])('a Dutch bill from %s has the taxes of its time', async (from, to, expected) => {
    const bill = await shippedBill('netherlands-fixed', { from, to, importWh: 250_000 });
    expect(amountsOf(bill)).toMatchObject(expected);
  });

  test('American blocks rise in summer, fall in winter, and a bill has a minimum', async () => {
    const bill = async (from: string, to: string, importWh: number): Promise<object> =>
      amountsOf(await shippedBill('us-tiered', { from, to, importWh }));
    expect(await bill('2026-06-01', '2026-07-01', 1_200_000)).toMatchObject({ energy: 140 });
    expect(await bill('2026-01-01', '2026-02-01', 1_200_000)).toMatchObject({ energy: 126.5 });
    expect(await bill('2026-01-01', '2026-02-01', 0)).toMatchObject({ minimum: 2, total: 18 });
  });
});
