import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Point } from '../src/index.js';
import {
  commit,
  history,
  kinds,
  reading,
  readings,
  SECOND_MS,
  START_MS,
  storeOn,
} from './stores.js';

describe.each(kinds)('history from the store on %s', (kind) => {
  const { store } = storeOn(kind);

  test('answers with the readings themselves where the resolution is 0', async () => {
    await commit(store(), readings('raw', 1, 11));
    const columns = await history(store(), {
      meter: 'raw',
      fromMs: START_MS + 3_000,
      toMs: START_MS + 6_000,
    });
    const values = [401.5, 402, 402.5];
    expect(columns).toEqual({
      atMs: [3, 4, 5].map((s) => START_MS + s * SECOND_MS),
      mean: values,
      min: values,
      max: values,
      cut: false,
    });
  });

  test('cuts an answer at 5,000 rows and says so', async () => {
    await commit(store(), readings('many', 1, 5_102));
    const whole = await history(store(), { meter: 'many', toMs: START_MS + 5_001 * SECOND_MS });
    expect([whole.atMs.length, whole.cut]).toEqual([5_000, false]);
    for (const resolutionS of [0, 1]) {
      const { atMs, mean, cut } = await history(store(), { meter: 'many', resolutionS });
      expect([atMs.length, mean!.length, cut]).toEqual([5_000, 5_000, true]);
    }
  });

  test('leaves rows without readings out, and meters that do not state the quantity', async () => {
    await commit(store(), [reading('holes', 1), reading('holes', 4_000)]);
    const { atMs } = await history(store(), { meter: 'holes', resolutionS: 300 });
    expect(atMs).toEqual([START_MS, START_MS + 3_900_000]);
    const none = await history(store(), { meter: 'holes', quantity: 'volumeL', resolutionS: 300 });
    expect(none.atMs).toEqual([]);
  });

  test('aggregates like a plain loop over the readings, for any range and resolution', async () => {
    const points = readings('sums', 1, 4_000);
    await commit(store(), points);
    const span = fc.tuple(
      fc.integer({ min: 0, max: 4_100 }),
      fc.integer({ min: 1, max: 4_100 }),
      fc.constantFrom(1, 7, 60, 300, 600, 900, 1_000, 3_600, 86_400),
    );
    await fc.assert(
      fc.asyncProperty(span, async ([from, length, resolutionS]) => {
        const fromMs = START_MS + from * SECOND_MS - 1;
        const query = { meter: 'sums', fromMs, toMs: fromMs + length * SECOND_MS, resolutionS };
        const inside = points.filter(({ atMs }) => atMs >= query.fromMs && atMs < query.toMs);
        const rows = byWidth(inside, resolutionS * SECOND_MS);
        const power = await history(store(), query);
        expect(power.atMs).toEqual([...rows.keys()]);
        for (const [i, row] of [...rows.values()].entries()) {
          const values = row.map(({ fields }) => Number(fields['powerW']));
          expect(power.mean![i]).toBeCloseTo(values.reduce((a, b) => a + b) / values.length, 9);
          expect(power.min![i]).toBe(Math.min(...values));
          expect(power.max![i]).toBe(Math.max(...values));
        }
        const energy = await history(store(), { ...query, quantity: 'energyImportWh' });
        expect(energy.atMs).toEqual([...rows.keys()]);
        const last = [...rows.values()].map((row) => row.at(-1)!.fields['energyImportWh']);
        expect(energy.last).toEqual(last);
      }),
      { numRuns: 60 },
    );
  });
});

function byWidth(points: readonly Point[], widthMs: number): Map<number, Point[]> {
  const rows = new Map<number, Point[]>();
  for (const point of points) {
    const start = Math.floor(point.atMs / widthMs) * widthMs;
    rows.set(start, [...(rows.get(start) ?? []), point]);
  }
  return rows;
}
