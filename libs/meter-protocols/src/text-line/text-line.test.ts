import { describe, expect, test } from '@jest/globals';
import { Buffer } from 'node:buffer';
import { isFault, type Fault, type Telegram } from '@wattbus/energy-model';
import { defaultPattern, readLinePattern } from './pattern.js';
import { textLine } from './text-line.protocol.js';

const both = String.raw`^P=(?<powerW>-?\d+)(?: E=(?<energyImportkWh>[\d.]+))?$`;

function decode(text: string | Uint8Array, pattern?: string): readonly (Telegram | Fault)[] {
  const options = { standardOffsetMinutes: 60, ...(pattern === undefined ? {} : { pattern }) };
  return textLine.decoder(options).push(typeof text === 'string' ? Buffer.from(text) : text);
}

const codes = (results: readonly (Telegram | Fault)[]): readonly string[] =>
  results.map((result) => (isFault(result) ? result.fault : 'telegram'));

describe('lines', () => {
  test('each named group becomes a register, in the unit of its name', () => {
    expect(decode('P=-512 E=3.25\r\n', both)).toEqual([
      {
        protocol: 'text-line',
        meter: {},
        at: null,
        registers: [
          { label: 'powerW', value: -512, unit: 'W' },
          { label: 'energyImportWh', value: 3.25, unit: 'kWh' },
        ],
        checked: false,
        warnings: [],
      },
    ]);
  });

  test('a group that did not take part gives no register', () => {
    expect(decode('P=7\n', both)).toMatchObject([{ registers: [{ label: 'powerW', value: 7 }] }]);
  });

  test('without a pattern a lone whole number is the import register in Wh', () => {
    expect(decode('\n 123456 \n', defaultPattern)).toMatchObject([
      { registers: [{ label: 'energyImportWh', value: 123456, unit: 'Wh' }] },
    ]);
    expect(decode('\n123456\n')).toEqual(decode('\n123456\n', defaultPattern));
  });

  test('LF, CR and both end a line; empty lines are nothing', () => {
    expect(codes(decode('P=1\nP=2\rP=3\r\n\r\n\n', both))).toEqual([
      'telegram',
      'telegram',
      'telegram',
    ]);
  });

  test('a line that does not match is a fault that shows it, shortened', () => {
    const line = `Q=${'9'.repeat(200)}`;
    expect(decode(`P=1\n${line}\n`, both)[1]).toEqual({
      protocol: 'text-line',
      fault: 'malformed',
      offset: 4,
      detail: `line does not match the pattern: "${line.slice(0, 60)}…"`,
    });
  });

  test('a group that is no number is a fault', () => {
    expect(decode('P=1 E=1.2.3\n', both)).toMatchObject([{ fault: 'malformed' }]);
  });

  test('a first line that may have lost its beginning is not believed', () => {
    expect(codes(decode('3456\n123457\n'))).toEqual(['truncated', 'telegram']);
    expect(codes(decode('P=512\n', both))).toEqual(['telegram']);
  });

  test('a line of ten megabytes is one fault, and the next line is taken', () => {
    const subject = textLine.decoder({ standardOffsetMinutes: 60, pattern: both });
    expect(codes(subject.push(Buffer.alloc(10_000_000, 'P')))).toEqual(['oversize']);
    expect(codes(subject.push(Buffer.from('\nP=1\n')))).toEqual(['telegram']);
  });

  test('bytes that are no text are noise, reported once before the next good line', () => {
    expect(codes(decode(Buffer.from('P=1\n\xff\xfe\n\x80P=1\nP=2\n', 'latin1'), both))).toEqual([
      'telegram',
      'noise',
      'telegram',
    ]);
  });
});

describe('patterns', () => {
  test.each([
    ['(?<powerW>-?\\d+', 'no regular expression'],
    ['^\\d+$', 'no named group'],
    ['(?<foo>\\d+) (?<bar>\\d+)', 'no quantity is called foo, bar'],
    ['(?<voltageL1kW>\\d+)', 'no quantity is called voltageL1kW'],
    ['(?<powerW>(\\d+)+)$', 'repeats a group'],
    ['(?<powerW>(?:\\d+,?)*)x', 'repeats a group'],
    ['(?<powerW>(?:\\d{1,9})+)x', 'repeats a group'],
  ])('%s is refused: %s', (pattern, why) => {
    expect(readLinePattern(pattern)).toMatch(why);
    expect(() => decode('', pattern)).toThrow('text-line');
  });

  test('a number with optional decimals is no nested repetition', () => {
    expect(typeof readLinePattern(String.raw`^(?<powerkW>-?\d+(?:\.\d+)?)$`)).toBe('object');
  });
});
