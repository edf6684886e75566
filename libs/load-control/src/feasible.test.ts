import { expect, test } from '@jest/globals';
import { anything, narrow, type Wish } from './feasible.js';

const wish = (on: boolean, by: Wish['by']): Wish => ({ on, by, reason: by });

test('a later rule may not overwrite an earlier one', () => {
  const silent = narrow(anything, wish(false, 'meter-silent'));
  const decided = narrow(silent, wish(true, 'user'));
  expect(decided).toEqual({
    on: false,
    decidedBy: 'meter-silent',
    reason: 'meter-silent',
    untilMs: null,
  });
});

test('a rule without a wish leaves everything open', () => {
  expect(narrow(anything, null)).toBe(anything);
  expect(narrow(anything, { ...wish(true, 'user'), untilMs: 7 })).toMatchObject({
    on: true,
    untilMs: 7,
  });
});
