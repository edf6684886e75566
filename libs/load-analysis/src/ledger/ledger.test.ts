import { describe, expect, test } from '@jest/globals';
import type { Reading } from '@wattbus/energy-model';
import { createCalendar } from '@wattbus/tariffs';
import { analyse, readingAt, site } from '../../test/readings.js';
import { amountsSoFar, initialLedger, nextLedger, type LedgerResult } from './ledger.js';
import { coverageOf, quartersOf, type PeriodBook, type PeriodName } from './periods.js';
import type { Quarter } from './quarters.js';
import { QUARTER_MS } from './spread.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const at = (iso: string): number => Date.parse(iso);

const quartersIn = (results: readonly LedgerResult[]): Quarter[] =>
  results.flatMap((result) => (result.kind === 'quarter' ? [result.quarter] : []));

/** Readings at a steady power, one a step, of a register that starts at 1,000 kWh. */
function* steady(fromMs: number, toMs: number, stepMs: number, powerW: number): Generator<Reading> {
  for (let ms = fromMs; ms <= toMs; ms += stepMs) {
    const energyImportWh = 1_000_000 + Math.round((powerW * (ms - fromMs)) / HOUR_MS);
    yield readingAt(ms, { energyImportWh, energyExportWh: 0, powerW });
  }
}

test('register differences become quarter-hours, split at their edges', () => {
  // energy.md §1.6: (min, kWh) (0,1000.000) (10,1000.500) (20,1001.100) (35,1001.400)
  // → 0.8, 0.5 and 0.1 kWh, the last one partial.
  const start = at('2026-06-01T10:00:00Z');
  const pairs = [
    [0, 1_000_000],
    [10, 1_000_500],
    [20, 1_001_100],
    [35, 1_001_400],
  ] as const;
  const { state, results } = analyse(
    pairs.map(([minute, energyImportWh]) =>
      readingAt(start + minute * MINUTE_MS, { energyImportWh }),
    ),
  );
  expect(quartersIn(results)).toEqual([
    { startMs: start, amounts: { importWh: 800 }, quality: 'measured' },
    { startMs: start + QUARTER_MS, amounts: { importWh: 500 }, quality: 'measured' },
  ]);
  expect(state.ledger.open).toEqual([
    { startMs: start + 2 * QUARTER_MS, amounts: { importWh: 100 }, quality: 'measured' },
  ]);
});

describe('a local day', () => {
  // energy.md §1.6: 92 and 100 quarter-hours on the days of the change in Brussels.
  test.each([
    ['2026-03-29', '2026-03-28T23:00:00Z', 92],
    ['2026-10-25', '2026-10-24T22:00:00Z', 100],
    ['2026-06-01', '2026-05-31T22:00:00Z', 96],
  ])('%s closes with every quarter-hour and the register’s difference', (name, start, count) => {
    const startMs = at(start);
    const endMs = startMs + count * QUARTER_MS;
    const { results } = analyse(steady(startMs, endMs + MINUTE_MS, MINUTE_MS, 1234));
    const days = results.flatMap((result) => (result.kind === 'day' ? [result.day] : []));
    expect(days).toHaveLength(1);
    const [day] = days;
    expect(day).toMatchObject({ name, startMs, endMs, coveredMs: endMs - startMs });
    const quarters = quartersOf(day!);
    expect(quarters).toHaveLength(count);
    expect(quarters.every(({ quality }) => quality === 'measured')).toBe(true);
    expect(day!.amounts.importWh).toBe(Math.round((1234 * (endMs - startMs)) / HOUR_MS));
    expect(quarters.reduce((sum, { amounts }) => sum + amounts.importWh!, 0)).toBe(
      day!.amounts.importWh,
    );
  });
});

const periodsIn = (results: readonly LedgerResult[], name: PeriodName): PeriodBook[] =>
  results.flatMap((one) => (one.kind === 'period' && one.name === name ? [one.period] : []));

test('a month closes at the local edge with the sum of its days', () => {
  const startMs = at('2026-02-28T23:00:00Z');
  const endMs = at('2026-03-31T22:00:00Z');
  const { results, state } = analyse(steady(startMs, endMs + MINUTE_MS, 5 * MINUTE_MS, 1000));
  const months = periodsIn(results, 'month');
  expect(months).toMatchObject([
    { name: '2026-03', startMs, endMs, amounts: { importWh: 743_000 }, estimated: {} },
  ]);
  expect(results.filter(({ kind }) => kind === 'day')).toHaveLength(31);
  expect(state.ledger.books?.month.name).toBe('2026-04');
});

