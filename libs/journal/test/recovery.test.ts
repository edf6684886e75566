import { Buffer } from 'node:buffer';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { draftOf } from '@wattbus/testing';
import type { Reading } from '@wattbus/energy-model';
import { openJournal, type JournalEvent } from '../src/index.js';
import { allOf, appended, opened } from './opened-journal.js';
import { MemoryDisk } from './memory-disk.js';

const directory = '/j';
const path = '/j/journal-0000000001.log';
let whole = Buffer.alloc(0);
let made: Reading[] = [];

/** A journal of eight readings of two meters, in one segment. */
beforeAll(async () => {
  const disk = new MemoryDisk();
  const journal = await opened({ directory, files: disk });
  const drafts = Array.from({ length: 8 }, (_, n) => draftOf(n % 3 ? 'main' : 'pv', n));
  made = await appended(journal, drafts);
  await journal.close();
  whole = Buffer.from(disk.stored.get(path)!.content);
});

function diskWith(content: Buffer): MemoryDisk {
  const disk = new MemoryDisk();
  disk.stored.set(path, { content, durable: content, pending: [], isLinked: true });
  return disk;
}

async function reopened(content: Buffer): Promise<{
  kept: Reading[];
  events: JournalEvent[];
  next: Reading[];
}> {
  const events: JournalEvent[] = [];
  const disk = diskWith(content);
  const options = { directory, files: disk, onEvent: (event: JournalEvent) => events.push(event) };
  const journal = await opened(options);
  const kept = [...(await allOf(journal, 'main')), ...(await allOf(journal, 'pv'))];
  const next = await appended(journal, [draftOf('main', 100), draftOf('pv', 100)]);
  await journal.close();
  // What was appended after the damage is there at the next start too.
  const again = await opened({ directory, files: disk });
  for (const reading of next) expect(await allOf(again, reading.meter)).toContainEqual(reading);
  return { kept, events, next };
}

const lineStarts = (): number[] =>
  [...whole.entries()].flatMap(([i, byte]) => (byte === 0x0a ? [i + 1] : []));

test('cuts a torn tail off at every byte of the last three records', async () => {
  const starts = lineStarts();
  const from = starts.at(-4)!;
  for (let length = from; length < whole.length; length += 1) {
    const { kept, events, next } = await reopened(Buffer.from(whole.subarray(0, length)));
    const lines = starts.filter((start) => start <= length).length - 2;
    const expected = made.slice(0, lines);
    expect(sorted(kept)).toEqual(sorted(expected));
    const tornBytes = length - starts.filter((start) => start <= length).at(-1)!;
    expect(events).toEqual(
      tornBytes === 0
        ? []
        : [{ kind: 'torn', file: path, offset: length - tornBytes, bytes: tornBytes }],
    );
    for (const { meter, seq } of next) expect(seq).toBe(countOf(expected, meter) + 1);
  }
});

describe('a damaged byte', () => {
  test('anywhere in the last records is reported and costs no other reading', async () => {
    const starts = lineStarts();
    for (let at = starts.at(-4)!; at < whole.length; at += 1) {
      for (const bit of [0x01, 0x80]) {
        const content = Buffer.from(whole);
        content[at]! ^= bit;
        const { kept, events, next } = await reopened(content);
        expect(events.filter(({ kind }) => kind === 'corrupt')).toHaveLength(1);
        expect(events).toMatchObject([{ kind: 'corrupt', file: path }]);
        const [event] = events;
        const [from, to] =
          event?.kind === 'corrupt' ? [event.offset, event.offset + event.bytes] : [0, 0];
        expect(at).toBeGreaterThanOrEqual(from);
        expect(at).toBeLessThan(to);
        const untouched = made.filter(
          (_, i) => starts[i + 2]! <= from || starts[i + 1]! >= to || to - from === 1,
        );
        expect(sorted(kept)).toEqual(sorted(untouched));
        // Never a number that a reading, now lost, may have had.
        for (const { meter, seq } of next) expect(seq).toBeGreaterThan(countOf(made, meter));
      }
    }
  });

  test('in the header is reported, and epoch and readings are still known', async () => {
    const content = Buffer.from(whole);
    content[lineStarts()[0]! + 20]! ^= 1;
    const { kept, events } = await reopened(content);
    expect(events).toMatchObject([{ kind: 'corrupt', file: path, offset: 18 }]);
    expect(sorted(kept)).toEqual(sorted(made));
  });

  test('found while a page is read is reported once and left out', async () => {
    const disk = diskWith(Buffer.from(whole));
    const journal = await opened({ directory, files: disk });
    disk.stored.get(path)!.content[lineStarts()[2]! + 50]! ^= 1;
    for (let i = 0; i < 2; i += 1) {
      expect((await allOf(journal, 'main')).map(({ seq }) => seq)).toEqual([2, 3, 4, 5]);
    }
    expect(journal.counters.corruptStretches).toBe(1);
  });
});

