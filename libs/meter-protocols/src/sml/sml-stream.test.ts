import { describe, expect, test } from '@jest/globals';
import { isFault, type Fault, type Telegram } from '@wattbus/energy-model';
import fc from 'fast-check';
import { encodeFrame, encodeSml, type SmlEntry, type SmlTelegram } from './encode.js';
import { SmlDecoder } from './sml-decoder.js';

const options = { standardOffsetMinutes: 60 };
const basic: SmlTelegram = {
  serverId: '1EMH0004321349',
  entries: [
    { obis: '1-0:1.8.0', value: 15338555.7, unit: 'Wh', scaler: -1, status: 0x182, valueBytes: 5 },
    { obis: '1-0:16.7.0', value: 563.5, unit: 'W', scaler: -1 },
  ],
};

const decode = (bytes: Uint8Array) => new SmlDecoder(options).push(bytes);
const faultsOf = (results: readonly (Telegram | Fault)[]) => results.filter(isFault);
const telegramsOf = (results: readonly (Telegram | Fault)[]) =>
  results.filter((result): result is Telegram => !isFault(result));

describe('any stream', () => {
  const anyEntry: fc.Arbitrary<SmlEntry> = fc.oneof(
    fc.record({
      obis: fc.constantFrom('1-0:1.8.0', '1-0:2.8.0', '1-0:16.7.0', '1-0:36.7.0', '1-0:1.8.0*99'),
      value: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      unit: fc.constantFrom('W', 'Wh', 'V'),
    }),
    fc.record({ obis: fc.constant('1-0:96.1.0'), value: fc.uint8Array({ maxLength: 70 }) }),
  );
  const anyTelegram: fc.Arbitrary<SmlTelegram> = fc.record({
    serverId: fc.constantFrom('1ISK0070014021', '1DZG0042000000', '1EMH0000000007'),
    entries: fc.array(anyEntry, { minLength: 1, maxLength: 20 }),
    transaction: fc.nat(),
    crc: fc.constantFrom('x25', 'kermit'),
  });
  const good = encodeSml(basic);
  const expected = telegramsOf(decode(good));

  test('gives the same, however it is cut into chunks', () => {
    const parts = fc.oneof(
      anyTelegram.map(encodeSml),
      fc.uint8Array({ maxLength: 60 }),
      anyTelegram.chain((telegram) => {
        const frame = encodeSml(telegram);
        return fc.nat(frame.length).map((length) => frame.subarray(0, length));
      }),
    );
    fc.assert(
      fc.property(
        fc.array(parts, { maxLength: 8 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 90 })),
        (pieces, sizes) => {
          const stream = Uint8Array.from(pieces.flatMap((piece) => [...piece]));
          const whole = new SmlDecoder(options);
          const chunked = new SmlDecoder(options);
          const results: (Telegram | Fault)[] = [];
          for (let at = 0; at < stream.length;) {
            const size = sizes.next().value;
            results.push(...chunked.push(stream.subarray(at, at + size)));
            at += size;
          }
          results.push(...chunked.end());
          expect(results).toEqual([...whole.push(stream), ...whole.end()]);
        },
      ),
    );
  });

  test('gives the next good frame after garbage and after a frame that was cut off anywhere', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (garbage) => {
        expect(telegramsOf(decode(Uint8Array.from([...garbage, ...good])))).toEqual(expected);
      }),
    );
    for (let length = 0; length < good.length; length += 1) {
      const stream = Uint8Array.from([...good.subarray(0, length), ...good]);
      expect(telegramsOf(decode(stream)).at(-1)).toEqual(expected[0]);
    }
  });

  test.each(['x25', 'kermit'] as const)(
    'of which one bit is wrong gives a fault or the right values, and then the next frame (%s)',
    (crc) => {
      const frame = encodeSml({ ...basic, crc });
      for (let bit = 0; bit < frame.length * 8; bit += 1) {
        const damaged = frame.slice();
        damaged[bit >> 3]! ^= 1 << (bit & 7);
        const results = decode(Uint8Array.from([...damaged, ...good]));
        const telegrams = telegramsOf(results);
        expect(telegrams.at(-1)).toEqual(expected[0]);
        expect(faultsOf(results).length).toBeGreaterThan(0);
        for (const { registers } of telegrams) expect(registers).toEqual(expected[0]!.registers);
      }
    },
  );

  test('never makes the decoder throw, not even where damaged messages have a right CRC', () => {
    const decoder = new SmlDecoder(options);
    const start = good.subarray(0, 8);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, framed) => {
        decoder.push(framed ? encodeFrame(bytes) : Uint8Array.from([...start, ...bytes]));
      }),
      { numRuns: 2000 },
    );
    const messages = good.subarray(8, good.length - 8);
    const changes = fc.array(fc.tuple(fc.nat(messages.length - 1), fc.nat(255)), { maxLength: 4 });
    fc.assert(
      fc.property(changes, (pairs) => {
        const damaged = messages.slice();
        for (const [at, byte] of pairs) damaged[at] = byte;
        expect(decoder.push(encodeFrame(damaged)).length).toBeGreaterThan(0);
      }),
      { numRuns: 5000 },
    );
    decoder.end();
    expect(telegramsOf(decoder.push(good))).toEqual(expected);
  });
});
