import { expect, test } from '@jest/globals';
import { Arrivals, ARRIVING_MAX, LATE_SNAPSHOT_MS_MAX, SNAPSHOT_MS_MAX } from './arrivals.js';

const inShort = (arrivals: Arrivals, nowMs: number): string[] =>
  arrivals.step(nowMs).map(({ kind, meter }) => `${kind} ${meter}`);

function arrivalsOf(...meters: string[]): Arrivals {
  const arrivals = new Arrivals();
  for (const meter of meters) arrivals.want(meter);
  return arrivals;
}

test('a meter without a snapshot is followed when none has come, and settles later', () => {
  const arrivals = arrivalsOf('a');
  expect(inShort(arrivals, 0)).toEqual(['listen a']);
  expect(inShort(arrivals, SNAPSHOT_MS_MAX - 1)).toEqual([]);
  expect(inShort(arrivals, SNAPSHOT_MS_MAX)).toEqual(['follow a']);
  expect(arrivals.isListening('a')).toBe(true);
  expect(inShort(arrivals, LATE_SNAPSHOT_MS_MAX - 1)).toEqual([]);
  expect(inShort(arrivals, LATE_SNAPSHOT_MS_MAX)).toEqual(['settle a']);
  expect(arrivals.isListening('a')).toBe(false);
});

test('one whose snapshot has come is not told to be followed', () => {
  const arrivals = arrivalsOf('a');
  arrivals.step(0);
  arrivals.arrived('a');
  arrivals.arrived('a');
  expect(inShort(arrivals, SNAPSHOT_MS_MAX)).toEqual([]);
  expect(inShort(arrivals, LATE_SNAPSHOT_MS_MAX)).toEqual(['settle a']);
});

test('of many the rest waits until there is room, each comes once, in the order they were wanted', () => {
  const names = Array.from({ length: 2 * ARRIVING_MAX + 1 }, (_, i) => `m${i}`);
  const arrivals = arrivalsOf(...names);
  const listened: string[] = [];
  for (let nowMs = 0; nowMs <= 4 * SNAPSHOT_MS_MAX; nowMs += SNAPSHOT_MS_MAX) {
    const outputs = arrivals.step(nowMs);
    const now = outputs.filter(({ kind }) => kind === 'listen').map(({ meter }) => meter);
    expect(now.length).toBeLessThanOrEqual(ARRIVING_MAX);
    listened.push(...now);
  }
  expect(listened).toEqual(names);
});

test('a snapshot that has come makes room at once', () => {
  const names = Array.from({ length: ARRIVING_MAX + 1 }, (_, i) => `m${i}`);
  const arrivals = arrivalsOf(...names);
  arrivals.step(0);
  arrivals.arrived('m3');
  expect(inShort(arrivals, 1)).toEqual([`listen m${ARRIVING_MAX}`]);
});

test('after the bus was away a snapshot has its whole time again', () => {
  const arrivals = arrivalsOf('a');
  arrivals.step(0);
  arrivals.reconnected(9_000);
  expect(inShort(arrivals, 9_000 + SNAPSHOT_MS_MAX - 1)).toEqual([]);
  expect(inShort(arrivals, 9_000 + SNAPSHOT_MS_MAX)).toEqual(['follow a']);
});

test('a meter that leaves, wherever it is on its way, is heard of no more', () => {
  const arrivals = arrivalsOf('a');
  arrivals.leave('a');
  expect(inShort(arrivals, 0)).toEqual([]);
  arrivals.want('a');
  arrivals.step(0);
  arrivals.leave('a');
  expect(arrivals.isListening('a')).toBe(false);
  expect(inShort(arrivals, SNAPSHOT_MS_MAX)).toEqual([]);
  arrivals.want('a');
  expect(inShort(arrivals, SNAPSHOT_MS_MAX)).toEqual(['listen a']);
});
