import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeLongFrame, readLongFrame } from './wired-mbus-frame.js';

const header = { control: 0x53, address: 0xff, controlInformation: 0x10 };

test('any data survive, those that wrap the length byte included', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 255 }), (data) => {
      const frame = encodeLongFrame(header, data);
      const scan = readLongFrame(frame, 0);
      if (scan.kind !== 'frame') throw new Error(`${data.length}: ${scan.kind}`);
      expect(scan).toMatchObject(header);
      expect(frame.subarray(scan.start, scan.end)).toEqual(data);
      expect(scan.next).toBe(frame.length);
    }),
    { examples: [[new Uint8Array(252)], [new Uint8Array(254)], [new Uint8Array(0)]] },
  );
});

test('the frame of 263 bytes that Sagemcom sends states the length 01', () => {
  const frame = encodeLongFrame(header, new Uint8Array(254).fill(7));
  expect([...frame.subarray(0, 4)]).toEqual([0x68, 0x01, 0x01, 0x68]);
  expect(frame).toHaveLength(263);
});

test('asks for more until it is whole, and says when the checksum is wrong', () => {
  const frame = encodeLongFrame(header, Uint8Array.of(1, 2, 3, 4));
  for (let length = 1; length < frame.length; length += 1) {
    expect(readLongFrame(frame.subarray(0, length), 0)).toEqual({ kind: 'incomplete' });
  }
  frame[8]! ^= 0x10;
  expect(readLongFrame(frame, 0)).toEqual({ kind: 'check' });
});

test('two unequal lengths are no frame', () => {
  expect(readLongFrame(Uint8Array.of(0x68, 9, 8, 0x68, 0, 0), 0)).toEqual({ kind: 'none' });
  expect(readLongFrame(Uint8Array.of(0x68, 9, 9, 0x67, 0, 0), 0)).toEqual({ kind: 'none' });
});

test('refuses data that do not fit', () => {
  expect(() => encodeLongFrame(header, new Uint8Array(256))).toThrow(RangeError);
});
