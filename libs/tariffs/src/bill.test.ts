import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { amounts, around, calendar, reckoned, tariffOf, usageOf } from '../test/reckoned.js';
import { billOf, type Bill } from './bill.js';
import type { Slot } from './component.js';
import { toNumber } from './exact.js';
import { createSpotPrices } from './spot-prices.js';
import { SLOT_MS } from './usage.js';

const buy = { id: 'energy', kind: 'flat', direction: 'import', pricePerKWh: 0.3 };
const sell = { id: 'feed-in', kind: 'flat', direction: 'export', pricePerKWh: 0.05 };

describe('net metering', () => {
  const startMs = Date.parse('2026-03-10T12:00+01:00');
  const slots = [
    [2000, 0],
    [1000, 4000],
    [3000, 0],
  ].map(([energyImportWh = 0, energyExportWh = 0], i) => ({
    startMs: startMs + i * SLOT_MS,
    energyImportWh,
    energyExportWh,
  }));

  // energy.md §2.1: import [2,1,3], export [0,4,0] kWh, buy 0.30, sell 0.05.
  test.each([
    ['year', 0.6],
    ['month', 0.6],
    ['interval', 1.35],
    ['none', 1.6],
  ])('within a %s costs %d', (netting, total) => {
    const bill = reckoned(
      tariffOf([buy, sell], { netting }),
      usageOf('2026-03-10', '2026-03-11', slots),
    );
    expect(amounts(bill)['total']).toBe(total);
  });

  test('leaves what counts before it alone', () => {
    const levy = { ...buy, id: 'levy', pricePerKWh: 0.1, beforeNetting: true };
    const bill = reckoned(
      tariffOf([buy, levy], { netting: 'year' }),
      usageOf('2026-03-10', '2026-03-11', slots),
    );
    expect(amounts(bill)).toEqual({ energy: 0.6, levy: 0.6, total: 1.2 });
  });

  test('never makes energy, whatever is set off', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(5000), fc.nat(5000)), { minLength: 1, maxLength: 50 }),
        (energies) => {
          const own = energies.map(([energyImportWh, energyExportWh], i) => ({
            startMs: startMs + i * SLOT_MS,
            energyImportWh,
            energyExportWh,
          }));
          const imported = energies.reduce((sum, [wh]) => sum + wh, 0);
          const exported = energies.reduce((sum, [, wh]) => sum + wh, 0);
          const price = { ...buy, pricePerKWh: 1000 };
          const bill = reckoned(
            tariffOf([price, { ...sell, pricePerKWh: 1000 }], { netting: 'year' }),
            usageOf('2026-03-10', '2026-03-12', own),
          );
          expect(amounts(bill)['total']).toBe(imported - exported);
        },
      ),
    );
  });
});

describe('VAT and rounding', () => {
  test('the total is that of the exact amounts, and the lines add up to it', () => {
    const components = [1, 2, 3].map((i) => ({ ...buy, id: `part-${i}`, pricePerKWh: 0.004 }));
    const bill = reckoned(
      tariffOf(components, { vat: 0.21 }),
      usageOf('2026-03-10', '2026-03-11', 1000),
    );
    // 3 · 0.004 · 1.21 = 0.01452; the lines as written are 0.00 each.
    expect(amounts(bill)).toEqual({ rounding: 0.01, total: 0.01 });
  });

  test('a line with a rule of its own is rounded before VAT', () => {
    const bill = reckoned(
      tariffOf([{ ...buy, rounding: 'cent-floor', pricePerKWh: 0.1999 }], { vat: 0.1 }),
      usageOf('2026-03-10', '2026-03-11', 1000),
    );
    expect(amounts(bill)).toEqual({ energy: 0.19, 'vat-10': 0.02, total: 0.21 });
  });

  test('each rate has its line', () => {
    const bill = reckoned(
      tariffOf([buy, { ...buy, id: 'grid', vat: 0.055 }], { vat: 0.2 }),
      usageOf('2026-03-10', '2026-03-11', 10_000),
    );
    expect(amounts(bill)).toMatchObject({ 'vat-20': 0.6, 'vat-5.5': 0.17 });
  });
});

describe('a price that changes within the period', () => {
  const change = '2026-03-16';
  const tariff = tariffOf([
    { ...buy, pricePerKWh: 0.2, validTo: change },
    { ...buy, pricePerKWh: 0.4, validFrom: change },
    { id: 'fee', kind: 'fixed', per: 'month', amount: 31, validTo: change },
    { id: 'fee', kind: 'fixed', per: 'month', amount: 62, validFrom: change },
  ]);

  test('counts from its first day, and days share the fee of the month', () => {
    const bill = reckoned(tariff, usageOf('2026-03-01', '2026-04-01', 743_000));
    // 15 of 31 days; the month has 743 hours, 360 of them before the change.
    expect(amounts(bill)).toMatchObject({ energy: 72 + 153.2, fee: 15 + 32 });
  });

  test('splitting the period there prices nothing anew', () => {
    fc.assert(
      fc.property(fc.nat(2_000_000), (importWh) => {
        const whole = usageOf('2026-03-01', '2026-04-01', importWh);
        const [before, after] = [
          usageOf('2026-03-01', change, whole.slots),
          usageOf(change, '2026-04-01', whole.slots),
        ].map((usage) => reckoned(tariff, usage));
        const sum = toNumber(before!.total) + toNumber(after!.total);
        expect(Math.abs(toNumber(reckoned(tariff, whole).total) - sum)).toBeLessThan(0.011);
      }),
      { numRuns: 20 },
    );
  });

  test('what comes later changes no bill of the past', () => {
    const usage = usageOf('2026-02-01', '2026-03-01', 300_000);
    const newer = tariffOf([
      ...tariff.components,
      { ...buy, id: 'new-levy', validFrom: '2026-04-01' },
    ]);
    expect(amounts(reckoned(newer, usage))).toEqual(amounts(reckoned(tariff, usage)));
  });
});

