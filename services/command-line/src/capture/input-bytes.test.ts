import { describe, expect, test } from '@jest/globals';
import { encodeDsmr, encodeSml } from '@wattbus/meter-protocols';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inputForms } from './input-bytes.js';

const frame = encodeSml({
  serverId: '1EMH0000000001',
  entries: [{ obis: '1-0:1.8.0', value: 123_456, unit: 'Wh' }],
});
const pairs = Buffer.from(frame).toString('hex').match(/../g)!;
const rows = (size: number): string[][] =>
  Array.from({ length: Math.ceil(pairs.length / size) }, (_, row) =>
    pairs.slice(row * size, (row + 1) * size),
  );
const upper = (text: string): string => text.toUpperCase();
const log = (before: (row: number) => string, size = 16): string =>
  rows(size)
    .map((row, index) => `${before(index)}${upper(row.join(' '))}`)
    .join('\n');

const forms: Readonly<Record<string, string>> = {
  'digits alone': pairs.join(''),
  'digits in capitals and small ones': pairs
    .map((pair, i) => (i % 2 ? upper(pair) : pair))
    .join(''),
  'digits with Windows line ends': pairs.join('').replaceAll(/.{32}/g, '$&\r\n'),
  'digits behind a byte order mark': `\xef\xbb\xbf${pairs.join(' ')}`,
  'pairs with blanks and line breaks': rows(16)
    .map((row) => row.join(' '))
    .join('\n'),
  'pairs with colons': pairs.join(':'),
  'pairs with dashes': pairs.join('-'),
  'an array in C': `{ ${pairs.map((pair) => `0x${upper(pair)}`).join(', ')} };`,
  'bytes of one digit after 0x': pairs.map((pair) => `0x${pair.replace(/^0/, '')}`).join(' '),
  'an escaped string': `"${pairs.map((pair) => `\\x${pair}`).join('')}"`,
  'an array in JSON': JSON.stringify(pairs),
  'comments and empty lines': `# from the cellar\n\n${pairs.join(' ')} # the end\n`,
  'comments behind slashes and semicolons': rows(16)
    .map((row) => `${row.join(' ')} // from the cellar\r\n; next row\r\n`)
    .join(''),
  'lines with their numbers': log((row) => `${String(row + 1).padStart(4)}  `),
  'lines with their numbers from 0': log((row) => `${row}) `),
  'lines with their numbers and colons': log((row) => `${row + 1}: `),
  'lines behind date and time': log((row) => `2024-05-06 07:08:${10 + row}.123 `),
  'lines behind times that are pairs of digits, too': log((row) => `07:08:${10 + row} `),
  'lines behind times and a direction': log((row) => `[07:08:${10 + row}] RX `),
  'a last byte that lost a digit': `${pairs.join(' ')} 1`,
  'what candump prints': log((row) => `  can0  18DA   [8]  `.replace('18DA', `18D${row % 10}`), 8),
  'a log of candump': rows(8)
    .map((row, i) => `(1700000000.${100 + i}) can0 123#${upper(row.join(''))}`)
    .join('\n'),
  'a log with times': log((row) => `12:00:0${row % 10}.123 -> `),
  'a log with a name': log(() => 'RX: '),
};

