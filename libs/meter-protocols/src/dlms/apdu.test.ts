import { expect, test } from '@jest/globals';
import { isFault } from '@wattbus/energy-model';
import { dlms } from './dlms.protocol.js';
import { encodeHdlcPush } from './encode.js';
import {
  encodeDataNotification,
  encodeDateTime,
  encodeInteger,
  encodeObis,
  encodeStructure,
} from './encode-data.js';

const decode = (apdu: Uint8Array) => dlms.decoder({ standardOffsetMinutes: 60 }).push(apdu)[0]!;
const d = (value: number) => encodeInteger(value, 'doubleLongUnsigned');

test('an event notification carries one value', () => {
  const value = d(17);
  const descriptor = Uint8Array.of(0, 3, ...encodeObis('1-0:1.7.0').subarray(2), 2);
  const time = encodeDateTime('2024-05-06T07:08:09+02:00');
  const apdu = Uint8Array.of(0xe6, 0xe7, 0, 0xc2, 1, time.length, ...time, ...descriptor, ...value);
  expect(decode(apdu)).toMatchObject({
    at: '2024-05-06T07:08:09+02:00',
    registers: [{ obis: '1-0:1.7.0', value: 17, unit: 'W' }],
  });
});

test('a list that counts one value more than it has keeps the others and says so', () => {
  const push = (missing: number) => {
    const body = encodeStructure(encodeObis('1-0:1.8.0'), d(20), encodeObis('1-0:2.8.0'), d(10));
    body[1]! += missing;
    const apdu = encodeDataNotification({ invokeId: 1, at: null, body });
    return decode(encodeHdlcPush(apdu));
  };
  const telegram = push(1);
  expect(isFault(telegram) ? [] : telegram.registers).toEqual([
    { obis: '1-0:1.8.0', value: 20, unit: 'Wh' },
    { obis: '1-0:2.8.0', value: 10, unit: 'Wh' },
  ]);
  expect(telegram).toMatchObject({ warnings: [expect.stringContaining('missing')] });
  // More missing values are rather a lost segment, whose seam would make wrong values.
  expect(push(2)).toMatchObject({ fault: 'truncated' });
});

test('a clock that was never set does not cost the values', () => {
  const body = encodeStructure(encodeObis('1-0:1.8.0'), d(20));
  const apdu = encodeDataNotification({ invokeId: 1, at: '2024-05-06T07:08:09', body });
  apdu.fill(0, 6, 18);
  expect(decode(apdu)).toMatchObject({ at: null, registers: [{ obis: '1-0:1.8.0', value: 20 }] });
});
