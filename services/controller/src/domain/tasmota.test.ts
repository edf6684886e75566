import { expect, test } from '@jest/globals';
import { deadMan, onlineIn, powerIn, switchTo } from './tasmota.js';

test.each([
  ['POWER', 'ON', true],
  ['POWER', 'OFF', false],
  ['POWER1', 'OFF', false],
  ['POWER', 'BLINK', null],
  ['RESULT', '{"POWER":"ON"}', true],
  ['RESULT', '{"POWER1":"OFF"}', false],
  ['RESULT', '{"PulseTime1":{"Set":700,"Remaining":0}}', null],
  ['RESULT', 'nonsense', null],
  ['RESULT', '7', null],
  ['STATE', '{"Time":"2026-03-29T02:15:00","POWER":"ON"}', true],
  ['SENSOR', '{"ENERGY":{"Power":0}}', null],
])('%s %s says %s of the relay', (name, payload, expected) => {
  expect(powerIn(name, payload)).toBe(expected);
});

test('the last will says whether the device is there', () => {
  expect(['Online', 'Offline', 'x'].map((payload) => onlineIn('LWT', payload))).toEqual([
    true,
    false,
    null,
  ]);
  expect(onlineIn('STATE', 'Online')).toBeNull();
});

test('a dead-man time is told in tenths of a second, or in seconds with 100 added', () => {
  expect([5, 11, 12, 600].map((s) => deadMan(s).payload)).toEqual(['50', '110', '112', '700']);
  expect(switchTo(false)).toEqual({ command: 'POWER', payload: 'OFF' });
});
