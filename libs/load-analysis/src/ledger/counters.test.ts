import { expect, test } from '@jest/globals';
import type { Reading } from '@wattbus/energy-model';
import fc from 'fast-check';
import { readingAt, site } from '../../test/readings.js';
import { nextCounters, type Counters } from './counters.js';
import { initialLedger, nextLedger, type LedgerState } from './ledger.js';

const START_MS = Date.parse('2026-06-01T10:00:00Z');

interface Counted {
  readonly ledger: LedgerState;
  readonly counters: Counters;
}
const nothing: Counted = { ledger: initialLedger, counters: {} };

function take({ ledger, counters }: Counted, reading: Reading): Counted {
  const { state, results } = nextLedger(ledger, reading, site.calendar);
  return { ledger: state, counters: nextCounters(counters, state, results, reading.medium) };
}

/** The import counter after each reading: (seconds, watt-hours, serial number). */
function counted(rows: readonly (readonly [number, number, string?])[]): readonly unknown[] {
  let state = nothing;
  return rows.map(([seconds, energyImportWh, meterId]) => {
    const reading = readingAt(START_MS + seconds * 1_000, { energyImportWh });
    state = take(state, meterId === undefined ? reading : { ...reading, meterId });
    const { value, offset } = state.counters.importWh!;
    return [value, offset];
  });
}

test('goes on from a meter to the one that replaces it, whatever that shows', () => {
  const rows = [
    [0, 5_000_000, 'A'],
    [10, 5_000_100, 'A'],
    [20, 7, 'B'],
    [30, 57, 'B'],
    [40, 9_000_000, 'C'],
    [50, 9_000_010, 'C'],
  ] as const;
  expect(counted(rows)).toEqual([
    [5_000_000, 0],
    [5_000_100, 0],
    [5_000_100, 5_000_093],
    [5_000_150, 5_000_093],
    [5_000_150, -3_999_850],
    [5_000_160, -3_999_850],
  ]);
});

test('waits until a fallen register is believed, and goes on over a full display', () => {
  const fallen = [
    [0, 5_000_000],
    [10, 12],
    [20, 15],
    [30, 20],
  ] as const;
  expect(counted(fallen)).toEqual([
    [5_000_000, 0],
    [5_000_000, 0],
    [5_000_000, 0],
    [5_000_008, 4_999_988],
  ]);
  const full = [
    [0, 99_999_800],
    [60, 300],
  ] as const;
  expect(counted(full).at(-1)).toEqual([100_000_300, 100_000_000]);
});

test('a correction downwards is made up for before it counts on', () => {
  const rows = [
    [0, 1_000],
    [10, 1_012],
    [10, 1_010],
    [20, 1_011],
    [30, 1_015],
  ] as const;
  expect(counted(rows).map((one) => (one as number[])[0])).toEqual([
    1_000, 1_012, 1_012, 1_012, 1_015,
  ]);
});

test('what stands in for a register is none', () => {
  let state = nothing;
  for (const second of [0, 10, 20]) {
    state = take(state, readingAt(START_MS + second * 1_000, { powerW: 3_600 }));
  }
  expect(state.counters).toEqual({});
  state = take(state, readingAt(START_MS + 30_000, { energyImportWh: 7_000_000 }));
  expect(state.counters.importWh).toEqual({ value: 7_000_000, offset: 0 });
});

/** What happens to a meter between two of its readings. */
const step = fc.record({
  elapsedS: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 61, max: 7_200 })),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
  happens: fc.oneof(
    { weight: 12, arbitrary: fc.constant('nothing' as const) },
    { weight: 1, arbitrary: fc.constant('replaced' as const) },
    { weight: 1, arbitrary: fc.constant('replaced without a number' as const) },
    { weight: 2, arbitrary: fc.constant('glitch' as const) },
    { weight: 1, arbitrary: fc.constant('saved and loaded' as const) },
  ),
});

test('never falls and counts what its meters counted, whatever happens to them', () => {
  const run = fc.array(step, { minLength: 1, maxLength: 60 });
  const begin = fc.constantFrom<number>(3_000_000, 99_990_000, 999_999_000);
  fc.assert(
    fc.property(run, begin, fc.boolean(), (steps, beginWh, hasNumber) => {
      let [atMs, wh, meter, used, state] = [START_MS, beginWh, 0, 0, nothing];
      let last = beginWh;
      const say = (energyImportWh: number): void => {
        const reading = readingAt(atMs, { energyImportWh });
        state = take(state, hasNumber ? { ...reading, meterId: `M${meter}` } : reading);
        const { value } = state.counters.importWh!;
        expect(value).toBeGreaterThanOrEqual(last);
        last = value;
        atMs += 1_000;
      };
      const settle = (): void => [1, 2, 3].forEach(() => say(wh));
      say(wh);
      for (const { elapsedS, share, happens } of steps) {
        if (happens === 'saved and loaded') state = JSON.parse(JSON.stringify(state)) as Counted;
        // A glitch where the next value is doubted, too, would be the start of another meter.
        if (happens === 'glitch') {
          say(wh + 500_000_000_000);
          settle();
        }
        const isFull = wh > 90_000_000;
        if (happens === 'replaced' && hasNumber) {
          meter += 1;
          wh = 1_000 * meter;
          settle();
        }
        if (happens === 'replaced without a number' && !hasNumber && !isFull && wh > 10_000) {
          wh = 5;
          settle();
        }
        atMs += elapsedS * 1_000;
        const usedWh = Math.floor((share * 50_000 * elapsedS) / 3_600);
        used += usedWh;
        wh = (wh + usedWh) % (beginWh < 1e8 ? 1e8 : 1e9);
        say(wh);
      }
      settle();
      expect(state.counters.importWh!.value).toBe(beginWh + used);
    }),
  );
});
