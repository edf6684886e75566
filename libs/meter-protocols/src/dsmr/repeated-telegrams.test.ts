import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Buffer } from 'node:buffer';
import { LastTwo } from './last-two.js';
import { findNumber, readNumberAt } from './number-place.js';
import { TelegramParser } from './telegram-parser.js';

const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const parserOf = () => new TelegramParser({ standardOffsetMinutes: 60 });

const digits = fc.integer({ min: 0, max: 999_999 }).map((n) => String(n).padStart(6, '0'));
const sign = fc.constantFrom('', '-');
const unit = fc.constantFrom('*kW', '*W', '', '*kWh');
const group = fc.oneof(
  fc
    .tuple(sign, digits, fc.constantFrom('.', '', '.0'), fc.constantFrom('5', '123', ''), unit)
    .map((parts) => parts.join('')),
  fc.constantFrom('', 'abc', '260701120000S', '9'.repeat(17), '1.', '.5', '1.2.3', '5\r\n', '('),
);
const name = fc.constantFrom(
  '1-0:1.8.1',
  '1-0:1.7.0',
  '1-0:32.7.0',
  '0-0:1.0.0',
  '0-0:96.1.1',
  '0-0:96.13.0',
  '1-3:0.2.8',
  '1-0:1.8.0*01',
  '0-1:24.2.1',
  'bad',
);
const line = fc
  .tuple(name, fc.array(group, { minLength: 1, maxLength: 3 }))
  .map(([code, groups]) => code + groups.map((content) => `(${content})`).join(''));

/** Telegrams of one meter: most lines stay, some digits change, a line comes or goes. */
const series = fc
  .tuple(
    fc.array(line, { minLength: 1, maxLength: 12 }),
    fc.array(fc.tuple(fc.nat(), line, fc.constantFrom('digit', 'line', 'more', 'less', 'same'))),
  )
  .map(([first, changes]) => {
    let lines = first;
    return [
      first,
      ...changes.map(([at, other, kind]) => {
        const index = at % Math.max(1, lines.length);
        lines = lines.flatMap((old, i) => {
          if (i !== index || kind === 'same') return [old];
          if (kind === 'digit') return [old.replace(/\d(?=\D*$)/, String(at % 10))];
          if (kind === 'line') return [other];
          return kind === 'more' ? [old, other] : [];
        });
        return lines;
      }),
    ];
  });

describe('a parser that has read other telegrams reads the next one as a new parser does', () => {
  test('whatever has changed', () => {
    fc.assert(
      fc.property(series, fc.constantFrom('\r\n', '\n'), (telegrams, lineEnd) => {
        const parser = parserOf();
        for (const lines of telegrams) {
          const body = bytesOf(['WBS5\\2TEST-1', '', ...lines, ''].join(lineEnd));
          expect(parser.parse(body)).toEqual(parserOf().parse(body));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('from where in memory the telegrams come', () => {
    const parser = parserOf();
    const text = (power: string) => `A\r\n\r\n1-0:1.7.0(${power}*kW)\r\n`;
    for (const [shift, power] of [
      [0, '1.25'],
      [3, '1.26'],
      [5, '-1.2'],
      [1, '-0.0'],
    ] as const) {
      const body = bytesOf(`${'x'.repeat(shift)}${text(power)}`).subarray(shift);
      expect(parser.parse(body).registers).toEqual(parserOf().parse(body).registers);
    }
  });
});

test('two telegrams are compared to the byte, wherever they differ', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 40 }), (one, two) => {
      const pages = new LastTwo();
      pages.turn(one);
      pages.turn(two);
      const end = Math.min(one.length, two.length);
      for (let from = 0; from <= end; from += 1) {
        let expected = from;
        while (expected < end && one[expected] === two[expected]) expected += 1;
        expect(pages.differenceFrom(from)).toBe(expected);
      }
    }),
  );
});

test('a number is read as it is written, and nothing else is', () => {
  fc.assert(
    fc.property(sign, digits, fc.nat({ max: 6 }), (minus, whole, decimals) => {
      const point = whole.length - decimals;
      const number = decimals === 0 ? whole : `${whole.slice(0, point)}.${whole.slice(point)}`;
      fc.pre(point > 0);
      const text = `1-0:1.7.0(${minus}${number}*kW)`;
      const value = readNumberAt(findNumber(text)!, bytesOf(`ab${text}`), 2);
      expect(value).toBe(Number(`${minus}${number}`) || 0);
    }),
  );
  for (const text of ['1-0:1.7.0(1)(2)', '1(1.)', '1(.1)', '1(1 kW)', '1()', '1', '1(1', '1(-)']) {
    expect(findNumber(text)).toBeNull();
  }
});