test('a gap is booked whole and its quarter-hours are estimated', () => {
  const startMs = at('2026-06-01T10:00:00Z');
  const { results, state } = analyse([
    readingAt(startMs, { energyImportWh: 1000 }),
    readingAt(startMs + 5 * MINUTE_MS, { energyImportWh: 1100 }),
    readingAt(startMs + 65 * MINUTE_MS, { energyImportWh: 2300 }),
    readingAt(startMs + 75 * MINUTE_MS, { energyImportWh: 2400 }),
    readingAt(startMs + 90 * MINUTE_MS, { energyImportWh: 2500 }),
  ]);
  const quarters = quartersIn(results);
  expect(quarters.map(({ amounts }) => amounts.importWh)).toEqual([300, 300, 300, 300, 200, 100]);
  expect(quarters.map(({ quality }) => quality)).toEqual([
    'estimated',
    'estimated',
    'estimated',
    'estimated',
    'estimated',
    'measured',
  ]);
  const { day } = state.ledger.books!;
  expect(day.amounts).toEqual({ importWh: 1500 });
  expect(day.estimated).toEqual({ importWh: 1400 });
  expect(day.coveredMs).toBe(30 * MINUTE_MS);
});

test('a gap over midnights closes each day with its share', () => {
  const { results } = analyse([
    readingAt(at('2026-06-01T10:00:00Z'), { energyImportWh: 0 }),
    readingAt(at('2026-06-04T10:00:00Z'), { energyImportWh: 72_000 }),
  ]);
  const days = results.flatMap((result) => (result.kind === 'day' ? [result.day] : []));
  expect(days.map(({ name, amounts }) => [name, amounts.importWh])).toEqual([
    ['2026-06-01', 12_000],
    ['2026-06-02', 24_000],
    ['2026-06-03', 24_000],
  ]);
});

test('the quarter-hour in which the ledger begins is partial', () => {
  const startMs = at('2026-06-01T10:04:00Z');
  const { results } = analyse(steady(startMs, startMs + HOUR_MS, MINUTE_MS, 1000));
  expect(quartersIn(results).map(({ quality }) => quality)).toEqual([
    'partial',
    'measured',
    'measured',
    'measured',
  ]);
});

test('today so far has the quarter-hour that is open', () => {
  const startMs = at('2026-06-01T10:00:00Z');
  const { state } = analyse(steady(startMs, startMs + 20 * MINUTE_MS, MINUTE_MS, 3000));
  expect(amountsSoFar(state.ledger, state.ledger.books!.day)).toEqual({
    importWh: 1000,
    exportWh: 0,
  });
});

test('power is integrated only until the meter states a register', () => {
  const startMs = at('2026-06-01T10:00:00Z');
  const power = (minute: number, powerW: number): Reading =>
    readingAt(startMs + minute * MINUTE_MS, { powerW });
  const { state } = analyse([
    power(0, 6000),
    power(1, 6000),
    power(2, -6000),
    readingAt(startMs + 3 * MINUTE_MS, { powerW: 6000, energyImportWh: 5_000_000 }),
    readingAt(startMs + 4 * MINUTE_MS, { powerW: 6000, energyImportWh: 5_000_100 }),
  ]);
  expect(state.ledger.open[0]?.amounts).toEqual({ importWh: 225, exportWh: 25 });
  expect(state.ledger.unassigned).toEqual({});
  expect(state.ledger.integral).toBeNull();
});

test('the phases of one meter are one vector sum', () => {
  // energy.md §1.6: +2000/−1500/0 W for an hour is 500 Wh in the register.
  const startMs = at('2026-06-01T10:00:00Z');
  const phases = { powerL1W: 2000, powerL2W: -1500, powerL3W: 0, powerW: 500 };
  const readings = Array.from({ length: 61 }, (_, i) => readingAt(startMs + i * MINUTE_MS, phases));
  const { state } = analyse(readings);
  expect(amountsSoFar(state.ledger, state.ledger.books!.day)).toEqual({
    importWh: 500,
    exportWh: 0,
  });
});

