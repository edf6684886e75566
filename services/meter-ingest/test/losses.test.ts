import { afterEach, expect, test } from '@jest/globals';
import { openJournal } from '@wattbus/journal';
import { topics, type Alert } from '@wattbus/mqtt-contract';
import { draftOf, testConfig, until } from '@wattbus/testing';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { startRig } from './rig.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

test('says after any number of starts that a limit has taken readings, and which', async () => {
  const { dataDir } = testConfig({});
  const limits = { segmentBytes: 5_000, retentionBytes: 40_000 };
  const opened = await openJournal({ directory: join(dataDir, 'journal'), ...limits });
  assert(opened.ok);
  const { journal } = opened;
  for (let n = 0; n < 300; n += 1) await journal.append(draftOf('main', n));
  await journal.close();
  const [lost] = journal.lost();
  assert(lost);

  const rig = await startRig([], ends, { dataDir });
  const alerts: Alert[] = await rig.hear(topics.serviceAlert, { name: 'journal-loss' });
  const wanted = {
    active: true,
    severity: 'critical',
    text: `${lost.count} readings are gone before ingest.retentionDays: main 1 to ${lost.to}`,
  };
  const first = await until('the alert', () => alerts.at(-1));
  expect(first).toMatchObject(wanted);
  await rig.restart();
  const again = await until('the alert once more', () => alerts.find(({ at }) => at !== first.at));
  expect(again).toMatchObject(wanted);
});
