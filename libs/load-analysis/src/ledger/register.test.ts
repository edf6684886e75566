import { describe, expect, test } from '@jest/globals';
import { booksOf, GAP_MS_MAX } from './limits.js';
import {
  classify,
  initialRegister,
  nextRegister,
  rebase,
  type RegisterSample,
  type RegisterState,
  type RegisterStep,
} from './register.js';

const { limits } = booksOf.electricity;
const MINUTE_MS = 60_000;

const sample = (seconds: number, value: number): RegisterSample => ({
  atMs: seconds * 1000,
  value,
  estimated: false,
});

interface Totals {
  state: RegisterState;
  booked: number;
  unassigned: number;
  events: string[];
}

/** Feeds (seconds, value) pairs and adds up what comes out. */
function feed(pairs: readonly (readonly [number, number])[]): Totals {
  const totals: Totals = { state: initialRegister, booked: 0, unassigned: 0, events: [] };
  for (const [seconds, value] of pairs) {
    const step: RegisterStep = nextRegister(totals.state, sample(seconds, value), limits);
    totals.state = step.state;
    for (const { amount } of step.bookings) totals.booked += amount;
    totals.unassigned += step.unassigned;
    totals.events.push(...step.events.map(({ event }) => event));
  }
  return totals;
}

describe('a difference is', () => {
  // energy.md §1.2, with 52,164 W for Pmax, 2 s of clock tolerance and 1 Wh resolution.
  const cases = [
    ['duplicate', 0, 1_000_000],
    ['corrected', 0, 1_000_003],
    ['late', -1, 1_000_000],
    ['normal', 10, 1_000_000],
    ['normal', 10, 1_000_174],
    ['jump', 10, 1_000_175],
    ['normal', 900, 1_013_000],
    ['gap', 901, 1_000_100],
    ['jitter', 10, 999_999],
    ['fall', 10, 999_998],
    ['clock-jump', GAP_MS_MAX / 1000 + 1, 1_000_001],
  ] as const;

  test.each(cases)('%s after %d s at %d Wh', (expected, seconds, value) => {
    expect(classify(sample(0, 1_000_000), sample(seconds, value), limits)).toBe(expected);
  });

  test('a rollover only near the end of the display and within what could be used', () => {
    expect(classify(sample(0, 99_999_990), sample(10, 20), limits)).toBe('rollover');
    expect(classify(sample(0, 99_999_990), sample(10, 500), limits)).toBe('fall');
    expect(classify(sample(0, 85_000_000), sample(10, 20), limits)).toBe('fall');
  });
});

test('a rollover books what was counted on both sides', () => {
  // energy.md §1.6: M = 100000 kWh, 99999.8 → 0.3 is 0.5 kWh.
  const { booked, events } = feed([
    [0, 99_999_800],
    [60, 300],
  ]);
  expect(booked).toBe(500);
  expect(events).toEqual(['rollover']);
});

test('duplicates and late readings are counted and change nothing', () => {
  const { booked, state } = feed([
    [0, 1000],
    [10, 1010],
    [10, 1010],
    [5, 1004],
    [20, 1020],
  ]);
  expect(booked).toBe(20);
  expect(state.counts).toMatchObject({ duplicate: 1, late: 1 });
});

test('of two values of one instant the last one wins', () => {
  expect(
    feed([
      [0, 1000],
      [10, 1010],
      [10, 1012],
      [20, 1020],
    ]),
  ).toMatchObject({ booked: 20, unassigned: 0 });
  expect(
    feed([
      [0, 1000],
      [10, 1010],
      [10, 1008],
      [20, 1020],
    ]),
  ).toMatchObject({ booked: 22, unassigned: -2 });
});

test('a register that jitters by its resolution books nothing and leaves no gap', () => {
  const { booked, state } = feed([
    [0, 1000],
    [600, 999],
    [1200, 1000],
    [1800, 1005],
  ]);
  expect(booked).toBe(5);
  expect(state.counts.jitter).toBe(1);
});

