import { expect, test } from '@jest/globals';
import { formatDateTime, isDateTimeAt } from './cosem-time.js';
import { encodeDateTime } from './encode-data.js';

const fromHex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));
const central = 60;

test.each([
  [
    'local time without deviation is standard time',
    '07e7090401103400ff800000',
    '2023-09-04T16:52:00+01:00',
  ],
  [
    'without deviation the status tells daylight saving',
    '07e7070401103400ff800080',
    '2023-07-04T16:52:00+02:00',
  ],
  ['an unspecified status says nothing', '07e7070401103400ff8000ff', '2023-07-04T16:52:00+01:00'],
  ['a deviation is UTC less local time', '07e5091b01092f0f00ff8880', '2021-09-27T09:47:15+02:00'],
  [
    'a winter deviation with daylight saving is an hour more',
    '07e0090804130d1900ffc480',
    '2016-09-08T19:13:25+02:00',
  ],
  ['a winter deviation is as it stands', '07e60b0c0610360000ffc400', '2022-11-12T16:54:00+01:00'],
  ['west of Greenwich', '07e60b0c0610360000012c00', '2022-11-12T16:54:00-05:00'],
  ['hundredths are kept', '07e60b0c0610360032ffc400', '2022-11-12T16:54:00.50+01:00'],
  [
    'an unspecified second is the full minute',
    '07e60b0c061036ff00ffc400',
    '2022-11-12T16:54:00+01:00',
  ],
])('%s', (_name, octets, text) => {
  expect(formatDateTime(fromHex(octets), 0, central)).toBe(text);
});

test('a deviation of zero is UTC, unless the meter is known not to mean it', () => {
  const summer = fromHex('07e60a0f06140000ff000000');
  expect(formatDateTime(summer, 0, central)).toBe('2022-10-15T20:00:00+00:00');
  expect(formatDateTime(summer, 0, central, true)).toBe('2022-10-15T20:00:00+01:00');
});

test('a wildcard in the date or the hour is no time', () => {
  expect(formatDateTime(fromHex('ffff090401103400ff800000'), 0, central)).toBeNull();
  expect(formatDateTime(fromHex('07e7fffe01103400ff800000'), 0, central)).toBeNull();
  expect(formatDateTime(fromHex('07e7090401ff3400ff800000'), 0, central)).toBeNull();
});

test('text and counters of twelve bytes are not taken for a time', () => {
  expect(isDateTimeAt(new TextEncoder().encode('181220000009'), 0)).toBe(false);
  expect(isDateTimeAt(fromHex('07e70d0401103400ff800000'), 0)).toBe(false);
  expect(isDateTimeAt(fromHex('07e7090401103400ff800000'), 0)).toBe(true);
});

test('what is encoded is read back', () => {
  for (const text of ['2024-02-29T23:59:59+01:00', '2024-07-01T00:00:00-03:30']) {
    expect(formatDateTime(encodeDateTime(text), 0, central)).toBe(text);
  }
  expect(formatDateTime(encodeDateTime('2024-07-01T12:00:00'), 0, central)).toBe(
    '2024-07-01T12:00:00+01:00',
  );
});
