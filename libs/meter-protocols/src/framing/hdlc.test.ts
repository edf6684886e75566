import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeHdlcFrame, isHdlcHeader, readHdlcFrame } from './hdlc.js';

const header = {
  destination: Uint8Array.of(0x41),
  source: Uint8Array.of(0x08, 0x83),
  control: 0x13,
};
const information = Uint8Array.of(0xe6, 0xe7, 0x00, 0x7e, 0x7d, 0x5e);
const frame = encodeHdlcFrame(header, information);

test('reads back what was encoded, flags inside the information included', () => {
  const scan = readHdlcFrame(frame, 0);
  expect(scan).toMatchObject({ kind: 'frame', control: 0x13, segmented: false, checked: true });
  if (scan.kind !== 'frame') throw new Error('no frame');
  expect(frame.subarray(scan.start, scan.end)).toEqual(information);
  expect(frame[scan.next]).toBe(0x7e);
});

test('a frame without information has one check sequence only', () => {
  const scan = readHdlcFrame(encodeHdlcFrame(header, new Uint8Array(0)), 0);
  expect(scan).toMatchObject({ kind: 'frame', checked: true });
  expect(scan.kind === 'frame' && scan.start === scan.end).toBe(true);
});

test('asks for more at every place where a frame can be cut', () => {
  for (let length = 1; length < frame.length - 1; length += 1) {
    expect(readHdlcFrame(frame.subarray(0, length), 0)).toEqual({ kind: 'incomplete' });
  }
});

test('tells a wrong header check sequence from a wrong frame check sequence', () => {
  const header_ = frame.slice();
  header_[3]! ^= 0x40;
  expect(readHdlcFrame(header_, 0)).toEqual({ kind: 'header-check' });
  const body = frame.slice();
  body[12]! ^= 0x01;
  expect(readHdlcFrame(body, 0)).toEqual({ kind: 'frame-check' });
  expect(readHdlcFrame(body, 0, true)).toMatchObject({ kind: 'frame', checked: false });
});

test('knows a header by its check sequence alone', () => {
  expect(isHdlcHeader(frame, 1, 9)).toBe(true);
  expect(isHdlcHeader(frame, 1, 8)).toBe(false);
  expect(isHdlcHeader(frame, 2, 9)).toBe(false);
});

test('refuses information that the length field cannot count', () => {
  expect(() => encodeHdlcFrame(header, new Uint8Array(2040))).toThrow(RangeError);
});

test('any information survives', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 2000 }), fc.boolean(), (data, more) => {
      const bytes = encodeHdlcFrame({ ...header, segmented: more }, data);
      const scan = readHdlcFrame(bytes, 0);
      if (scan.kind !== 'frame') throw new Error(scan.kind);
      expect(bytes.subarray(scan.start, scan.end)).toEqual(data);
      expect(scan.segmented).toBe(more);
    }),
  );
});

test('never throws on any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      readHdlcFrame(Uint8Array.of(0x7e, 0xa0, ...bytes), 0);
    }),
  );
});
