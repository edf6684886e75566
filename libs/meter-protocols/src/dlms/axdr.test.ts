import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DataItem } from './data-types.js';
import { AxdrReader } from './axdr.js';
import { dataTag } from './data-types.js';

const fromHex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** The tree as plain values: numbers, octets as hexadecimal, arrays. */
function plain(bytes: Uint8Array, item: DataItem | null): unknown {
  if (item === null) return 'failed';
  if (item.tag === dataTag.array || item.tag === dataTag.structure) {
    return item.items.map((member) => plain(bytes, member));
  }
  if (!Number.isNaN(item.number)) return item.number;
  return Buffer.from(bytes.subarray(item.start, item.end)).toString('hex');
}

const read = (text: string) => {
  const bytes = fromHex(text);
  const reader = new AxdrReader(bytes, 0, bytes.length);
  const value = plain(bytes, reader.read());
  return { value, rest: bytes.length - reader.position, failure: reader.failure };
};

describe('every type of data', () => {
  test.each([
    ['null-data', '00', ''],
    ['boolean', '03 01', 1],
    ['bit-string of 10 bits', '04 0a ff80', 'ff80'],
    ['double-long', '05 fffffffe', -2],
    ['double-long-unsigned', '06 fffffffe', 4294967294],
    ['octet-string', '09 03 010203', '010203'],
    ['visible-string', '0a 02 4142', '4142'],
    ['utf8-string', '0c 02 c3a4', 'c3a4'],
    ['bcd', '0d 42', 42],
    ['integer', '0f ff', -1],
    ['long', '10 8000', -32768],
    ['unsigned', '11 ff', 255],
    ['long-unsigned', '12 0904', 2308],
    ['long64', '14 fffffffffffffffe', -2],
    ['long64-unsigned', '15 0000000100000000', 4294967296],
    ['enum', '16 1b', 27],
    ['float32', '17 4366199a', 230.1],
    ['float64', '18 406cc33333333333', 230.1],
    ['date-time', '19 07e9040f02150100ff800000', '07e9040f02150100ff800000'],
    ['date', '1a 07e9040f02', '07e9040f02'],
    ['time', '1b 15010000', '15010000'],
    ['delta-integer', '1c ff', -1],
    ['delta-long', '1d ffff', -1],
    ['delta-double-long', '1e ffffffff', -1],
    ['delta-unsigned', '1f ff', 255],
    ['delta-long-unsigned', '20 ffff', 65535],
    ['delta-double-long-unsigned', '21 ffffffff', 4294967295],
    ["don't-care", 'ff', ''],
    ['array in a structure', '02 02 01 02 11 01 11 02 03 00', [[1, 2], 0]],
    ['long length', `09 81 80 ${'55'.repeat(128)}`, '55'.repeat(128)],
    ['compact array of numbers', '13 12 06 0001 0002 0003', [1, 2, 3]],
    [
      'compact array of structures',
      '13 02 02 11 12 06 01 0002 03 0004',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [
      'compact array with arrays inside',
      '13 01 0002 11 04 01 02 03 04',
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ])('%s', (_name, text, value) => {
    expect(read(text)).toEqual({ value, rest: 0, failure: 'malformed' });
  });
});

test('a bare attribute descriptor stands for the code of a pair', () => {
  const bytes = fromHex('02 02 0003 0100010700ff 02 06 00000015');
  const item = new AxdrReader(bytes, 0, bytes.length).read()!;
  expect(item.items[0]).toMatchObject({ tag: dataTag.attributeDescriptor, number: 2 });
  expect(plain(bytes, item)).toEqual([2, 0x15]);
});

test('cut short anywhere, it asks for more', () => {
  const bytes = fromHex('02 03 09 06 0100010700ff 06 00000015 02 02 0f 00 16 1b');
  for (let end = 0; end < bytes.length; end += 1) {
    const reader = new AxdrReader(bytes, 0, end);
    expect(reader.read()).toBeNull();
    expect(reader.failure).toBe('incomplete');
  }
});

test.each([
  ['an unknown tag', '07'],
  ['a length of five bytes', '09 85 0000000001'],
  ['an indefinite length', '09 80'],
  ['an endless nesting', '0201'.repeat(40)],
  ['a compact array whose elements take no bytes', '13 00 01 00'],
  ['a compact array of arrays of arrays of nothing', '13 01 0100 01 0100 01 0100 00 01 00'],
])('%s is malformed', (_name, text) => {
  expect(read(text)).toMatchObject({ value: 'failed', failure: 'malformed' });
});

test('any bytes give a value or a failure, quickly', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const item = new AxdrReader(bytes, 0, bytes.length).read();
      if (item) expect(item.end).toBeLessThanOrEqual(bytes.length);
    }),
    { numRuns: 2000 },
  );
});