describe('a text of digits is read as', () => {
  test.each(Object.entries(forms))('%s', (_, text) => {
    const bytes = Buffer.from(text, 'latin1');
    for (const name of ['frame.hex', 'FRAME.HEX', 'paste.txt', '-']) {
      const read = inputForms(name, bytes);
      expect(read).not.toHaveProperty('refused');
      expect(Buffer.from((read as Uint8Array[])[0]!)).toEqual(Buffer.from(frame));
    }
  });

  test.each([
    ['hexdump', '-C'],
    ['hexdump', '-v'],
    ['od', '-A', 'x', '-t', 'x1'],
    ['od', '-A', 'd', '-t', 'x1'],
    ['od', '-t', 'x1', '-v'],
    ['od', '-x'],
  ])('what %s %s prints', (tool, ...args) => {
    // Long enough for repeated lines, which are printed as a star.
    const bytes = Buffer.concat([frame, Buffer.alloc(100), frame, frame, Buffer.alloc(9)]);
    const even = bytes.subarray(0, bytes.length & ~1);
    const folder = mkdtempSync(join(tmpdir(), 'wattbus-dump-'));
    try {
      writeFileSync(join(folder, 'frame'), even);
      const text = printedBy(tool, [...args, join(folder, 'frame')]);
      if (text === null) return;
      const read = inputForms('dump.txt', text);
      expect(Buffer.from((read as Uint8Array[])[0]!)).toEqual(even);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each([
    ['base64', Buffer.from(frame).toString('base64')],
    ['base64 in lines', Buffer.from(frame).toString('base64').replaceAll(/.{76}/g, '$&\r\n')],
    ['numbers of a serial monitor, a line each', [...frame].join('\n')],
    ['numbers with blanks', [...frame].join(' ')],
    ['digits amid prose', `Hello,\n\nmy meter sends\n${pairs.join(' ')}\nWhat is it?\n`],
  ])('%s in a file of another name', (_, text) => {
    const read = inputForms('paste.txt', Buffer.from(text)) as Uint8Array[];
    expect(read.map((form) => Buffer.from(form))).toContainEqual(Buffer.from(frame));
  });

  test('what xxd prints, whose text may look like digits', () => {
    const bytes = Buffer.from('abcd1234deadbeef0123456789abcdefcafe', 'latin1');
    const text = [0, 16, 32]
      .map((at) => {
        const row = bytes.subarray(at, at + 16);
        const words = row
          .toString('hex')
          .match(/.{1,4}/g)!
          .join(' ')
          .padEnd(39);
        return `${at.toString(16).padStart(8, '0')}: ${words}  ${row.toString('latin1')}`;
      })
      .join('\n');
    expect(Buffer.from((inputForms('x', Buffer.from(text)) as Uint8Array[])[0]!)).toEqual(bytes);
  });
});

function printedBy(tool: string, args: readonly string[]): Buffer | null {
  try {
    return execFileSync(tool, args);
  } catch (error) {
    // Not every machine has all of these tools.
    if ((error as { code?: string }).code === 'ENOENT') return null;
    throw error;
  }
}

describe('what is no text of digits', () => {
  test('is taken as the bytes of a meter', () => {
    const p1 = encodeDsmr({
      variant: '5.0',
      identification: 'ISK5\\2M550T-1012',
      meterId: 'E0000000000000001',
      at: '2024-01-10T00:00:00+01:00',
      standardOffsetMinutes: 60,
      measured: { powerW: 400 },
      channels: [],
    });
    for (const bytes of [p1, frame]) expect(inputForms('raw.bin', bytes)).toEqual([bytes]);
  });

  test('is refused under the name of one, with the place', () => {
    const refusal = (text: string): unknown => inputForms('x.hex', Buffer.from(text));
    expect(refusal('')).toEqual({ refused: 'it is empty' });
    expect(refusal(' \n\n')).toEqual({ refused: 'it is empty' });
    expect(refusal('7EA')).toEqual({ refused: 'it holds an odd number of hexadecimal digits' });
    expect(refusal('7EA0\n\nnothing here\n')).toEqual({
      refused: 'line 3 is not hexadecimal: "nothing here"',
    });
    expect(refusal('# only this\n; and that, too')).toEqual({ refused: 'it is empty' });
    expect(refusal(`7EA0\n${'7E '.repeat(40)}zz ${'A0 '.repeat(40)}`)).toEqual({
      refused: expect.stringMatching(/^line 2 is not hexadecimal: ".*zz.*"$/),
    });
    expect(refusal('7EA0\n7E A 7E\n')).toEqual({
      refused: 'it holds an odd number of hexadecimal digits (line 2)',
    });
  });
});
