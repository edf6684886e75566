import { expect, test } from '@jest/globals';
import { readEntsoe } from './entsoe-prices.js';

interface PeriodGiven {
  readonly start: string;
  readonly end: string;
  readonly resolution: string;
  readonly points: readonly (readonly [position: number, price: number])[];
}

/** As the parser gives it: all values are text, one element is no list. */
const document = (periods: readonly PeriodGiven[], series: Record<string, string> = {}) => ({
  Publication_MarketDocument: {
    TimeSeries: periods.map(({ start, end, resolution, points }) => ({
      'currency_Unit.name': 'EUR',
      'price_Measure_Unit.name': 'MWH',
      curveType: 'A03',
      ...series,
      Period: {
        timeInterval: { start, end },
        resolution,
        Point: points.map(([position, price]) => ({
          position: String(position),
          'price.amount': String(price),
        })),
      },
    })),
  },
});

const everyPoint = (count: number) =>
  Array.from({ length: count }, (_, i) => [i + 1, 50 + i / 10] as const);

const slotsOf = (tree: unknown) => {
  const read = readEntsoe(tree, 'EUR');
  if (!read.ok) throw new Error(read.message);
  return read.slots;
};

test.each([
  ['the day the clock goes forward', '2026-03-28T23:00Z', '2026-03-29T22:00Z', 92],
  ['the day the clock goes back', '2026-10-24T22:00Z', '2026-10-25T23:00Z', 100],
])('%s has its own number of quarter-hours', (_, start, end, count) => {
  const points = everyPoint(count);
  const slots = slotsOf(document([{ start, end, resolution: 'PT15M', points }]));
  expect(slots).toHaveLength(count);
  expect(slots[0]).toEqual({
    startMs: Date.parse(start),
    endMs: Date.parse(start) + 900_000,
    price: 0.05,
  });
  expect(slots.at(-1)!.endMs).toBe(Date.parse(end));
});

test('a position that is left out has the price before it, to the end of the interval', () => {
  const slots = slotsOf(
    document([
      {
        start: '2026-01-10T23:00Z',
        end: '2026-01-11T05:00Z',
        resolution: 'PT60M',
        points: [
          [1, 80],
          [2, -12.5],
          [5, 40],
        ],
      },
    ]),
  );
  expect(slots.map(({ price }) => price)).toEqual([0.08, -0.0125, -0.0125, -0.0125, 0.04, 0.04]);
});

test('half-hours are read, and quarter-hours win over hours of the same time', () => {
  const [start, end] = ['2026-01-10T23:00Z', '2026-01-11T00:00Z'];
  const slots = slotsOf(
    document([
      { start, end, resolution: 'PT60M', points: [[1, 100]] },
      { start, end, resolution: 'PT15M', points: everyPoint(4) },
      { start: end, end: '2026-01-11T01:00Z', resolution: 'PT30M', points: everyPoint(2) },
    ]),
  );
  expect(slots.map(({ startMs, endMs }) => (endMs - startMs) / 60_000)).toEqual([
    15, 15, 15, 15, 30, 30,
  ]);
});

test.each([
  ['an answer without series', document([]), 'no time series'],
  [
    'a refusal of the platform',
    { Acknowledgement_MarketDocument: { Reason: { code: '999', text: 'No matching data found' } } },
    'No matching data found',
  ],
  [
    'a price that is none',
    document([
      {
        start: '2026-01-10T23:00Z',
        end: '2026-01-11T00:00Z',
        resolution: 'PT60M',
        points: [[1, NaN]],
      },
    ]),
    '"NaN" is no price',
  ],
  [
    'a position outside of the interval',
    document([
      {
        start: '2026-01-10T23:00Z',
        end: '2026-01-11T00:00Z',
        resolution: 'PT60M',
        points: [[2, 10]],
      },
    ]),
    'position 2 lies outside of 1 to 1',
  ],
  [
    'złoty where euro are expected',
    document(
      [
        {
          start: '2026-01-10T23:00Z',
          end: '2026-01-11T00:00Z',
          resolution: 'PT60M',
          points: [[1, 10]],
        },
      ],
      { 'currency_Unit.name': 'PLN' },
    ),
    'prices are in PLN',
  ],
])('%s is told', (_, tree, message) => {
  const read = readEntsoe(tree, 'EUR');
  expect(read.ok ? '' : read.message).toContain(message);
});
