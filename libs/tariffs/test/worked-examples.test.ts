import { describe, expect, test } from '@jest/globals';
import type { Slot } from '../src/component.js';
import { toNumber } from '../src/exact.js';
import { SLOT_MS } from '../src/usage.js';
import { reckoned, tariffOf, usageOf } from './reckoned.js';

describe('worked examples of suppliers', () => {
  const hourOf = (iso: string, kWh: number): Slot[] =>
    [0, 1, 2, 3].map((quarter) => ({
      startMs: Date.parse(iso) + quarter * SLOT_MS,
      energyImportWh: kWh * 250,
      energyExportWh: 0,
    }));

  // Sollentuna Energi & Miljö (seom.se, priser och villkor): the mean of the three highest hours of
  // working days from 7 to 19; 5.7 kW are 317.78 kronor in summer and 635.55 in winter, with VAT.
  test.each([
    ['2026-06-01', '2026-07-01', '2026-06-', 317.78],
    ['2026-01-01', '2026-02-01', '2026-01-', 635.55],
  ])('Swedish power fee, from %s', (from, to, month, fee) => {
    const rule = {
      ...{ id: 'power', kind: 'capacity', per: 'month', intervalMin: 60, highest: 3 },
      weights: [
        { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '07:00', to: '19:00', weight: 1 },
        { weight: 0 },
      ],
    };
    const summer = { ...rule, pricePerKW: 55.75, months: [4, 5, 6, 7, 8, 9, 10] };
    const winter = { ...rule, pricePerKW: 111.5, months: [11, 12, 1, 2, 3] };
    const offset = month === '2026-06-' ? '+02:00' : '+01:00';
    const hour = (day: number, clock: string, kWh: number): Slot[] =>
      hourOf(`${month}${day}T${clock}${offset}`, kWh);
    // 6.0, 5.6 and 5.5 kW count; those of a night and of a Saturday do not.
    const saturday = month === '2026-06-' ? 20 : 17;
    const slots = [
      ...[...hour(15, '12:00', 6), ...hour(15, '14:00', 5.6), ...hour(16, '08:00', 5.5)],
      ...[...hour(16, '03:00', 11), ...hour(saturday, '12:00', 9)],
    ];
    const bill = reckoned(tariffOf([summer, winter]), usageOf(from, to, slots));
    expect(toNumber(bill.total)).toBe(fee);
  });

  // SCE’s FAQ of TOU-D with a baseline of 500 kWh and a credit of 10 cents: $50 of 750 kWh, $25 of 250.
  test.each([
    [750_000, -50],
    [250_000, -25],
  ])('Californian baseline credit of %i Wh', (importWh, credit) => {
    const rule = { id: 'credit', kind: 'tiered', direction: 'import', boundsPer: 'month' };
    const tariff = tariffOf([{ ...rule, bounds: [500], prices: [-0.1, 0] }]);
    const bill = reckoned(tariff, usageOf('2026-06-01', '2026-07-01', importWh));
    expect(toNumber(bill.total)).toBe(credit);
  });
});
