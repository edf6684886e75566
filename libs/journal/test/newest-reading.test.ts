import { expect, test } from '@jest/globals';
import { draftOf } from '@wattbus/testing';
import fc from 'fast-check';
import type { Reading } from '@wattbus/energy-model';
import { openJournal, type Journal, type JournalEvent } from '../src/index.js';
import { allOf, appended, opened } from './opened-journal.js';
import { MemoryDisk } from './memory-disk.js';

const directory = '/j';
const DAY_MS = 86_400_000;
const START_MS = Date.parse('2026-01-01T00:00:00Z');

/** A journal on a disk of its own, with a clock that the test turns. */
function newClockwork(retention: { retentionMs?: number; retentionBytes?: number }) {
  const disk = new MemoryDisk();
  const events: JournalEvent[] = [];
  const clock = { nowMs: START_MS };
  const options = {
    directory,
    files: disk,
    nowMs: () => clock.nowMs,
    onEvent: (event: JournalEvent) => events.push(event),
    ...retention,
  };
  return { disk, events, clock, options };
}

test('the newest reading of a silent meter outlives the retention, over restarts', async () => {
  const { clock, options, events } = newClockwork({ retentionMs: 14 * DAY_MS });
  let journal = await opened(options);
  await appended(journal, [draftOf('water', 0), draftOf('water', 1)]);
  const [newest] = await appended(journal, [draftOf('water', 2)]);
  for (let day = 0; day < 100; day += 1) {
    await appended(journal, [draftOf('main', day)]);
    clock.nowMs += DAY_MS;
    if (day % 30 === 29) {
      await journal.close();
      journal = await opened(options);
    }
  }
  expect(await allOf(journal, 'water')).toEqual([newest]);
  expect(journal.position('water')).toMatchObject({ first: 3, last: 3 });
  expect(journal.position('main').first).toBeGreaterThan(80);
  const dropped = events.flatMap((event) => (event.kind === 'dropped' ? event.ranges : []));
  expect(dropped.filter(({ meter }) => meter === 'water')).toEqual([
    { meter: 'water', from: 1, to: 2 },
  ]);
  expect(journal.lost()).toEqual([]);
  const [next] = await appended(journal, [draftOf('water', 3)]);
  expect(next).toMatchObject({ seq: 4 });
  expect((await allOf(journal, 'water')).map(({ seq }) => seq)).toEqual([3, 4]);
});

test('a limit in bytes takes it neither, and does not count it as lost', async () => {
  const { disk, options } = newClockwork({ retentionBytes: 100_000 });
  const journal = await opened(options);
  const [, newest] = await appended(journal, [draftOf('water', 0), draftOf('water', 1)]);
  for (let n = 0; n < 1_000; n += 1) {
    await appended(journal, [draftOf('main', n)]);
    expect(disk.bytes()).toBeLessThan(110_000);
  }
  expect(await allOf(journal, 'water')).toEqual([newest]);
  expect(journal.lost().find(({ meter }) => meter === 'water')).toMatchObject({ from: 1, to: 1 });
});

test('more meters than the limit in bytes has room for do not make it grow', async () => {
  const { disk, options } = newClockwork({ retentionBytes: 40_000 });
  const journal = await opened(options);
  for (let n = 0; n < 600; n += 1) {
    await appended(journal, [draftOf(n < 200 ? `meter-${n}` : 'main', n)]);
    // The limit, and the segment in use, which begins with where all meters stand.
    expect(disk.bytes()).toBeLessThan(80_000);
  }
});

const meters = ['main', 'water', 'gas'];

type Step =
  | { do: 'append'; meter: number; count: number }
  | { do: 'days'; days: number }
  | { do: 'kill' }
  | { do: 'power cut'; keep: number[] }
  | { do: 'fault'; inCalls: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      meter: fc.constantFrom(0, 0, 0, 0, 1, 2),
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('days' as const),
      days: fc.integer({ min: 1, max: 9 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'kill' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('power cut' as const),
      keep: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('fault' as const),
      inCalls: fc.integer({ min: 1, max: 12 }),
    }),
  },
);

async function runSteps(steps: readonly Step[]): Promise<void> {
  const { disk, clock, options } = newClockwork({ retentionMs: 14 * DAY_MS });
  const accepted = new Map<string, { reading: Reading; atMs: number }[]>();
  const started = async (): Promise<Journal> => {
    for (;;) {
      const result = await openJournal(options);
      if (result.ok) return result.journal;
      expect(result.fault).toBe('io');
    }
  };
  let journal = await started();
  let n = 0;
  for (const one of [...steps, { do: 'kill' } as const]) {
    if (one.do === 'append') {
      const meter = meters[one.meter]!;
      for (let i = 0; i < one.count; i += 1) {
        const outcome = await journal.append(draftOf(meter, (n += 1)));
        if (!outcome.ok) continue;
        const readings = accepted.get(meter) ?? [];
        accepted.set(meter, [...readings, { reading: outcome.reading, atMs: clock.nowMs }]);
      }
    } else if (one.do === 'days') clock.nowMs += one.days * DAY_MS;
    else if (one.do === 'fault') {
      disk.faults = [{ atCall: disk.calls + one.inCalls, code: 'EIO', writtenFraction: 0.5 }];
    } else {
      let i = 0;
      if (one.do === 'power cut') disk.powerCut(() => one.keep[(i += 1) % one.keep.length]!);
      journal = await started();
      disk.faults = [];
      for (const [meter, readings] of accepted) await expectHolds(journal, meter, readings);
    }
  }

  async function expectHolds(
    of: Journal,
    meter: string,
    readings: readonly { reading: Reading; atMs: number }[],
  ): Promise<void> {
    const kept = await allOf(of, meter);
    const seqs = kept.map(({ seq }) => seq);
    const { first, last } = of.position(meter);
    expect(seqs).toEqual(Array.from({ length: last - first + 1 }, (_, i) => first + i));
    const youngFromMs = clock.nowMs - 14 * DAY_MS;
    const mustBe = readings.filter(
      ({ atMs }, i) => atMs > youngFromMs || i === readings.length - 1,
    );
    for (const { reading } of mustBe) expect(kept).toContainEqual(reading);
  }
}

test('holds the young readings and the newest one of every meter, whatever happens', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), runSteps), { numRuns: 100 });
});
