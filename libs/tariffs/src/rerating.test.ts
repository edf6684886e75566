import { expect, test } from '@jest/globals';
import { createCalendar } from './calendar.js';
import { ordinaryDays } from './day-types.js';
import { rateSlots, rerate, RERATED_DAYS_MAX, type RatedDays } from './rerating.js';
import { createSpotPrices, noPrices, type PriceSlot, type SpotPrices } from './spot-prices.js';
import { Tariff } from './tariff.js';

const calendar = createCalendar('Europe/Brussels');
const dynamic = Tariff.parse({
  name: 'spot',
  currency: 'EUR',
  components: [{ id: 'energy', kind: 'dynamic', direction: 'import', slotMin: 15 }],
});
const around = (prices: SpotPrices) => ({ calendar, prices, dayTypes: ordinaryDays });
const noon = Date.parse('2026-03-10T12:00+01:00');
const DAY_MS = 86_400_000;
const slotAt = (startMs: number, energyImportWh = 1000) => ({
  startMs,
  energyImportWh,
  energyExportWh: 0,
});
const priceAt = (startMs: number, price: number): PriceSlot => ({
  startMs,
  endMs: startMs + 900_000,
  price,
});

test('a price that comes late replaces the likely one, and the day is certain', () => {
  const early = createSpotPrices([priceAt(noon - DAY_MS, 0.2)]);
  const days = rateSlots([], [slotAt(noon)], dynamic, around(early));
  expect(days).toMatchObject([{ provisional: true, cost: { importMicro: 200_000 } }]);
  const late = createSpotPrices([priceAt(noon - DAY_MS, 0.2), priceAt(noon, 0.5)]);
  const { changed } = rerate(days, dynamic, around(late));
  expect(changed).toMatchObject([
    { name: '2026-03-10', provisional: false, cost: { importMicro: 500_000 } },
  ]);
});

test('without any price the energy costs nothing yet', () => {
  const days = rateSlots([], [slotAt(noon)], dynamic, around(noPrices));
  expect(days).toMatchObject([{ provisional: true, cost: { importMicro: 0 } }]);
});

test('nothing changes where no price did', () => {
  const prices = createSpotPrices([priceAt(noon, 0.5)]);
  const days = rateSlots([], [slotAt(noon)], dynamic, around(prices));
  expect(rerate(days, dynamic, around(prices)).changed).toEqual([]);
});

test('a slot that comes again counts once', () => {
  const prices = createSpotPrices([priceAt(noon, 0.5)]);
  const once = rateSlots([], [slotAt(noon, 400)], dynamic, around(prices));
  const again = rateSlots(once, [slotAt(noon, 1000)], dynamic, around(prices));
  expect(again).toMatchObject([{ cost: { importMicro: 500_000 } }]);
});

test('forty days are kept, in less than 200 kB of JSON', () => {
  let days: RatedDays = [];
  const prices = createSpotPrices([]);
  for (let i = 0; i < 45; i += 1) {
    const quarters = Array.from({ length: 96 }, (_, q) =>
      slotAt(noon + i * DAY_MS + (q - 48) * 900_000, 1234),
    );
    days = rateSlots(days, quarters, dynamic, around(prices));
  }
  expect(days).toHaveLength(RERATED_DAYS_MAX);
  expect(JSON.stringify(days).length).toBeLessThan(200_000);
});