test('one impossible value is a glitch', () => {
  const fallen = feed([
    [0, 1_000_000],
    [10, 0],
    [20, 1_000_010],
  ]);
  expect(fallen).toMatchObject({ booked: 10, unassigned: 0, events: [] });
  const jumped = feed([
    [0, 1_000_000],
    [10, 9_000_000],
    [20, 1_000_010],
  ]);
  expect(jumped).toMatchObject({ booked: 10, unassigned: 0, events: [] });
  expect(fallen.state.counts.glitch + jumped.state.counts.glitch).toBe(2);
});

test('a fall of ten watt-hours between quarter-hourly readings is a glitch too', () => {
  const { booked, events } = feed([
    [0, 1_000_000],
    [900, 999_990],
    [1800, 1_000_400],
  ]);
  expect(booked).toBe(400);
  expect(events).toEqual([]);
});

test('a meter is exchanged once three readings agree, and not before', () => {
  const two = feed([
    [0, 5_000_000],
    [10, 12],
    [20, 15],
  ]);
  expect(two).toMatchObject({ booked: 0, events: [] });
  const three = feed([
    [0, 5_000_000],
    [10, 12],
    [20, 15],
    [30, 20],
  ]);
  expect(three).toMatchObject({ booked: 8, unassigned: 0, events: ['meter-exchange'] });
});

test('a jump is unassigned once three readings agree, and goes into no window', () => {
  const { booked, unassigned, events } = feed([
    [0, 1000],
    [10, 51_000],
    [20, 51_010],
    [30, 51_020],
    [40, 51_030],
  ]);
  expect({ booked, unassigned }).toEqual({ booked: 30, unassigned: 50_000 });
  expect(events).toEqual(['register-jump']);
});

test('late and doubled readings do not disturb the proof of an exchange', () => {
  const { booked, events } = feed([
    [0, 5_000_000],
    [10, 12],
    [10, 12],
    [-3, 4_999_999],
    [20, 15],
    [10, 12],
    [-5, 4_999_990],
    [30, 20],
  ]);
  expect(booked).toBe(8);
  expect(events).toEqual(['meter-exchange']);
});

test('one reading from a far future is forgotten when the next is of today', () => {
  const { booked, state } = feed([
    [0, 1000],
    [GAP_MS_MAX / 1000 + 100, 1010],
    [20, 1020],
  ]);
  expect(booked).toBe(20);
  expect(state.base?.value).toBe(1020);
});

test('after a clock that jumped by years, booking begins anew', () => {
  const later = GAP_MS_MAX / 1000 + 100;
  const states = feed([
    [0, 1000],
    [later, 5000],
    [later + 10, 5010],
  ]).state;
  const step = nextRegister(states, sample(later + 20, 5020), limits);
  expect(step).toMatchObject({ unassigned: 4000, restartAtMs: later * 1000 });
  expect(step.bookings.map(({ amount }) => amount)).toEqual([10, 10]);
});

test('more than a quarter of an hour between readings makes an estimate', () => {
  const first = nextRegister(initialRegister, sample(0, 1000), limits);
  const estimatedAfter = (ms: number): boolean | undefined =>
    nextRegister(first.state, { atMs: ms, value: 1100, estimated: false }, limits).bookings[0]
      ?.estimated;
  expect(estimatedAfter(15 * MINUTE_MS)).toBe(false);
  expect(estimatedAfter(15 * MINUTE_MS + 1)).toBe(true);
});

test('another source goes on at once', () => {
  const first = nextRegister(initialRegister, sample(0, 1000), limits);
  const step = rebase(first.state, sample(10, 7_000_000));
  expect(step).toMatchObject({ unassigned: 0, events: [], restartAtMs: null });
  expect(step.bookings).toEqual([{ fromMs: 0, toMs: 10_000, amount: 0, estimated: true }]);
  expect(step.state.base?.value).toBe(7_000_000);
});
