import { expect, test } from '@jest/globals';
import { draftOf, MemoryDisk } from '@wattbus/testing';
import type { JournalEvent } from '../src/index.js';
import { allOf, appended, opened } from './opened-journal.js';

const directory = '/j';
const DAY_MS = 86_400_000;

test('drops readings that have reached their age, and nothing counts as lost', async () => {
  const events: JournalEvent[] = [];
  let nowMs = Date.parse('2026-01-01T00:00:00Z');
  const journal = await opened({
    directory,
    files: new MemoryDisk(),
    nowMs: () => nowMs,
    retentionMs: 14 * DAY_MS,
    onEvent: (event) => events.push(event),
  });
  for (let hour = 0; hour < 24 * 20; hour += 1) {
    await appended(journal, [draftOf('main', hour)]);
    nowMs += DAY_MS / 24;
  }
  const { first, last } = journal.position('main');
  expect(last).toBe(480);
  expect(last - first).toBeGreaterThanOrEqual(14 * 24);
  expect(last - first).toBeLessThan(16 * 24);
  expect((await allOf(journal, 'main')).map(({ seq }) => seq)).toEqual(
    Array.from({ length: last - first + 1 }, (_, i) => first + i),
  );
  expect(events.every((event) => event.kind === 'dropped' && event.reason === 'age')).toBe(true);
  expect(journal.counters.readingsDroppedByAge).toBe(first - 1);
  expect(journal.lost()).toEqual([]);
});

test('warns well before a limit takes readings, and keeps a record of them', async () => {
  const disk = new MemoryDisk();
  const events: JournalEvent[] = [];
  const options = {
    directory,
    files: disk,
    retentionBytes: 200_000,
    onEvent: (event: JournalEvent) => events.push(event),
  };
  const journal = await opened(options);
  let firstWarned = 0;
  for (let n = 1; n <= 2_000; n += 1) {
    await appended(journal, [draftOf(n % 2 ? 'main' : 'pv', n)]);
    expect(disk.bytes()).toBeLessThan(215_000);
    if (firstWarned === 0 && events.length > 0) firstWarned = n;
  }
  expect(events[0]).toMatchObject({ kind: 'retention-near' });
  const firstDrop = events.findIndex(({ kind }) => kind === 'dropped');
  expect(events[firstDrop]).toMatchObject({
    reason: 'bytes',
    ranges: [
      { meter: 'main', from: 1 },
      { meter: 'pv', from: 1 },
    ],
  });
  expect(firstWarned).toBeLessThan(650);
  const { first } = journal.position('main');
  expect(first).toBeGreaterThan(500);
  expect(journal.lost()).toMatchObject([
    { meter: 'main', from: 1, to: first - 1, count: first - 1 },
    { meter: 'pv', from: 1 },
  ]);
  expect(journal.counters.readingsLost).toBe(
    journal.lost().reduce((sum, { count }) => sum + count, 0),
  );
  await journal.close();
  const again = await opened(options);
  expect(again.lost()).toEqual(journal.lost());
});

test('does not warn while the age takes readings before the limit in bytes does', async () => {
  const events: JournalEvent[] = [];
  let nowMs = Date.parse('2026-01-01T00:00:00Z');
  const journal = await opened({
    directory,
    files: new MemoryDisk(),
    nowMs: () => nowMs,
    retentionMs: 10 * DAY_MS,
    retentionBytes: 1 << 20,
    onEvent: (event) => events.push(event),
  });
  // At full age some 90 % of the bytes.
  for (let hour = 0; hour < 24 * 30; hour += 1) {
    const drafts = Array.from({ length: 13 }, (_, i) => draftOf('main', hour * 13 + i));
    await appended(journal, drafts);
    nowMs += DAY_MS / 24;
  }
  expect(new Set(events.map(({ kind }) => kind))).toEqual(new Set(['dropped']));
  expect(journal.usage().bytes).toBeGreaterThan(0.79 * (1 << 20));
});

test('lets a page be read to its end although its segment is dropped meanwhile', async () => {
  const journal = await opened({
    directory,
    files: new MemoryDisk(),
    segmentBytes: 2_000,
    retentionBytes: 40_000,
  });
  await appended(
    journal,
    Array.from({ length: 100 }, (_, n) => draftOf('main', n)),
  );
  const page = journal.page({ meter: 'main', epoch: journal.epoch, fromSeq: 1, limit: 500 });
  const more = Array.from({ length: 100 }, (_, n) => appended(journal, [draftOf('main', 200 + n)]));
  await Promise.all(more);
  const result = await page;
  expect(result.ok && result.readings.length).toBe(100);
});
