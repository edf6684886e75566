import { expect, test } from '@jest/globals';
import { describe, journalAlert, lossAlert } from './journal-alert.js';

const ranges = [
  { meter: 'main', from: 1, to: 500 },
  { meter: 'pv', from: 3, to: 12 },
];

test('warns of a limit that comes near, and takes it back', () => {
  expect(journalAlert({ kind: 'retention-near', usedFraction: 0.804 })).toMatchObject({
    name: 'journal-space',
    active: true,
    severity: 'warning',
    text: expect.stringMatching(/holds 80 % of ingest.retentionBytes/),
  });
  expect(journalAlert({ kind: 'retention-clear', usedFraction: 0.7 })?.active).toBe(false);
});

test('raises an alarm when a limit has taken readings, but not when their age has', () => {
  expect(journalAlert({ kind: 'dropped', reason: 'bytes', ranges })).toMatchObject({
    name: 'journal-loss',
    severity: 'critical',
    text: expect.stringMatching(/^510 readings of 2 meters are gone before ingest.retentionDays/),
  });
  expect(journalAlert({ kind: 'dropped', reason: 'age', ranges })).toBeNull();
});

test('raises an alarm about damage, and none about what a crash cut off', () => {
  const where = { file: 'journal-0000000001.log', offset: 700, bytes: 300 };
  expect(journalAlert({ kind: 'corrupt', ...where })?.text).toMatch(/damaged at byte 700/);
  expect(journalAlert({ kind: 'torn', ...where })).toBeNull();
  expect(describe({ kind: 'torn', ...where })).toMatch(/nothing in it had been accepted/);
});

test('shows recorded losses for as long as readings are kept', () => {
  const [at, DAY_MS] = ['2026-03-01T00:00:00.000Z', 86_400_000];
  const lost = ranges.map((range) => ({ ...range, count: range.to - range.from + 1, at }));
  const after = (days: number) => lossAlert(lost, Date.parse(at) + days * DAY_MS, 14 * DAY_MS);
  expect(after(14)).toMatchObject({
    name: 'journal-loss',
    active: true,
    severity: 'critical',
    text: '510 readings are gone before ingest.retentionDays: main 1 to 500, pv 3 to 12',
  });
  expect(after(15)).toMatchObject({ active: false, text: '' });
  expect(lossAlert([], 0, DAY_MS).active).toBe(false);
});
