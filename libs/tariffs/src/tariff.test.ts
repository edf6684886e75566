import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createCalendar } from './calendar.js';
import { addCosts, costOfDay, costOfSlot, noCost, Tariff, totalMicro } from './tariff.js';

const calendar = createCalendar('Europe/Brussels');
const noon = Date.parse('2026-03-29T12:00+02:00');

const tariffOf = (components: readonly object[], vat = 0): Tariff =>
  Tariff.parse({ name: 'test', currency: 'EUR', vat, components });

const slot = (energyImportWh: number, energyExportWh = 0, startMs = noon) => ({
  startMs,
  energyImportWh,
  energyExportWh,
});

const buy = { id: 'energy', kind: 'flat', direction: 'import', pricePerKWh: 0.3 };
const sell = { id: 'feed-in', kind: 'flat', direction: 'export', pricePerKWh: 0.05 };

describe('a flat price', () => {
  test('costs energy times price, import and export apart', () => {
    expect(costOfSlot(tariffOf([buy, sell]), slot(1000, 400), calendar)).toEqual({
      importMicro: 300_000,
      exportMicro: -20_000,
      fixedMicro: 0,
    });
  });

  test('bills import and export gross: the net billing case of 1.60', () => {
    // energy.md §2.1: import [2,1,3], export [0,4,0] kWh, buy 0.30, sell 0.05.
    const tariff = tariffOf([buy, sell]);
    const slots = [slot(2000, 0), slot(1000, 4000), slot(3000, 0)];
    const cost = slots.map((s) => costOfSlot(tariff, s, calendar)).reduce(addCosts, noCost);
    expect(totalMicro(cost)).toBe(1_600_000);
  });

  test('keeps all seven decimals of a network tariff', () => {
    // energy.md §2.3: Antwerp, 0.0505027 EUR/kWh.
    const tariff = tariffOf([{ ...buy, pricePerKWh: 0.0505027 }]);
    expect(costOfSlot(tariff, slot(10_000), calendar).importMicro).toBe(505_027);
  });

  test('stays negative where the price is', () => {
    const tariff = tariffOf([{ ...buy, pricePerKWh: -0.0125 }], 0.06);
    expect(costOfSlot(tariff, slot(1000), calendar).importMicro).toBe(-13_250);
  });
});

describe('VAT', () => {
  test('is the tariff’s unless the component states its own', () => {
    const tariff = tariffOf([{ ...buy }, { ...sell, vat: 0 }], 0.21);
    expect(costOfSlot(tariff, slot(1000, 1000), calendar)).toEqual({
      importMicro: 363_000,
      exportMicro: -50_000,
      fixedMicro: 0,
    });
  });
});

describe('a fixed charge', () => {
  const sumOfDays = (tariff: Tariff, from: string, to: string): number => {
    let cost = noCost;
    for (let ms = Date.parse(from); ms < Date.parse(to); ms = calendar.dayOf(ms).endMs) {
      cost = addCosts(cost, costOfDay(tariff, calendar.dayOf(ms), calendar));
    }
    return cost.fixedMicro;
  };

  test('per year adds up to the amount over 365 and over 366 days', () => {
    // energy.md §2.3: data management 17.85 EUR a year.
    const tariff = tariffOf([{ id: 'data', kind: 'fixed', per: 'year', amount: 17.85 }]);
    expect(sumOfDays(tariff, '2026-01-01T00:00+01:00', '2027-01-01T00:00+01:00')).toBe(17_850_000);
    expect(sumOfDays(tariff, '2028-01-01T00:00+01:00', '2029-01-01T00:00+01:00')).toBe(17_850_000);
  });

  test('per month adds up over a month with a change of the clock', () => {
    const tariff = tariffOf([{ id: 'base', kind: 'fixed', per: 'month', amount: 10 }]);
    expect(sumOfDays(tariff, '2026-03-01T00:00+01:00', '2026-04-01T00:00+02:00')).toBe(10_000_000);
  });

  test('per day is the same on a day of 23 hours', () => {
    const tariff = tariffOf([{ id: 'base', kind: 'fixed', per: 'day', amount: 0.4 }], 0.21);
    expect(costOfDay(tariff, calendar.dayOf(noon), calendar).fixedMicro).toBe(484_000);
  });
});

test('a component counts from its first day to before the day named as its end', () => {
  const tariff = tariffOf([
    { ...buy, id: 'old', validTo: '2026-03-29' },
    { ...buy, id: 'new', pricePerKWh: 0.4, validFrom: '2026-03-29' },
  ]);
  const costAt = (iso: string): number =>
    costOfSlot(tariff, slot(1000, 0, Date.parse(iso)), calendar).importMicro;
  expect(costAt('2026-03-28T23:45+01:00')).toBe(300_000);
  expect(costAt('2026-03-29T00:00+01:00')).toBe(400_000);
});

test('a tariff with an unknown component is refused', () => {
  const result = Tariff.safeParse({ name: 'x', currency: 'EUR', components: [{ kind: 'magic' }] });
  expect(result.success).toBe(false);
});

test('a credit is rounded as the charge of the same size', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 20_000 }),
      fc.integer({ min: 0, max: 9e8 }),
      (wh, nano) => {
        const pricePerKWh = nano / 1e9;
        const tariff = tariffOf([
          { ...buy, pricePerKWh },
          { ...sell, pricePerKWh },
        ]);
        expect(totalMicro(costOfSlot(tariff, slot(wh, wh), calendar))).toBe(0);
      },
    ),
  );
});
