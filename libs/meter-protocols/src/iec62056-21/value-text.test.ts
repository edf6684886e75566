import { expect, test } from '@jest/globals';
import { readValue } from './value-text.js';

test.each(['', '*kWh', ' kWh'])('hundreds of digits before "%s" are no number', (unit) => {
  expect(readValue(`${'9'.repeat(320)}${unit}`).number).toBeNull();
});
