import { describe, expect, test } from '@jest/globals';
import { isFault, type Fault, type Telegram } from '@wattbus/energy-model';
import { protocolNamed } from '@wattbus/meter-protocols';
import fc from 'fast-check';
import { redact } from '../src/capture/redact.js';
import { decodeWhole } from '../src/decode/decode-bytes.js';
import { cases } from './redact-cases.js';

const house = fc.record({
  serial: fc.integer({ min: 12_345_678, max: 98_765_432 }).map(String),
  energyWh: fc.integer({ min: 0, max: 80_000_000 }),
  powerW: fc.integer({ min: 0, max: 9_000 }),
});

/** Every way in which digits may stand in bytes, apart from the maker's or the type's. */
function writtenAs(serial: string): readonly string[] {
  const binary = Buffer.alloc(4);
  binary.writeUInt32BE(Number(serial));
  const packed = Buffer.from(serial, 'hex');
  const ownDigits = serial.slice(2);
  return [
    ownDigits,
    Buffer.from(ownDigits).toString('hex'),
    packed.toString('latin1'),
    Buffer.from(packed).reverse().toString('latin1'),
    binary.toString('latin1'),
  ];
}

const numbersIn = (results: readonly (Telegram | Fault)[]): unknown =>
  results.map((result) =>
    isFault(result)
      ? result.fault
      : {
          at: result.at,
          checked: result.checked,
          warnings: result.warnings,
          registers: result.registers.map(({ value, ...rest }) =>
            typeof value === 'number' ? { ...rest, value } : rest,
          ),
        },
  );

describe('whatever the serial number, redaction leaves none of it and all of the values', () => {
  test.each(Object.entries(cases))('%s', (_, one) => {
    const { protocol: name, options: given, frame, isNameless = false } = one;
    const protocol = protocolNamed(name)!;
    const options = { standardOffsetMinutes: 60, ...given };
    const decode = (bytes: Uint8Array) => decodeWhole(protocol, options, bytes);
    fc.assert(
      fc.property(house, fc.integer({ min: 1, max: 4 }), (meter, count) => {
        const bytes = Buffer.concat(
          Array.from({ length: count }, (__, n) => Buffer.from(frame(meter, n))),
        );
        const before = decode(bytes);
        expect(before.filter((result) => !isFault(result)).length).toBeGreaterThanOrEqual(count);
        const result = redact(
          bytes,
          decode,
          (held, change) => protocol.reseal?.(held, options, change) ?? held,
        );
        if ('refused' in result) throw new Error(result.refused);
        const after = decode(result.bytes);
        expect(result.bytes).toHaveLength(bytes.length);
        expect(numbersIn(after)).toEqual(numbersIn(before));
        if (isNameless) return;
        expect(Buffer.from(bytes).toString('latin1') + JSON.stringify(before)).toContain(
          meter.serial.slice(2),
        );
        for (const form of writtenAs(meter.serial)) {
          expect(JSON.stringify(after)).not.toContain(form);
          // What is ciphered may hold four octets by chance once in four thousand million.
          expect(Buffer.from(result.bytes).toString('latin1')).not.toContain(form);
        }
      }),
      { numRuns: 40 },
    );
  });
});