test('a register that falls silent does not hold the other one up, and loses nothing', () => {
  const startMs = at('2026-06-01T10:00:00Z');
  const readings = [...steady(startMs, startMs + 4 * HOUR_MS, MINUTE_MS, 1000)].map((reading, i) =>
    i > 10 && i < 230 ? { ...reading, energyExportWh: undefined } : reading,
  ) as Reading[];
  readings.push(
    readingAt(startMs + 4 * HOUR_MS + MINUTE_MS, { energyImportWh: 1_004_017, energyExportWh: 40 }),
  );
  const { state, results } = analyse(readings);
  expect(quartersIn(results).filter(({ startMs: ms }) => ms < startMs + 4 * HOUR_MS)).toHaveLength(
    16,
  );
  const day = amountsSoFar(state.ledger, state.ledger.books!.day);
  expect(day.importWh).toBe(4017);
  expect(day.exportWh! + (state.ledger.unassigned.exportWh ?? 0)).toBe(40);
});

test('readings stamped while the clock stood wrong make an estimate', () => {
  const startMs = at('2026-06-01T10:00:00Z');
  const { state } = analyse([
    readingAt(startMs, { energyImportWh: 1000 }),
    readingAt(startMs + 1, { energyImportWh: 1010 }, { receivedAtMs: startMs - HOUR_MS }),
  ]);
  expect(state.ledger.open[0]).toMatchObject({ amounts: { importWh: 10 }, quality: 'estimated' });
});

test('gas is counted in litres and hourly values are no jumps', () => {
  const startMs = at('2026-06-01T10:00:00Z');
  const gas = (ms: number, volumeL: number): Reading =>
    readingAt(ms, { volumeL }, { medium: 'gas', role: 'gas' });
  const { state } = analyse([
    gas(startMs, 5_000_000),
    gas(startMs + HOUR_MS - 10_000, 5_000_000),
    gas(startMs + HOUR_MS, 5_001_200),
  ]);
  expect(amountsSoFar(state.ledger, state.ledger.books!.day)).toEqual({ volumeL: 1200 });
  expect(state.demand).toBeNull();
  expect(state.cost).toBeNull();
  expect(site.calendar.zone).toBe('Europe/Brussels');
});

describe('weeks, billing periods and years', () => {
  // Over New Year and both clock changes, billed on the 31st.
  const startMs = at('2025-12-14T23:00:00Z');
  const endMs = at('2026-12-31T23:00:00Z');
  const calendar = createCalendar('Europe/Brussels', 31);
  const results: LedgerResult[] = [];
  let ledger = initialLedger;
  for (const reading of steady(startMs, endMs, 15 * MINUTE_MS, 1000)) {
    const step = nextLedger(ledger, reading, calendar);
    ledger = step.state;
    results.push(...step.results);
  }

  test.each(['week', 'month', 'billing', 'year'] as const)('each %s has its hours', (name) => {
    const periods = periodsIn(results, name);
    for (const [i, { startMs: from, endMs: to, amounts, coveredMs }] of periods.entries()) {
      if (i > 0) expect(from).toBe(periods[i - 1]!.endMs);
      const hours = (to - Math.max(from, startMs)) / HOUR_MS;
      expect(amounts).toEqual({ importWh: hours * 1000, exportWh: 0 });
      expect(coveredMs).toBe(hours * HOUR_MS);
    }
    expect(periods.length).toBeGreaterThan(1);
  });

  test('have the names of their calendar', () => {
    expect(periodsIn(results, 'week').map(({ name }) => name)).toEqual(
      expect.arrayContaining(['2025-W51', '2025-W52', '2026-W01', '2026-W13', '2026-W52']),
    );
    expect(periodsIn(results, 'billing').map(({ name }) => name)).toEqual([
      ...['2025-11-30', '2025-12-31', '2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30'],
      ...['2026-05-31', '2026-06-30', '2026-07-31', '2026-08-31', '2026-09-30', '2026-10-31'],
      '2026-11-30',
    ]);
    expect(periodsIn(results, 'year').map(({ name }) => name)).toEqual(['2025', '2026']);
  });

  test('say how much of them readings cover', () => {
    const books = ledger.books!;
    expect(books.week.name).toBe('2026-W53');
    expect(coverageOf(books, 'week', endMs)).toBe(1);
    expect(coverageOf(books, 'week', endMs + 4 * 24 * HOUR_MS)).toBe(0.5);
    const [first] = periodsIn(results, 'year');
    // Seventeen days of 2025 are known.
    expect(first!.coveredMs).toBe(17 * 24 * HOUR_MS);
  });
});