test('keeps the number of a meter whose readings are all gone', async () => {
  const disk = new MemoryDisk();
  let nowMs = Date.parse('2026-01-01T00:00:00Z');
  const options = { directory, files: disk, nowMs: () => nowMs };
  const journal = await opened(options);
  await appended(journal, [draftOf('rare', 1), draftOf('rare', 2)]);
  // The newest one would be kept for good, were it not damaged.
  const { content } = disk.stored.get(path)!;
  content[content.length - 20]! ^= 1;
  for (let day = 0; day < 40; day += 1) {
    nowMs += 86_400_000;
    await appended(journal, [draftOf('main', day)]);
  }
  expect(journal.position('rare')).toMatchObject({ first: 3, last: 2 });
  await journal.close();
  const again = await opened(options);
  expect(again.position('rare')).toMatchObject({ first: 3, last: 2 });
  const [reading] = await appended(again, [draftOf('rare', 2)]);
  expect(reading).toMatchObject({ seq: 3, atSource: 'adjusted' });
});

describe('a directory is refused and left alone', () => {
  test.each([
    ['holding something else', 'PRAGMA foreign_keys=OFF; BEGIN;', 'foreign', 'no segment'],
    ['of a newer version', 'wattbus-journal 12\n{}\n', 'newer', 'format 12, this one knows 1'],
  ])('%s', async (_, text, fault, detail) => {
    const content = Buffer.from(text);
    const disk = diskWith(content);
    expect(await openJournal({ directory, files: disk })).toMatchObject({
      ok: false,
      fault,
      detail: expect.stringContaining(detail),
    });
    expect(disk.stored.get(path)!.content).toBe(content);
  });

  test('with segments of two journals', async () => {
    const [one, two] = [new MemoryDisk(), new MemoryDisk()];
    await opened({ directory, files: one });
    const options = { directory, files: two, segmentBytes: 100 };
    const journal = await opened(options);
    for (let n = 0; n < 3; n += 1) await appended(journal, [draftOf('main', n)]);
    two.stored.set(path, one.stored.get(path)!);
    expect(await openJournal(options)).toMatchObject({
      ok: false,
      fault: 'foreign',
      detail: expect.stringContaining('several journals'),
    });
  });
});

test('takes a segment whose creation was cut off at any byte for none', async () => {
  const starts = lineStarts();
  for (let length = 0; length < starts[1]!; length += 1) {
    const disk = diskWith(Buffer.from(whole.subarray(0, length)));
    const journal = await opened({ directory, files: disk });
    expect(await appended(journal, [draftOf('main', 1)])).toMatchObject([{ seq: 1 }]);
  }
});

const sorted = (readings: readonly Reading[]): Reading[] =>
  [...readings].sort((a, b) => a.meter.localeCompare(b.meter) || a.seq - b.seq);

const countOf = (readings: readonly Reading[], meter: string): number =>
  readings.filter((one) => one.meter === meter).length;
