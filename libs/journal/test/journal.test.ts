import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { draftOf, MemoryDisk } from '@wattbus/testing';
import { openJournal } from '../src/index.js';
import { allOf, appended, opened } from './opened-journal.js';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'wattbus-journal-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('gives each meter its own seq from 1 on and one epoch to all', async () => {
  const journal = await opened({ directory });
  const readings = await appended(journal, [
    draftOf('main', 1),
    draftOf('pv', 1),
    draftOf('main', 2),
  ]);
  expect(readings.map(({ meter, seq }) => [meter, seq])).toEqual([
    ['main', 1],
    ['pv', 1],
    ['main', 2],
  ]);
  expect(new Set(readings.map(({ epoch }) => epoch))).toEqual(new Set([journal.epoch]));
  expect(journal.position('main')).toEqual({ v: 1, epoch: journal.epoch, first: 1, last: 2 });
  await journal.close();
});

test('goes on with epoch, seq and time where it was after it is opened again', async () => {
  const first = await opened({ directory });
  await appended(first, [draftOf('main', 5)]);
  await first.close();
  const second = await opened({ directory });
  expect(second.epoch).toBe(first.epoch);
  const [reading] = await appended(second, [draftOf('main', 3)]);
  expect(reading).toMatchObject({
    seq: 2,
    at: '2026-03-29T00:00:05.001Z',
    atSource: 'adjusted',
    receivedAt: '2026-03-29T00:00:03.000Z',
  });
  expect((await allOf(second, 'main')).map(({ seq }) => seq)).toEqual([1, 2]);
  await second.close();
});

test('groups what arrives during a sync into the next one', async () => {
  const journal = await opened({ directory });
  await Promise.all(Array.from({ length: 2_000 }, (_, n) => journal.append(draftOf('main', n))));
  expect(journal.counters).toMatchObject({ readingsAppended: 2_000 });
  expect(journal.counters.commits).toBeLessThan(10);
  await journal.close();
});

test('collects readings before a sync when told to, and syncs at once on close', async () => {
  const journal = await opened({ directory, commitMsMax: 3_600_000 });
  const waiting = [journal.append(draftOf('main', 1)), journal.append(draftOf('main', 2))];
  await journal.close();
  expect(await Promise.all(waiting)).toMatchObject([{ ok: true }, { ok: true }]);
  expect(journal.counters.commits).toBe(1);
  expect(await journal.append(draftOf('main', 3))).toMatchObject({ ok: false, fault: 'closed' });
});

test('refuses readings instead of eating the memory when the disk does not keep up', async () => {
  const journal = await opened({ directory });
  const many = Array.from({ length: 20_001 }, (_, n) => draftOf('main', n));
  expect(await journal.appendAll(many)).toMatchObject({ ok: false, fault: 'overloaded' });
  expect(journal.counters).toMatchObject({ failuresOverloaded: 1, readingsFailed: 20_001 });
  expect(await journal.append(draftOf('main', 1))).toMatchObject({ ok: true });
  await journal.close();
});

test('answers pages of at most 500 readings and 64 KiB, over all segments', async () => {
  const journal = await opened({ directory, segmentBytes: 20_000 });
  const made = [];
  for (let n = 0; n < 2_000; n += 50) {
    const drafts = Array.from({ length: 50 }, (_, i) => draftOf(i % 5 ? 'main' : 'pv', n + i));
    made.push(...(await appended(journal, drafts)));
  }
  expect(journal.usage().segments).toBeGreaterThan(10);
  const page = await journal.page({ meter: 'pv', epoch: journal.epoch, fromSeq: 7, limit: 9 });
  expect(page).toMatchObject({ ok: true, first: 1, last: 400 });
  expect(page.ok && page.readings.map(({ seq }) => seq)).toEqual([7, 8, 9, 10, 11, 12, 13, 14, 15]);
  const big = await journal.page({ meter: 'main', epoch: journal.epoch, fromSeq: 1, limit: 9_999 });
  const bytes = big.ok && JSON.stringify(big.readings).length;
  expect(bytes).toBeGreaterThan(60_000);
  expect(bytes).toBeLessThanOrEqual(65_536 + 500);
  for (const meter of ['main', 'pv']) {
    expect(await allOf(journal, meter)).toEqual(made.filter((one) => one.meter === meter));
  }
  await journal.close();
  const again = await opened({ directory });
  for (const meter of ['main', 'pv']) {
    expect(await allOf(again, meter)).toEqual(made.filter((one) => one.meter === meter));
  }
  await again.close();
});

test('answers an empty page for another epoch, an unknown meter or the future', async () => {
  const journal = await opened({ directory });
  await appended(journal, [draftOf('main', 1)]);
  const { epoch } = journal;
  const empty = { ok: true, epoch, readings: [] };
  const ask = { meter: 'main', epoch, fromSeq: 1, limit: 500 };
  expect(await journal.page({ ...ask, epoch: 'other' })).toEqual({ ...empty, first: 1, last: 1 });
  expect(await journal.page({ ...ask, fromSeq: 2 })).toEqual({ ...empty, first: 1, last: 1 });
  expect(await journal.page({ ...ask, meter: 'pv' })).toEqual({ ...empty, first: 1, last: 0 });
  await journal.close();
});

test('is written in lines that people can read', async () => {
  const journal = await opened({ directory });
  await appended(journal, [draftOf('main', 1)]);
  await journal.close();
  const [name] = await readdir(directory);
  const text = await readFile(join(directory, name!), 'utf8');
  expect(text).toMatch(/^wattbus-journal 1\n[0-9a-f]{8} \{"kind":"segment"/);
  expect(text).toMatch(/\n[0-9a-f]{8} \{"v":1,"meter":"main".*"powerW":1,.*\}\n$/);
});

test('lets only one process have the directory, and the next one after it', async () => {
  const journal = await opened({ directory });
  expect(await openJournal({ directory })).toMatchObject({ ok: false, fault: 'in-use' });
  await journal.close();
  await (await opened({ directory })).close();
});

test('says why a directory cannot be opened', async () => {
  const file = join(directory, 'file');
  await writeFile(file, '');
  expect(await openJournal({ directory: join(file, 'journal') })).toMatchObject({
    ok: false,
    fault: 'io',
    detail: expect.stringContaining(`cannot open the journal in ${file}`),
  });
});

test('stays fast at start: a closed segment is known by its index', async () => {
  const disk = new MemoryDisk();
  const journal = await opened({ directory: '/j', files: disk, segmentBytes: 30_000 });
  for (let n = 0; n < 2_000; n += 100) {
    await appended(
      journal,
      Array.from({ length: 100 }, (_, i) => draftOf('main', n + i)),
    );
  }
  await journal.close();
  let readBytes = 0;
  disk.onRead = (bytes) => (readBytes += bytes);
  const again = await opened({ directory: '/j', files: disk, segmentBytes: 30_000 });
  expect(readBytes).toBeLessThan(disk.bytes() / 3);
  expect(await allOf(again, 'main')).toHaveLength(2_000);
});
