import { expect, test } from '@jest/globals';
import { FailedLogins } from './failed-logins.js';

const limit = { failuresMax: 3, windowMs: 60_000 };

test('blocks an address after the allowed failures, and only that one', () => {
  const failed = new FailedLogins(limit);
  failed.add('192.0.2.1', 0);
  failed.add('192.0.2.1', 10);
  expect(failed.isBlocked('192.0.2.1', 20)).toBe(false);
  failed.add('192.0.2.1', 20);
  expect(failed.isBlocked('192.0.2.1', 30)).toBe(true);
  expect(failed.isBlocked('192.0.2.2', 30)).toBe(false);
});

test('lets the address try again when the window has passed', () => {
  const failed = new FailedLogins(limit);
  for (let i = 0; i < 5; i += 1) failed.add('192.0.2.1', 1_000);
  expect(failed.isBlocked('192.0.2.1', 60_999)).toBe(true);
  expect(failed.isBlocked('192.0.2.1', 61_000)).toBe(false);
  failed.add('192.0.2.1', 61_000);
  expect(failed.isBlocked('192.0.2.1', 61_001)).toBe(false);
});

test('stays bounded when every attempt comes from another address', () => {
  const failed = new FailedLogins(limit);
  for (let i = 0; i < 20_000; i += 1) failed.add(`2001:db8::${i.toString(16)}`, i);
  expect(failed.size).toBe(4_096);
});
