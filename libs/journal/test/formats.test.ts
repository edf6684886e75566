import { expect, test } from '@jest/globals';
import { draftOf, keptFormat } from '@wattbus/testing';
import { readdirSync, rmSync } from 'node:fs';
import { allOf, appended, opened } from './opened-journal.js';

/** Small enough that some segments are closed, and that the limit takes the first readings. */
const limits = { segmentBytes: 2_000, retentionBytes: 9_000 };

async function makeJournal(directory: string): Promise<void> {
  const journal = await opened({ directory, ...limits });
  for (let n = 0; n < 40; n += 1) {
    await appended(journal, [draftOf(n % 4 === 3 ? 'pv' : 'main', n)]);
  }
  await journal.close();
  rmSync(`${directory}/journal.lock`, { force: true });
}

test('a journal of version 1 is read whole, with what was lost, and goes on', async () => {
  const directory = await keptFormat(import.meta.url, 'journal-1', makeJournal);
  expect(readdirSync(directory).length).toBeGreaterThan(3);
  const journal = await opened({ directory, ...limits });
  const main = await allOf(journal, 'main');
  const pv = await allOf(journal, 'pv');
  const { first, last } = journal.position('main');
  expect(last).toBe(30);
  expect(first).toBeGreaterThan(1);
  expect(journal.position('pv').last).toBe(10);
  expect(main.map(({ seq }) => seq)).toEqual(main.map((_, i) => first + i));
  expect(main.at(-1)).toEqual({ ...draftOf('main', 38), epoch: journal.epoch, seq: 30 });
  expect(pv.at(-1)).toEqual({ ...draftOf('pv', 39), epoch: journal.epoch, seq: 10 });
  expect(journal.lost()).toMatchObject([
    { meter: 'main', from: 1, to: first - 1, count: first - 1 },
    { meter: 'pv', from: 1 },
  ]);
  expect(journal.counters).toMatchObject({ corruptStretches: 0, tornBytes: 0 });
  expect(await appended(journal, [draftOf('main', 40)])).toMatchObject([{ seq: 31 }]);
  await journal.close();
});
