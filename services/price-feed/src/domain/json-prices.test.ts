import { expect, test } from '@jest/globals';
import { readJsonPrices } from './json-prices.js';

const at = (iso: string): number => Date.parse(iso);
const first = { startMs: at('2026-03-28T22:00Z'), endMs: at('2026-03-28T23:00Z'), price: 0.12 };

test.each([
  [
    'slots as on the bus',
    { slots: [{ start: '2026-03-28T22:00:00Z', end: '2026-03-28T23:00:00Z', price: 0.12 }] },
    1,
  ],
  [
    'a bare list',
    [{ start: '2026-03-28T23:00:00+01:00', end: '2026-03-29T00:00:00+01:00', value: 0.12 }],
    1,
  ],
  [
    'milliseconds and euro per MWh',
    {
      data: [
        {
          start_timestamp: first.startMs,
          end_timestamp: first.endMs,
          marketprice: 120,
          unit: 'Eur/MWh',
        },
      ],
    },
    1_000,
  ],
  [
    'pence',
    {
      results: [
        { valid_from: '2026-03-28T22:00:00Z', valid_to: '2026-03-28T23:00:00Z', value_exc_vat: 12 },
      ],
    },
    100,
  ],
  ['columns', { unix_seconds: [first.startMs / 1_000], price: [120] }, 1_000],
  [
    'today and tomorrow',
    { result: { today: [{ startsAt: '2026-03-28T23:00:00+01:00', total: 0.12 }], tomorrow: [] } },
    1,
  ],
])('%s are read', (_, answer, divideBy) => {
  expect(readJsonPrices(answer, divideBy)).toEqual({ ok: true, slots: [first] });
});

test('a slot without an end lasts until the next one', () => {
  const prices = [0, 15, 30].map((minute, i) => ({
    start: new Date(first.startMs + minute * 60_000).toISOString(),
    price: i,
  }));
  const read = readJsonPrices({ prices: prices.reverse() }, 1);
  const minutes = read.ok ? read.slots.map(({ startMs, endMs }) => (endMs - startMs) / 60_000) : [];
  expect(minutes).toEqual([15, 15, 15]);
});

test.each([
  ['a page without prices', { error: 'quota' }, 'no list of prices'],
  [
    'a time without its zone',
    [{ start: '2026-03-28T22:00:00', price: 1 }],
    'no time with its zone',
  ],
  ['a price that is none', [{ start: '2026-03-28T22:00:00Z', price: 'n/a' }], 'no price in'],
  [
    'two prices for one time',
    [
      { start: 0, price: 1 },
      { start: 0, price: 2 },
    ],
    'two prices from',
  ],
  ['an end before the start', [{ start: 3_600, end: 0, price: 1 }], 'ends before it begins'],
])('%s is told', (_, answer, message) => {
  const read = readJsonPrices(answer, 1);
  expect(read.ok ? '' : read.message).toContain(message);
});
