import { expect, test } from '@jest/globals';
import type { Reading } from '@wattbus/energy-model';
import fc from 'fast-check';
import { createCalendar } from '@wattbus/tariffs';
import { analyse, readingAt, site } from '../../test/readings.js';
import { initialAnalysis, type AnalysisState } from '../analysis.js';
import type { AmountName } from './limits.js';
import type { PeriodName } from './periods.js';

// The evening before the clock goes forward in Brussels, so that runs cross days and the change.
const START_MS = Date.parse('2026-03-28T21:50:00Z');

/** Steps of time and energy as meters make them, with some gaps and some impossible jumps. */
const step = fc.record({
  elapsedMs: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 1, max: 60 }).map((s) => s * 1000) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 7_200 }).map((s) => s * 1000) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 72 }).map((h) => h * 3_600_000) },
  ),
  importShare: fc.double({ min: 0, max: 1, noNaN: true }),
  exportShare: fc.double({ min: 0, max: 1, noNaN: true }),
  jumpWh: fc.oneof(
    { weight: 20, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 10_000_000, max: 20_000_000 }) },
  ),
});

/** Periods that begin with the last day of a month, whichever that is. */
const billed = { ...site, calendar: createCalendar('Europe/Brussels', 31) };

const POWER_W_MAX = 50_000;

/** Readings of a meter whose registers never fall. The last ones settle every doubt. */
function readingsOf(steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[]) {
  let atMs = START_MS;
  let energyImportWh = 3_000_000;
  let energyExportWh = 500_000;
  const readings = [readingAt(atMs, { energyImportWh, energyExportWh, powerW: 0 })];
  for (const { elapsedMs, importShare, exportShare, jumpWh } of steps) {
    atMs += elapsedMs;
    const mostWh = (POWER_W_MAX * elapsedMs) / 3_600_000;
    energyImportWh += Math.floor(importShare * mostWh) + jumpWh;
    energyExportWh += Math.floor(exportShare * mostWh);
    const powerW = Math.round((importShare - exportShare) * POWER_W_MAX);
    readings.push(readingAt(atMs, { energyImportWh, energyExportWh, powerW }));
  }
  for (let i = 0; i < 3; i += 1) {
    atMs += 1000;
    readings.push(readingAt(atMs, { energyImportWh, energyExportWh, powerW: 0 }));
  }
  return readings;
}

const runs = fc.array(step, { minLength: 1, maxLength: 60 }).map(readingsOf);

type Totals = Record<'quarters' | 'day' | PeriodName, number>;

/** What was closed and what is open, and what is unassigned. */
function totalsOf(readings: readonly Reading[], name: AmountName): Totals {
  const { state, results } = analyse(readings, initialAnalysis, billed);
  const { open, books, unassigned } = state.ledger;
  const openWh = open.reduce((sum, { amounts }) => sum + (amounts[name] ?? 0), 0);
  const rest = openWh + (unassigned[name] ?? 0);
  const openIn = (span: 'day' | PeriodName): number => rest + (books![span].amounts[name] ?? 0);
  const totals: Totals = {
    quarters: rest,
    day: openIn('day'),
    week: openIn('week'),
    month: openIn('month'),
    billing: openIn('billing'),
    year: openIn('year'),
  };
  for (const result of results) {
    if (result.kind === 'quarter') totals.quarters += result.quarter.amounts[name] ?? 0;
    if (result.kind === 'day') totals.day += result.day.amounts[name] ?? 0;
    if (result.kind === 'period') totals[result.name] += result.period.amounts[name] ?? 0;
  }
  return totals;
}

test('all books each add up to the register’s difference', () => {
  fc.assert(
    fc.property(runs, (readings) => {
      const [first, last] = [readings[0]!, readings.at(-1)!];
      const imported = last.energyImportWh! - first.energyImportWh!;
      expect(totalsOf(readings, 'importWh')).toEqual({
        quarters: imported,
        day: imported,
        week: imported,
        month: imported,
        billing: imported,
        year: imported,
      });
      expect(totalsOf(readings, 'exportWh').quarters).toBe(
        last.energyExportWh! - first.energyExportWh!,
      );
    }),
  );
});

test('doubled and late readings never change totals', () => {
  const disturbed = runs.chain((readings) =>
    fc
      .array(fc.tuple(fc.nat(readings.length - 1), fc.nat(5)), { maxLength: 20 })
      .map((repeats) => ({ readings, repeats })),
  );
  fc.assert(
    fc.property(disturbed, ({ readings, repeats }) => {
      // Each repeat says a reading again, at once or after up to five others.
      const withRepeats = readings.flatMap((reading, i) => [
        reading,
        ...repeats.flatMap(([at, after]) => (at + after === i ? [readings[at]!] : [])),
      ]);
      expect(totalsOf(withRepeats, 'importWh')).toEqual(totalsOf(readings, 'importWh'));
      expect(totalsOf(withRepeats, 'exportWh')).toEqual(totalsOf(readings, 'exportWh'));
    }),
  );
});

test('saved and loaded anywhere, the analysis goes on to the same bytes', () => {
  const cut = runs.chain((readings) =>
    fc.record({ readings: fc.constant(readings), at: fc.nat(readings.length) }),
  );
  fc.assert(
    fc.property(cut, ({ readings, at }) => {
      const whole = analyse(readings, initialAnalysis, billed);
      const before = analyse(readings.slice(0, at), initialAnalysis, billed);
      const loaded = JSON.parse(JSON.stringify(before.state)) as AnalysisState;
      const after = analyse(readings.slice(at), loaded, billed);
      expect(JSON.stringify(after.state)).toBe(JSON.stringify(whole.state));
      expect(JSON.stringify([...before.results, ...after.results])).toBe(
        JSON.stringify(whole.results),
      );
    }),
  );
});
