import { expect, test } from '@jest/globals';
import { draftOf, MemoryDisk } from '@wattbus/testing';
import fc from 'fast-check';
import type { Reading } from '@wattbus/energy-model';
import { openJournal, type Journal } from '../src/index.js';
import { allOf } from './opened-journal.js';

const meters = ['main', 'pv', 'gas'];
const options = { directory: '/j', segmentBytes: 2_000 };

type Step =
  | { do: 'append'; meters: number[] }
  | { do: 'kill' }
  | { do: 'power cut'; keep: number[] }
  | { do: 'close' }
  | { do: 'fault'; inCalls: number; code: string; fraction: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      meters: fc.array(fc.nat(2), { minLength: 1, maxLength: 12 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'kill' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'close' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('power cut' as const),
      keep: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fault' as const),
      inCalls: fc.integer({ min: 1, max: 12 }),
      code: fc.constantFrom('EIO', 'ENOSPC'),
      fraction: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
);

/** The journal after each start, whatever the end before it was. */
async function started(disk: MemoryDisk): Promise<Journal> {
  for (;;) {
    const result = await openJournal({ ...options, files: disk });
    if (result.ok) return result.journal;
    expect(result.fault).toBe('io');
  }
}

async function runSteps(steps: readonly Step[]): Promise<void> {
  const disk = new MemoryDisk();
  let journal = await started(disk);
  const { epoch } = journal;
  const accepted = new Map<string, Reading[]>(meters.map((meter) => [meter, []]));
  let n = 0;
  for (const one of [...steps, { do: 'kill' } as const]) {
    if (one.do === 'append') {
      const under = one.meters.map((i) => journal.append(draftOf(meters[i]!, (n += 1))));
      for (const outcome of await Promise.all(under)) {
        if (outcome.ok) accepted.get(outcome.reading.meter)!.push(outcome.reading);
      }
      continue;
    }
    if (one.do === 'fault') {
      const { code, fraction, inCalls } = one;
      disk.faults = [{ atCall: disk.calls + inCalls, code, writtenFraction: fraction }];
      continue;
    }
    if (one.do === 'close') await journal.close();
    if (one.do === 'power cut') {
      let i = 0;
      disk.powerCut(() => one.keep[(i += 1) % one.keep.length]!);
    }
    journal = await started(disk);
    disk.faults = [];
    expect(journal.epoch).toBe(epoch);
    for (const meter of meters) await expectHolds(journal, meter, accepted.get(meter)!);
  }
}

/** All that was accepted; and what was refused and is there all the same has a later number. */
async function expectHolds(journal: Journal, meter: string, accepted: Reading[]): Promise<void> {
  const kept = await allOf(journal, meter);
  const seqs = kept.map(({ seq }) => seq);
  expect(seqs).toEqual(seqs.map((_, i) => i + 1));
  for (const reading of accepted) expect(kept[reading.seq - 1]).toEqual(reading);
  for (const [i, { at }] of kept.entries()) {
    if (i > 0) expect(Date.parse(at)).toBeGreaterThan(Date.parse(kept[i - 1]!.at));
  }
}

test('holds every accepted reading after any kills, power cuts and disk faults', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), runSteps), { numRuns: 300 });
});
