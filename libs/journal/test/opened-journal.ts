import assert from 'node:assert/strict';
import type { Reading } from '@wattbus/energy-model';
import { openJournal, type Journal, type JournalOptions, type ReadingDraft } from '../src/index.js';

export async function opened(options: JournalOptions): Promise<Journal> {
  const result = await openJournal(options);
  assert(result.ok, JSON.stringify(result));
  return result.journal;
}

/** All that the journal gives of a meter, page by page. */
export async function allOf(journal: Journal, meter: string): Promise<Reading[]> {
  const readings: Reading[] = [];
  for (let fromSeq = 1; ;) {
    const page = await journal.page({ meter, epoch: journal.epoch, fromSeq, limit: 500 });
    assert(page.ok, JSON.stringify(page));
    readings.push(...page.readings);
    const last = page.readings.at(-1)?.seq ?? page.last;
    if (last >= page.last) return readings;
    fromSeq = last + 1;
  }
}

export async function appended(
  journal: Journal,
  drafts: readonly ReadingDraft[],
): Promise<Reading[]> {
  const result = await journal.appendAll(drafts);
  assert(result.ok, JSON.stringify(result));
  return [...result.readings];
}