describe('a dynamic price', () => {
  const startMs = Date.parse('2026-03-10T12:00+01:00');
  const dynamic = { id: 'energy', kind: 'dynamic', direction: 'import', slotMin: 60 };
  const oneHour = [0, 1, 2, 3].map((i) => ({
    startMs: startMs + i * SLOT_MS,
    energyImportWh: 1000,
    energyExportWh: 0,
  }));
  const quarters = [0.1, 0.2, 0.3, -0.2].map((price, i) => ({
    startMs: startMs + i * SLOT_MS,
    endMs: startMs + (i + 1) * SLOT_MS,
    price,
  }));

  test('of the hour is the mean of finer prices', () => {
    const prices = createSpotPrices(quarters);
    const bill = (slotMin: number): Bill =>
      reckoned(
        tariffOf([{ ...dynamic, slotMin, factor: 1.1, base: 0.01 }]),
        usageOf('2026-03-10', '2026-03-11', [oneHour[3]!]),
        { ...around, prices },
      );
    expect(amounts(bill(60))['total']).toBe(0.12);
    expect(amounts(bill(15))['total']).toBe(-0.21);
  });

  test('that is missing is the mean of seven days, and the bill is provisional', () => {
    const before = [1, 2, 3].flatMap((days) =>
      quarters.map((slot) => ({
        startMs: slot.startMs - days * 86_400_000,
        endMs: slot.endMs - days * 86_400_000,
        price: days / 10,
      })),
    );
    const bill = reckoned(tariffOf([dynamic]), usageOf('2026-03-10', '2026-03-11', oneHour), {
      ...around,
      prices: createSpotPrices(before),
    });
    expect(bill.provisional).toBe(true);
    expect(amounts(bill)['total']).toBe(0.8);
  });

  test('that nothing stands for is a fault', () => {
    expect(
      billOf(tariffOf([dynamic]), usageOf('2026-03-10', '2026-03-11', oneHour), around),
    ).toEqual({ fault: 'no-price', id: 'energy', atMs: startMs });
  });
});

test('a day that the tariff does not cover is a fault', () => {
  const tariff = tariffOf([buy], { validFrom: '2026-02-01', validTo: '2026-03-01' });
  const fault = (from: string, to: string): unknown => billOf(tariff, usageOf(from, to, 1), around);
  expect(fault('2026-01-31', '2026-02-02')).toEqual({ fault: 'not-covered', day: '2026-01-31' });
  expect(fault('2026-02-27', '2026-03-02')).toEqual({ fault: 'not-covered', day: '2026-03-01' });
});

test('neither the order of the slots nor that of the components matters to the total', () => {
  const tou = {
    id: 'tou',
    kind: 'tou',
    direction: 'import',
    rules: [{ from: '22:00', to: '07:00', pricePerKWh: 0.1 }, { pricePerKWh: 0.25 }],
  };
  const tiered = {
    id: 'tiered',
    kind: 'tiered',
    direction: 'import',
    boundsPer: 'month',
    bounds: [100],
    prices: [0.1, 0.2],
  };
  const capacity = { id: 'capacity', kind: 'capacity', per: 'month', pricePerKW: 3, floorKW: 1 };
  const components = [buy, sell, tou, tiered, capacity];
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(2000), fc.nat(2000)), { minLength: 300, maxLength: 300 }),
      fc.infiniteStream(fc.nat(10_000)),
      (energies, keys) => {
        const startMs = calendar.dayNamed('2026-03-27')!.startMs;
        const slots = energies.map(([energyImportWh, energyExportWh], i) => ({
          startMs: startMs + i * SLOT_MS,
          energyImportWh,
          energyExportWh,
        }));
        const shuffled = slots
          .map((slot) => ({ slot, key: keys.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ slot }) => slot);
        const bill = (own: readonly Slot[], list: readonly object[]): Record<string, number> =>
          amounts(
            reckoned(tariffOf(list, { netting: 'hour' }), usageOf('2026-03-27', '2026-03-31', own)),
          );
        const expected = bill(slots, components);
        expect(bill(shuffled, components)).toEqual(expected);
        expect(bill(slots, components.toReversed())['total']).toBe(expected['total']);
        const { total = 0, ...lines } = expected;
        expect(Object.values(lines).reduce((a, b) => a + b, 0)).toBeCloseTo(total, 9);
      },
    ),
    { numRuns: 25 },
  );
});
