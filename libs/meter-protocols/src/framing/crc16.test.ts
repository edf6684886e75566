import { expect, test } from '@jest/globals';
import { crc16Arc, crc16Kermit, crc16Modbus, crc16X25 } from './crc16.js';

/** The check values that every catalogue of CRCs gives for the nine digits. */
const digits = new TextEncoder().encode('123456789');

test.each([
  ['ARC', crc16Arc, 0xbb3d],
  ['MODBUS', crc16Modbus, 0x4b37],
  ['X-25', crc16X25, 0x906e],
  ['KERMIT', crc16Kermit, 0x2189],
])('CRC-16/%s gives its published check value', (_name, checksum, expected) => {
  expect(checksum(digits)).toBe(expected);
});

test('a checksum can cover a part of the bytes', () => {
  const framed = new TextEncoder().encode('xx123456789yy');
  expect(crc16Arc(framed, 2, 11)).toBe(crc16Arc(digits));
});
