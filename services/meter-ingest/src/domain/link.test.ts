import { expect, test } from '@jest/globals';
import { linkState, newLink, shouldReopen, stepLink } from './link.js';

const opened = stepLink(newLink(0), { kind: 'opened', nowMs: 1_000 });
const reading = stepLink(opened, { kind: 'reading', nowMs: 5_000 });

test('is offline with the reason until it is open and after it has ended', () => {
  expect(linkState(newLink(0), 1, 60_000)).toEqual({ link: 'offline', reason: 'not opened yet' });
  const ended = stepLink(reading, { kind: 'ended', nowMs: 6_000, reason: 'pulled out' });
  expect(linkState(ended, 6_001, 60_000)).toEqual({ link: 'offline', reason: 'pulled out' });
});

test('is online from the first reading until the silence is too long', () => {
  expect(linkState(opened, 1_001, 60_000)).toMatchObject({
    link: 'stale',
    reason: expect.stringMatching(/waiting/),
  });
  expect(linkState(reading, 64_999, 60_000)).toEqual({ link: 'online', reason: '' });
  expect(linkState(reading, 65_000, 60_000)).toMatchObject({
    link: 'stale',
    reason: expect.stringMatching(/^no readable telegram for 60 s; check the cable/),
  });
});

test('counts the silence of a line that was opened again from its opening', () => {
  const again = stepLink(reading, { kind: 'opened', nowMs: 100_000 });
  expect(linkState(again, 159_999, 60_000).link).toBe('online');
});

test('is opened anew when it has been silent for five times too long', () => {
  expect(shouldReopen(reading, 305_000, 60_000)).toBe(false);
  expect(shouldReopen(reading, 305_001, 60_000)).toBe(true);
  expect(shouldReopen(newLink(0), 999_999, 60_000)).toBe(false);
});
