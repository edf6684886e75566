import { expect, test } from '@jest/globals';
import type { Reading } from '@wattbus/energy-model';
import { analyse, readingAt } from '../../test/readings.js';
import { amountsSoFar, type LedgerResult } from './ledger.js';

const startMs = Date.parse('2026-06-01T10:00:00Z');
const reading = (second: number, energyImportWh: number, meterId?: string): Reading => ({
  ...readingAt(startMs + second * 1_000, { energyImportWh }),
  ...(meterId === undefined ? {} : { meterId }),
});
const exchangesIn = (results: readonly LedgerResult[]): LedgerResult[] =>
  results.filter((result) => result.kind === 'register-event');

test.each([
  ['a lower', 7],
  ['a much higher', 90_000_000],
  ['nearly the same', 5_000_101],
])('another serial number goes on at once, from %s register', (_, first) => {
  const { state, results } = analyse([
    reading(0, 5_000_000, 'A'),
    reading(10, 5_000_100, 'A'),
    reading(20, first, 'B'),
    reading(30, first + 50, 'B'),
  ]);
  expect(amountsSoFar(state.ledger, state.ledger.books!.day)).toEqual({ importWh: 150 });
  expect(state.ledger.unassigned).toEqual({});
  expect(exchangesIn(results)).toEqual([
    {
      kind: 'register-event',
      register: 'importWh',
      event: 'meter-exchange',
      atMs: startMs + 20_000,
      from: 5_000_100,
      to: first,
    },
  ]);
});

test('a reading without a number, and one of the old meter that comes late, exchange nothing', () => {
  const { state, results } = analyse([
    reading(0, 5_000_000),
    reading(10, 5_000_010, 'A'),
    reading(20, 5_000_020),
    reading(30, 40, 'B'),
    reading(25, 5_000_030, 'A'),
    reading(40, 60, 'B'),
  ]);
  expect(exchangesIn(results)).toHaveLength(1);
  expect(amountsSoFar(state.ledger, state.ledger.books!.day)).toEqual({ importWh: 40 });
});
