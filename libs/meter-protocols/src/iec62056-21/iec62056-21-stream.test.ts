import { describe, expect, test } from '@jest/globals';
import { isFault, type Fault, type Telegram } from '@wattbus/energy-model';
import fc from 'fast-check';
import { Buffer } from 'node:buffer';
import { encodeReadOut, registerLine, type ReadOutDescription } from './encode.js';
import { Iec62056Decoder } from './iec62056-21-decoder.js';

const options = { standardOffsetMinutes: 60 };
const lines = [
  { address: 'F.F', values: ['00000000'] },
  { address: 'C.1.0', values: ['18438636'] },
  registerLine('1.8.0', 6334.294, 'kWh'),
  registerLine('16.7.0', -0.82, 'kW', { whole: 3, decimals: 2 }),
];
const asked: ReadOutDescription = { identification: 'LGZ4ZMF100AC.M27', lines, blockCheck: true };
const pushed: ReadOutDescription = { identification: 'HAg5eHZ010C', lines };

const text = (characters: string): Uint8Array => Buffer.from(characters, 'latin1');
const decode = (bytes: Uint8Array) => {
  const decoder = new Iec62056Decoder(options);
  return [...decoder.push(bytes), ...decoder.end()];
};
const telegramsOf = (results: readonly (Telegram | Fault)[]) =>
  results.filter((result): result is Telegram => !isFault(result));

describe('any stream', () => {
  const digits = fc.integer({ min: 0, max: 999_999 });
  const anyLine = fc.oneof(
    digits.map((value) => registerLine('1.8.0', value / 10, 'kWh')),
    digits.map((value) => registerLine('16.7.0', value - 500_000, 'W', { whole: 6, decimals: 0 })),
    digits.map((value) => ({ address: '0.0.0', values: [String(value)] })),
  );
  const anyReadOut: fc.Arbitrary<ReadOutDescription> = fc.record({
    identification: fc.constantFrom('ISk5MT174-0001', 'ACE0\\3k260V01.18', 'SIEC2WR5'),
    lines: fc.array(anyLine, { minLength: 1, maxLength: 12 }),
    blockCheck: fc.boolean(),
  });

  test('gives the same, however it is cut into chunks', () => {
    const pieces = fc.array(
      fc.oneof(
        anyReadOut.map(encodeReadOut),
        fc.uint8Array({ maxLength: 60 }),
        fc.constantFrom('/?!\r\n', '\x06050\r\n', '!', '/', '\x02').map(text),
        anyReadOut.chain((readOut) => {
          const bytes = encodeReadOut(readOut);
          return fc.nat(bytes.length).map((length) => bytes.subarray(0, length));
        }),
      ),
      { maxLength: 8 },
    );
    const sizes = fc.infiniteStream(fc.integer({ min: 1, max: 60 }));
    fc.assert(
      fc.property(pieces, sizes, (parts, lengths) => {
        const stream = Uint8Array.from(parts.flatMap((part) => [...part]));
        const chunked = new Iec62056Decoder(options);
        const results: (Telegram | Fault)[] = [];
        for (let at = 0; at < stream.length;) {
          const length = lengths.next().value;
          results.push(...chunked.push(stream.subarray(at, at + length)));
          at += length;
        }
        results.push(...chunked.end());
        expect(results).toEqual(decode(stream));
      }),
    );
  });

  test.each([
    ['answered', asked],
    ['pushed', pushed],
  ])('gives the next good message after garbage and after one that was cut off (%s)', (_, one) => {
    const good = encodeReadOut(one);
    const [expected] = telegramsOf(decode(good));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (garbage) => {
        expect(telegramsOf(decode(Uint8Array.from([...garbage, ...good]))).at(-1)).toEqual(
          expected,
        );
      }),
    );
    for (let length = 0; length < good.length; length += 1) {
      const stream = Uint8Array.from([...good.subarray(0, length), ...good]);
      expect(telegramsOf(decode(stream)).at(-1)).toEqual(expected);
    }
  });

  test('of which one bit is wrong gives a fault or right values, and then the next message', () => {
    const good = encodeReadOut(asked);
    const [expected] = telegramsOf(decode(good)) as [Telegram];
    const right = new Map(expected.registers.map(({ obis, value }) => [obis, value]));
    for (let bit = 0; bit < good.length * 8; bit += 1) {
      const damaged = good.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      const telegrams = telegramsOf(decode(Uint8Array.from([...damaged, ...good])));
      expect(telegrams.at(-1)).toEqual(expected);
      for (const { registers, warnings } of telegrams) {
        for (const { obis, value } of registers) expect(value).toBe(right.get(obis));
        expect(registers.length === right.size || warnings.length > 0).toBe(true);
      }
    }
  });

  test('never makes the decoder throw', () => {
    const decoder = new Iec62056Decoder(options);
    const characters = fc.string({
      unit: fc.constantFrom(...'/?!()*&:.-0189ACFP \r\n\x01\x02\x03\x04\x06'),
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), characters.map(text)), (bytes) => {
        decoder.push(bytes);
      }),
      { numRuns: 3000 },
    );
    const good = encodeReadOut(asked);
    decoder.end();
    expect(telegramsOf(decoder.push(good))).toEqual(telegramsOf(decode(good)));
  });
});
