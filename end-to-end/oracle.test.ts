import { describe, expect, test } from '@jest/globals';
import type { Reading } from '@wattbus/energy-model';
import { readingPoint, type StoredPoint } from '@wattbus/time-series';
import { checkAccepted, checkJournal, checkStored } from './src/chaos/oracle.js';
import { planOf } from './src/chaos/plan.js';
import { Tally } from './src/chaos/tally.js';
import type { Said } from './src/house-meter.js';

const START_MS = Date.parse('2026-06-10T22:00:00Z');

/** Two connections of five telegrams each. */
const said: readonly Said[] = Array.from({ length: 10 }, (_, i) => ({
  number: i + 1,
  atMs: START_MS + i * 1000,
  energyImportWh: 5_000 + i,
  powerW: 300 + i,
  gasL: 70,
  connection: i < 5 ? 1 : 2,
}));

const readingOf = ({ number, atMs, energyImportWh, powerW }: Said, seq: number): Reading => ({
  v: 1,
  meter: 'house',
  medium: 'electricity',
  role: 'grid',
  epoch: 'e1',
  seq,
  at: new Date(atMs).toISOString(),
  receivedAt: new Date(atMs).toISOString(),
  atSource: 'meter',
  quality: 'checked',
  energyImportWh,
  powerW,
  energyExportTariff1Wh: number,
});

/** The telegrams with these numbers, as the journal has them. */
const accepted = (...numbers: number[]): Reading[] =>
  numbers.map((number, i) => readingOf(said[number - 1]!, i + 1));

const stored = (readings: readonly Reading[]): StoredPoint[] =>
  readings.map((reading) => {
    const point = readingPoint(reading);
    const known = Object.entries(point.fields).filter(([, value]) => value !== undefined);
    return { ...point, fields: Object.fromEntries(known) as StoredPoint['fields'] };
  });

const verdict = (check: (tally: Tally) => void): number[] => {
  const tally = new Tally();
  check(tally);
  return [tally.lost, tally.doubled, tally.wrong];
};

describe('the oracle', () => {
  const all = accepted(1, 2, 3, 6, 7, 8, 9, 10);

  test('lets telegrams go that a connection had not given when it ended', () => {
    expect(verdict((tally) => checkAccepted(all, said, tally))).toEqual([0, 0, 0]);
  });

  test.each([
    ['a hole in a connection is lost', accepted(1, 3, 6, 7, 8, 9, 10), [1, 0, 0]],
    ['the end of a connection that is open is lost', accepted(1, 2, 3, 6, 7, 8, 9), [1, 0, 0]],
    ['a telegram that is accepted twice is doubled', [...all, all[7]!], [0, 1, 0]],
    ['another value is wrong', [{ ...all[0]!, powerW: 1 }, ...all.slice(1)], [0, 0, 1]],
  ])('%s', (_name, readings, wanted) => {
    expect(verdict((tally) => checkAccepted(readings, said, tally))).toEqual(wanted);
  });

  test('finds numbers and times of the journal that do not go on', () => {
    expect(verdict((tally) => checkJournal(all, tally))).toEqual([0, 0, 0]);
    expect(verdict((tally) => checkJournal(all.slice(1), tally))).toEqual([1, 0, 0]);
    const late = { ...all[1]!, at: all[0]!.at };
    expect(verdict((tally) => checkJournal([all[0]!, late], tally))).toEqual([0, 0, 1]);
  });

  test('finds what the store lacks, has twice, has changed and has made up', () => {
    const points = stored(all);
    const against = (actual: readonly StoredPoint[]): number[] =>
      verdict((tally) => checkStored(all, actual, tally));
    expect(against(points)).toEqual([0, 0, 0]);
    expect(against(points.slice(1))).toEqual([1, 0, 0]);
    const [first] = points;
    expect(against([...points, { ...first!, atMs: 1 }])).toEqual([0, 1, 1]);
    const changed = { ...first!, fields: { ...first!.fields, powerW: 1 } };
    expect(against([changed, ...points.slice(1)])).toEqual([0, 0, 1]);
  });
});

test('the same seed plans the same faults, and another one others', () => {
  const plan = (seed: number): unknown[] => {
    const faults = planOf(seed, { broker: 1, historian: 3 });
    return Array.from({ length: 50 }, () => faults.next().value);
  };
  expect(plan(1)).toEqual(plan(1));
  expect(plan(1)).not.toEqual(plan(2));
});
