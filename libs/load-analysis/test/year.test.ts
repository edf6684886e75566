import { beforeAll, expect, test } from '@jest/globals';
import { seededRandom, type Reading } from '@wattbus/energy-model';
import { createCalendar } from '@wattbus/tariffs';
import { initialLedger, nextLedger, type LedgerState } from '../src/ledger/ledger.js';
import type { DayBook, PeriodBook } from '../src/ledger/periods.js';
import { QUARTER_MS } from '../src/ledger/spread.js';
import { readingAt } from './readings.js';

/**
 * A year of a meter that speaks every five minutes, with every case of energy.md §1.2 once a month
 * or so, and both days on which the clock is changed. What the home used is known to the last Wh.
 */
const calendar = createCalendar('Europe/Brussels');
const { startMs, endMs } = calendar.yearOf(Date.parse('2026-06-01T00:00:00Z'));
const STEP_MS = 300_000;
const MODULUS = 100_000_000;
const HOUR_STEPS = 12;

const faults = [
  ...['duplicate', 'late', 'corrected up', 'corrected down', 'jitter', 'glitch up', 'glitch down'],
  ...['gap of hours', 'gap of days', 'jump', 'exchange', 'exchange near the end of the display'],
] as const;
type Fault = (typeof faults)[number];

/** Between two of them every case has come to rest. */
const FAULT_STEPS = 701;

interface Oracle {
  /** What the registers of all meters have counted. */
  counted: number;
  /** Used while a meter was exchanged: the old one does not show it, the new one began after it. */
  unseen: number;
  /** Added by a register that jumped or was corrected downwards, at no known time. */
  jumped: number;
  /** Wh by quarter-hour in which nothing happened, which therefore must be exact. */
  readonly quiet: Map<number, number>;
  readonly rolledOver: number[];
}

function* year(oracle: Oracle): Generator<Reading> {
  const random = seededRandom(11);
  let [register, silentUntil, faultAt] = [5_000_000, 0, -10];
  let said: Reading[] = [];
  let serial = 1;
  for (let i = 0; startMs + i * STEP_MS <= endMs; i += 1) {
    const atMs = startMs + i * STEP_MS;
    const usedWh = i === 0 ? 0 : Math.floor(random() * 150);
    let counts = usedWh;
    const fault = i > 0 && i % FAULT_STEPS === 0 ? faultOf(i) : null;
    if (fault) faultAt = i;
    const isQuiet = i - faultAt > HOUR_STEPS && i >= silentUntil + HOUR_STEPS;
    const quarterMs = Math.floor((atMs - 1) / QUARTER_MS) * QUARTER_MS;
    if (i > 0 && !isQuiet) oracle.quiet.set(quarterMs, NaN);
    else if (i > 0) oracle.quiet.set(quarterMs, (oracle.quiet.get(quarterMs) ?? 0) + usedWh);
    if (fault === 'gap of hours') silentUntil = i + 3 * HOUR_STEPS;
    if (fault === 'gap of days') silentUntil = i + 40 * HOUR_STEPS;
    if (fault?.startsWith('exchange')) {
      register = fault === 'exchange' ? 17 : MODULUS - 400_000;
      oracle.unseen += usedWh;
      counts = 0;
      // One that shows more than the old one is known by its serial number only.
      if (fault !== 'exchange') serial += 1;
    } else if (fault === 'jump') {
      register += 700_000 + usedWh;
      oracle.jumped += 700_000 + usedWh;
      counts = 0;
    }
    register += counts;
    oracle.counted += counts;
    if (register >= MODULUS) {
      register -= MODULUS;
      oracle.rolledOver.push(atMs);
    }
    if (i < silentUntil) continue;
    const reading = { ...readingAt(atMs, { energyImportWh: register }), meterId: `m${serial}` };
    yield* withFault(fault, reading, said);
    if (fault === 'corrected up') [register, oracle.counted] = [register + 20, oracle.counted + 20];
    if (fault === 'corrected down') [register, oracle.jumped] = [register - 7, oracle.jumped - 7];
    said = [...said, reading].slice(-HOUR_STEPS);
  }
}

const faultOf = (i: number): Fault => faults[Math.floor(i / FAULT_STEPS) % faults.length]!;

/** What the meter says in the place of one reading. */
function withFault(fault: Fault | null, reading: Reading, said: readonly Reading[]): Reading[] {
  const wh = reading.energyImportWh!;
  const saying = (energyImportWh: number): Reading => ({ ...reading, energyImportWh });
  switch (fault) {
    case 'duplicate':
      return [reading, reading];
    case 'late':
      return [reading, said[0]!, said[5]!];
    case 'corrected up':
      return [reading, saying(wh + 20)];
    case 'corrected down':
      return [reading, saying(wh - 7)];
    case 'jitter':
      return [saying(Number(said.at(-1)!.energyImportWh) - 1)];
    case 'glitch up':
      return [saying(wh + 3_000_000)];
    case 'glitch down':
      return [saying(3)];
    default:
      return [reading];
  }
}

