import { expect, test } from '@jest/globals';
import { readStatusRegister } from './status-register.js';

const statesOf = (hex: string): Readonly<Record<string, number | string>> =>
  Object.fromEntries(readStatusRegister(hex).map(({ label, value }) => [label!.slice(5), value]));

test('the states of a consumer whose breaker is closed', () => {
  expect(statesOf('003A4001')).toMatchObject({
    contact: 'open',
    breaker: 'closed',
    connected: 1,
    mode: 'consumer',
    direction: 'import',
    'supplier tariff': 1,
    'distributor tariff': 2,
    TIC: 'standard',
    'colour today': 'none',
  });
});

test('the states of a producer that was cut off, on a blue day before a red one', () => {
  expect(statesOf('1D000302')).toMatchObject({
    contact: 'closed',
    breaker: 'open: too much power',
    connected: 0,
    mode: 'producer',
    direction: 'export',
    'colour today': 'blue',
    'colour tomorrow': 'red',
    'peak announced': 1,
  });
});

test('what is no register of eight digits has no states', () => {
  expect(readStatusRegister('00')).toEqual([]);
});
