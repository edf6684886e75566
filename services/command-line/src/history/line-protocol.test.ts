import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readProtocolLine, type ProtocolLine } from './line-protocol.js';

const escaped = (text: string): string => text.replace(/[, =\\]/g, (sign) => `\\${sign}`);
const quoted = (text: string): string => `"${text.replace(/["\\]/g, (sign) => `\\${sign}`)}"`;

function written({ measurement, tags, fields, timestamp }: ProtocolLine): string {
  const key = Object.entries(tags).map(([name, value]) => `,${escaped(name)}=${escaped(value)}`);
  const set = Object.entries(fields).map(([name, value]) => {
    const text = typeof value === 'string' ? quoted(value) : String(value);
    return `${escaped(name)}=${text}`;
  });
  return `${escaped(measurement)}${key.join('')} ${set.join()}${timestamp === null ? '' : ` ${timestamp}`}`;
}

// Quotes and line breaks in names are allowed by nobody's exports.
const name = fc.stringMatching(/^[a-zA-Z0-9_ ,=äµ°.-]{1,12}$/);
const line: fc.Arbitrary<ProtocolLine> = fc.record({
  measurement: name,
  tags: fc.dictionary(name, name, { maxKeys: 3 }),
  fields: fc.dictionary(
    name,
    fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
      fc.boolean(),
      fc.stringMatching(/^[a-z ,="\\]{0,10}$/),
    ),
    { minKeys: 1, maxKeys: 3 },
  ),
  timestamp: fc.option(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n })),
});

describe('a line of line protocol', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(line, (one) => {
        expect({ ...readProtocolLine(written(one)) }).toEqual({
          ...one,
          tags: { ...one.tags },
          fields: { ...one.fields },
        });
      }),
    );
  });

  test('may have integers with their letter', () => {
    const read = readProtocolLine('kWh,entity_id=a value=1.5,n=7i,u=8u 1700000000000000000');
    expect(read).toMatchObject({ fields: { value: 1.5, n: 7, u: 8 } });
  });

  test.each([
    ['kWh', 4, /no fields/],
    [' value=1', 1, /no measurement/],
    ['kWh,tag value=1', 5, /"tag" is no tag/],
    ['kWh value=abc 1', 5, /"value=abc" is no field/],
    ['kWh value=1 yesterday', 13, /"yesterday" is no timestamp/],
    ['kWh value=1 1 2', 15, /more than a timestamp/],
  ])('%s is refused with its place', (text, column, fault) => {
    const read = readProtocolLine(text);
    expect(read).toMatchObject({ column, fault: expect.stringMatching(fault) });
  });
});
