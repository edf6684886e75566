import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Buffer } from 'node:buffer';
import {
  isFault,
  quantities,
  quantityNames,
  type Fault,
  type Telegram,
} from '@wattbus/energy-model';
import { measurementsOf } from '../measurements.js';
import { encodeJsonLine } from './encode.js';
import { lineBytesMax } from './json-decoder.js';
import { json } from './json.protocol.js';

function decode(
  bytes: string | Uint8Array,
  fields?: Readonly<Record<string, string>>,
): readonly (Telegram | Fault)[] {
  const options = { standardOffsetMinutes: 60, ...(fields ? { fields } : {}) };
  return json.decoder(options).push(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
}

const codes = (results: readonly (Telegram | Fault)[]): readonly string[] =>
  results.map((result) => (isFault(result) ? result.fault : 'telegram'));

describe('keys', () => {
  test('that are quantities are registers, in their unit or in thousands', () => {
    const line =
      '{"powerW":-512,"energyImportkWh":3.25,"other":1,"at":"2026-07-01T12:00:00Z","id":7}\n';
    expect(decode(line)).toEqual([
      {
        protocol: 'json',
        meter: { id: '7' },
        at: '2026-07-01T12:00:00Z',
        registers: [
          { label: 'powerW', value: -512, unit: 'W' },
          { label: 'energyImportWh', value: 3.25, unit: 'kWh' },
        ],
        checked: false,
        warnings: [],
      },
    ]);
  });

  test('are mapped by a table of paths', () => {
    const fields = { 'meter.power': 'powerkW', 'meter.total.in': 'energyImportWh' };
    const line = '{"meter":{"power":0.5,"total":{"in":"1234"}}}\n';
    expect(measurementsOf(decode(line, fields)[0] as Telegram)).toMatchObject([
      { measured: { powerW: 500, energyImportWh: 1234 } },
    ]);
  });

  test('of a table that names no quantity are refused', () => {
    expect(() => decode('', { power: 'power', a: 'powerW' })).toThrow(
      'no quantity is called power',
    );
    expect(() => decode('', {})).toThrow('empty');
  });

  test('that are missing, no numbers or inherited give no register', () => {
    expect(codes(decode('{"a":1}\n{"powerW":null}\n{"powerW":"x"}\n'))).toEqual([
      'malformed',
      'malformed',
      'malformed',
    ]);
    expect(codes(decode('{"a":1}\n', { 'toString.length': 'powerW' }))).toEqual(['malformed']);
  });

  test('survive the encoder, every quantity', () => {
    const measured = fc.record(
      Object.fromEntries(
        quantityNames
          .filter(
            (name) => name !== 'powerFactor' && name !== 'powerLimitW' && name !== 'currentLimitA',
          )
          .map((name) => [name, fc.integer({ min: 0, max: 1e9 })]),
      ),
      { requiredKeys: ['powerW'] },
    );
    fc.assert(
      fc.property(measured, (values) => {
        const [measurement] = measurementsOf(decode(encodeJsonLine(values))[0] as Telegram);
        expect(measurement!.measured).toEqual(values);
      }),
    );
    expect(Object.keys(quantities).length).toBeGreaterThan(40);
  });
});

describe('lines', () => {
  test('end with LF, CR or both; empty ones are nothing', () => {
    expect(codes(decode('{"powerW":1}\n\r{"powerW":2}\r\n\n'))).toEqual(['telegram', 'telegram']);
  });

  test('that are no object are faults which show them', () => {
    expect(decode('{"powerW":1}\n[1]\n')[1]).toEqual({
      protocol: 'json',
      fault: 'malformed',
      offset: 13,
      detail: 'the line is no JSON object: [1]',
    });
  });

  test('without their beginning are told as such where it is the first', () => {
    expect(codes(decode('owerW":1}\n{"powerW":1}\n'))).toEqual(['truncated', 'telegram']);
  });

  test('of binary are noise', () => {
    expect(codes(decode('\x01\x02\n{"powerW":1}\n'))).toEqual(['noise', 'telegram']);
  });

  test('of megabytes are one fault, and the next one is read', () => {
    const line = `{"powerW":${'1'.repeat(lineBytesMax * 100)}}\n{"powerW":1}\n`;
    expect(codes(decode(line))).toEqual(['oversize', 'telegram']);
  });

  test('deeply nested ones do not hurt', () => {
    expect(codes(decode(`${'['.repeat(8_000)}\n${'{"a":'.repeat(1_500)}\n{"powerW":1}\n`))).toEqual(
      ['truncated', 'malformed', 'telegram'],
    );
  });

  test('the last one of a recording needs no end', () => {
    const decoder = json.decoder({ standardOffsetMinutes: 60 });
    expect(decoder.push(Buffer.from('{"powerW":1}\n{"powerW":2}'))).toHaveLength(1);
    expect(codes(decoder.end!())).toEqual(['telegram']);
  });
});
