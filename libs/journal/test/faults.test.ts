import { describe, expect, test } from '@jest/globals';
import { draftOf, MemoryDisk, withEachFault } from '@wattbus/testing';
import type { Reading } from '@wattbus/energy-model';
import { openJournal, type JournalEvent } from '../src/index.js';
import { allOf, appended, opened } from './opened-journal.js';

const directory = '/j';

/**
 * Appends one by one over several segments, some of which the limit in bytes takes; gives what was
 * accepted. Opening is tried again when it is refused, unless the disk is gone.
 */
async function run(
  disk: MemoryDisk,
  isPowerCut: boolean,
): Promise<{ accepted: Reading[]; failed: number }> {
  const accepted: Reading[] = [];
  let failed = 0;
  for (let life = 0; life < 2; life += 1) {
    const options = { directory, files: disk, segmentBytes: 1_500, retentionBytes: 12_000 };
    let result = await openJournal(options);
    for (let again = 0; !result.ok && again < 3; again += 1) result = await openJournal(options);
    if (!result.ok && isPowerCut) break;
    if (!result.ok) throw new Error(result.detail);
    for (let n = 0; n < 25; n += 1) {
      const outcome = await result.journal.append(draftOf(n % 3 ? 'main' : 'pv', life * 100 + n));
      if (outcome.ok) accepted.push(outcome.reading);
      else failed += 1;
    }
    await result.journal.close();
  }
  return { accepted, failed };
}

/** All that was accepted is there, from the first reading on that the limit left. */
async function expectKept(disk: MemoryDisk, accepted: readonly Reading[]): Promise<void> {
  const journal = await opened({ directory, files: disk });
  for (const meter of ['main', 'pv']) {
    const own = accepted.filter((one) => one.meter === meter);
    const { first } = journal.position(meter);
    const kept = await allOf(journal, meter);
    expect(kept.map(({ seq }) => seq)).toEqual(kept.map((_, i) => first + i));
    // What is there besides was refused, and reached the disk all the same.
    const seqs = new Set(own.map(({ seq }) => seq));
    expect(kept.filter(({ seq }) => seqs.has(seq))).toEqual(own.filter(({ seq }) => seq >= first));
    expect(kept.length).toBeLessThanOrEqual(Math.max(0, own.length - (first - 1)) + 1);
    expect(new Set(kept.map(({ at }) => at)).size).toBe(kept.length);
  }
  await journal.close();
}

test('keeps what it accepted, whichever call of the disk fails or is its last', async () => {
  const met = await withEachFault(async ({ disk, isPowerCut, end }) => {
    const { accepted, failed } = await run(disk, isPowerCut);
    if (!isPowerCut) expect(failed).toBeLessThanOrEqual(1);
    end();
    await expectKept(disk, accepted);
    disk.powerCut(() => 0);
    await expectKept(disk, accepted);
  });
  expect(met).toBeGreaterThan(1_000);
});

describe('a full disk', () => {
  test('refuses readings with a clear reason, counts them, and takes new ones later', async () => {
    const disk = new MemoryDisk();
    const events: JournalEvent[] = [];
    const journal = await opened({
      directory,
      files: disk,
      onEvent: (event) => events.push(event),
    });
    await appended(journal, [draftOf('main', 1)]);
    disk.bytesMax = disk.bytes() + 100;
    const refused = await journal.append(draftOf('main', 2));
    expect(refused).toEqual({
      ok: false,
      fault: 'disk-full',
      detail: expect.stringMatching(/the disk is full \(ENOSPC\); free some space/),
    });
    expect(disk.stored.get('/j/journal-0000000001.log')!.content.at(-1)).toBe(0x0a);
    expect(journal.counters).toMatchObject({ failuresDiskFull: 1, readingsFailed: 1 });
    expect(events).toMatchObject([{ kind: 'failed', fault: { fault: 'disk-full' } }]);
    disk.bytesMax = Infinity;
    expect(await appended(journal, [draftOf('main', 3)])).toMatchObject([{ seq: 2 }]);
    expect((await allOf(journal, 'main')).map(({ at }) => at)).toEqual([
      '2026-03-29T00:00:01.000Z',
      '2026-03-29T00:00:03.000Z',
    ]);
  });
});

test('answers a page that cannot be read with the reason', async () => {
  const disk = new MemoryDisk();
  const journal = await opened({ directory, files: disk });
  await appended(journal, [draftOf('main', 1)]);
  disk.faults = [{ atCall: disk.calls + 1, code: 'EIO', writtenFraction: 0 }];
  const ask = { meter: 'main', epoch: journal.epoch, fromSeq: 1, limit: 1 };
  expect(await journal.page(ask)).toMatchObject({
    ok: false,
    fault: 'io',
    detail: expect.stringContaining('cannot read readings of main'),
  });
  expect(await journal.page(ask)).toMatchObject({ ok: true, readings: [{ seq: 1 }] });
});
