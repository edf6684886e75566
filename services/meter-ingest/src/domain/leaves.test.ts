import { expect, test } from '@jest/globals';
import { dueLeaves, REGISTER_MS_MIN } from './leaves.js';

const texts = (due: ReturnType<typeof dueLeaves>): string[] =>
  due.leaves.map(({ quantity, text, retain }) => `${quantity} ${text}${retain ? ' kept' : ''}`);

test('says what is new: registers and counts are kept, momentary values are not', () => {
  const due = dueLeaves(
    new Map(),
    { powerW: 431.5, energyImportWh: 1_234_567, powerFailureCount: 3 },
    0,
  );
  expect(texts(due)).toEqual([
    'powerW 431.5',
    'energyImportWh 1234567 kept',
    'powerFailureCount 3 kept',
  ]);
});

test('says nothing twice, and registers only now and then', () => {
  const first = dueLeaves(new Map(), { powerW: 1, energyImportWh: 10 }, 0);
  expect(texts(dueLeaves(first.said, { powerW: 1, energyImportWh: 10 }, 99_999))).toEqual([]);
  const second = dueLeaves(first.said, { powerW: 2, energyImportWh: 11 }, REGISTER_MS_MIN - 1);
  expect(texts(second)).toEqual(['powerW 2']);
  const third = dueLeaves(second.said, { powerW: 2, energyImportWh: 12 }, REGISTER_MS_MIN);
  expect(texts(third)).toEqual(['energyImportWh 12 kept']);
});

test('writes numbers plainly', () => {
  const due = dueLeaves(new Map(), { powerFactor: 1e-7, currentL1A: 0.1 + 0.2 }, 0);
  expect(texts(due)).toEqual(['powerFactor 0', 'currentL1A 0.3']);
});
