import { expect, test } from '@jest/globals';
import { totalMicro } from '@wattbus/tariffs';
import { analyse, readingAt, site } from '../../test/readings.js';
import type { AnalysisState } from '../analysis.js';
import { loadAnalysis } from '../saved-state.js';
import type { BilledMeter } from './cost-state.js';
import { costOfClosedDay, costSoFar } from './cost.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Two kilowatts in, one out, from an instant on. */
const house = (from: string, hours: number) =>
  Array.from({ length: hours * 12 + 1 }, (_, i) =>
    readingAt(Date.parse(from) + i * 5 * MINUTE_MS, {
      energyImportWh: Math.round((2000 * i * 5 * MINUTE_MS) / HOUR_MS),
      energyExportWh: Math.round((1000 * i * 5 * MINUTE_MS) / HOUR_MS),
    }),
  );

const billed = ({ cost, ledger, demand }: AnalysisState): BilledMeter => ({
  cost: cost!,
  ledger,
  peaks: demand!.peaks,
});

test('today and the month cost their energy and the fixed charges of their days', () => {
  const { state } = analyse(house('2026-06-09T22:00:00Z', 10));
  const { today, month } = costSoFar(billed(state), site)!;
  expect(today).toEqual({ importMicro: 6_000_000, exportMicro: -500_000, fixedMicro: 400_000 });
  expect(month).toEqual({ importMicro: 6_000_000, exportMicro: -500_000, fixedMicro: 4_000_000 });
});

test('the open quarter-hour is part of the cost', () => {
  const { state } = analyse(house('2026-06-09T22:00:00Z', 1).slice(0, 3));
  const { today } = costSoFar(billed(state), site)!;
  expect(today.importMicro).toBeCloseTo((333 * 0.3 * 1e6) / 1000, 6);
});

test('a closed day has its whole cost and the next one begins with its fixed charge', () => {
  const { state } = analyse(house('2026-06-09T22:00:00Z', 24));
  const closed = costOfClosedDay(billed(state), state.ledger.closedDay!, site);
  expect(closed?.cost).toEqual({
    importMicro: 14_400_000,
    exportMicro: -1_200_000,
    fixedMicro: 400_000,
  });
  const { today } = costSoFar(billed(state), site)!;
  expect(totalMicro(today)).toBe(400_000);
});

test('a month begins anew, whatever gap lies before it', () => {
  const { state } = analyse([
    ...house('2026-06-29T22:00:00Z', 1),
    readingAt(Date.parse('2026-07-01T22:00:00Z'), { energyImportWh: 50_000, energyExportWh: 1000 }),
  ]);
  const { month } = costSoFar(billed(state), site)!;
  expect(month.fixedMicro).toBe(800_000);
  expect(state.ledger.books?.month.name).toBe('2026-07');
  expect(month.importMicro).toBeLessThan(50_000 * 300);
});

test('a state of another version is refused with the reason', () => {
  const { state } = analyse(house('2026-06-09T22:00:00Z', 1));
  const { calendar } = site;
  expect(loadAnalysis(JSON.parse(JSON.stringify(state)), calendar)).toEqual(state);
  expect(loadAnalysis({ ...state, v: 4 }, calendar)).toEqual({
    fault: 'the saved state has version 4, known is 3',
  });
  expect(loadAnalysis({}, calendar)).toHaveProperty('fault');
});