interface Books {
  state: LedgerState;
  readonly quarters: Map<number, { wh: number; measured: boolean }>;
  readonly days: DayBook[];
  readonly periods: { name: string; period: PeriodBook }[];
  readonly events: Map<string, number>;
}

function keep(readings: Iterable<Reading>, restartEvery = Infinity): Books {
  const books: Books = {
    state: initialLedger,
    quarters: new Map(),
    days: [],
    periods: [],
    events: new Map(),
  };
  let count = 0;
  for (const reading of readings) {
    const { state, results } = nextLedger(books.state, reading, calendar);
    books.state = state;
    count += 1;
    if (count % restartEvery === 0) books.state = JSON.parse(JSON.stringify(state)) as LedgerState;
    for (const result of results) {
      if (result.kind === 'quarter') {
        const { startMs: quarterMs, amounts, quality } = result.quarter;
        if (books.quarters.has(quarterMs)) throw new Error(`${quarterMs} closed twice`);
        const measured = quality === 'measured';
        books.quarters.set(quarterMs, { wh: amounts.importWh ?? 0, measured });
      } else if (result.kind === 'day') books.days.push(result.day);
      else if (result.kind === 'period') books.periods.push(result);
      else books.events.set(result.event, (books.events.get(result.event) ?? 0) + 1);
    }
  }
  return books;
}

const newOracle = (): Oracle => ({
  ...{ counted: 0, unseen: 0, jumped: 0 },
  quiet: new Map(),
  rolledOver: [],
});
const sumOf = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);
const importOf = ({ amounts }: PeriodBook): number => amounts.importWh ?? 0;

const oracle = newOracle();
let books: Books;
beforeAll(() => {
  books = keep(year(oracle));
}, 240_000);

test('a year of faults is booked to the last Wh', () => {
  const bookedWh = sumOf([...books.quarters.values()].map(({ wh }) => wh));
  const unassignedWh = books.state.unassigned.importWh ?? 0;
  expect({ bookedWh, unassignedWh }).toEqual({
    bookedWh: oracle.counted,
    unassignedWh: oracle.jumped,
  });
  expect(oracle.unseen).toBeGreaterThan(0);
  // Every case has come, and was taken for what it was.
  const cases = Math.floor((endMs - startMs) / STEP_MS / FAULT_STEPS / faults.length);
  expect(cases).toBeGreaterThanOrEqual(12);
  expect(books.events.get('meter-exchange')).toBeGreaterThanOrEqual(2 * cases);
  expect(books.events.get('register-jump')).toBeGreaterThanOrEqual(cases);
  expect(books.events.get('rollover')).toBe(oracle.rolledOver.length);
  // The last display that is nearly full is so still at the end of the year.
  expect(oracle.rolledOver.length).toBeGreaterThanOrEqual(cases - 1);
  const { counts } = books.state.registers.importWh!;
  for (const name of ['duplicate', 'late', 'jitter', 'glitch'] as const) {
    expect(counts[name]).toBeGreaterThanOrEqual(cases);
  }
});

test('its quarter-hours without a fault are exact and measured, and its gaps are estimates', () => {
  const { quarters } = books;
  const quiet = [...oracle.quiet].filter(([, wh]) => !Number.isNaN(wh));
  const wrong = quiet.filter(([quarterMs, wh]) => {
    const quarter = quarters.get(quarterMs);
    return quarter?.wh !== wh || !quarter.measured;
  });
  expect(wrong).toEqual([]);
  expect(quiet.length).toBeGreaterThan(25_000);
  expect([...quarters.values()].filter(({ measured }) => !measured).length).toBeGreaterThan(2_000);
});

test('days, months and the year are the sums of their quarter-hours, on every clock', () => {
  const { days, periods, quarters } = books;
  expect(days).toHaveLength(365);
  const byName = new Map(days.map((day) => [day.name, day]));
  expect(byName.get('2026-03-29')!.quarters).toHaveLength(92);
  expect(byName.get('2026-10-25')!.quarters).toHaveLength(100);
  expect(sumOf(days.map(({ quarters: all }) => all.length))).toBe(365 * 96);
  const totalWh = sumOf([...quarters.values()].map(({ wh }) => wh));
  expect(sumOf(days.map(importOf))).toBe(totalWh);
  const months = periods.filter(({ name }) => name === 'month');
  expect(months).toHaveLength(12);
  expect(sumOf(months.map(({ period }) => importOf(period)))).toBe(totalWh);
  const [whole] = periods.filter(({ name }) => name === 'year');
  expect(importOf(whole!.period)).toBe(totalWh);
});

test('saved and loaded anywhere it is the same bytes', () => {
  const interrupted = keep(year(newOracle()), 97);
  expect(JSON.stringify(interrupted.state)).toBe(JSON.stringify(books.state));
  expect(JSON.stringify([...interrupted.quarters])).toBe(JSON.stringify([...books.quarters]));
}, 240_000);
