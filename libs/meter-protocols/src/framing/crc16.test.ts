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

test('every length gives what the definition gives bit by bit', () => {
  for (let length = 0; length <= digits.length; length += 1) {
    let crc = 0xffff;
    for (const byte of digits.subarray(0, length)) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
    }
    expect(crc16Modbus(digits, 0, length)).toBe(crc);
  }
});

test('a checksum can cover a part of the bytes', () => {
  const framed = new TextEncoder().encode('xx123456789yy');
  expect(crc16Arc(framed, 2, 11)).toBe(crc16Arc(digits));
});
