import { expect, test } from '@jest/globals';
import { addressesOf, addressesPattern } from './addresses.js';

test('one setting may name several addresses, in order', () => {
  expect(addressesOf('mqtt://a')).toEqual(['mqtt://a']);
  expect(addressesOf('mqtt://b:1884, mqtts://a,ws://c/mqtt')).toEqual([
    'mqtt://b:1884',
    'mqtts://a',
    'ws://c/mqtt',
  ]);
});

test.each([
  ['mqtt://a', true],
  ['mqtt://a:1883 , mqtts://[::1]:8883', true],
  ['mqtt://', false],
  ['mqtt://a,', false],
  ['mqtt://a,b', false],
  ['mqtt://a mqtt://b', false],
  ['http://a', false],
  ['mqtt://a,http://b', false],
])('%s: %s', (setting, isRight) => {
  expect(addressesPattern(['mqtt', 'mqtts']).test(setting)).toBe(isRight);
});
