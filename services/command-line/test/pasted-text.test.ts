import { describe, expect, test } from '@jest/globals';
import { isFault, type Telegram } from '@wattbus/energy-model';
import {
  encodeDsmr,
  encodeJsonLine,
  encodeReadOut,
  encodeSml,
  encodeTic,
  protocolNamed,
  registerLine,
} from '@wattbus/meter-protocols';
import { inputForms } from '../src/capture/input-bytes.js';
import { choiceOf } from '../src/commands/decode.js';
import { decodeWhole } from '../src/decode/decode-bytes.js';

const options = { standardOffsetMinutes: 60 };

function decoded(text: string, lenient = false) {
  const forms = inputForms('paste.txt', Uint8Array.from(Buffer.from(text, 'latin1')));
  if ('refused' in forms) throw new Error(forms.refused);
  const given = { ...options, lenient };
  const choice = choiceOf(undefined, forms, given);
  if (choice === null) throw new Error('no protocol');
  return {
    protocol: choice.protocol.name,
    results: decodeWhole(choice.protocol, given, choice.bytes),
  };
}

const telegramsIn = (text: string, lenient = false): readonly Telegram[] =>
  decoded(text, lenient).results.filter((result): result is Telegram => !isFault(result));

/** What stands around a telegram is noise. */
const faultsOf = (results: ReturnType<typeof decoded>['results']) =>
  results.filter((result) => !isFault(result) || result.fault !== 'noise');

const at = (second: number): string => `2026-07-01T12:00:0${second}+02:00`;
const p1Of = (second: number, variant: '5.0' | '2.2' = '5.0'): string =>
  Buffer.from(
    encodeDsmr({
      variant,
      identification: 'WBS5\\2HOUSE-3',
      meterId: 'E0000000000000001',
      at: at(second),
      standardOffsetMinutes: 60,
      measured: { energyImportTariff1Wh: 4_321_098, powerW: -640, voltageL1V: 231.4 },
      channels: [
        {
          channel: 1,
          deviceType: 3,
          id: 'G0000000000000001',
          at: at(0),
          value: 12.345,
          unit: 'm3',
        },
      ],
    }),
  ).toString('latin1');
const p1 = p1Of(0);
const eachLine = (text: string, change: (line: string, index: number) => string): string =>
  text.replace(/\r\n$/, '').split('\r\n').map(change).join('\r\n');

/** Ways in which nothing but the text's own form is lost, so that the checksum is right again. */
const harmless: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  'line feeds only': (text) => text.replaceAll('\r', ''),
  'carriage returns only': (text) => text.replaceAll('\n', ''),
  'doubled line ends': (text) => text.replaceAll('\r\n', '\r\n\r\n'),
  'a carriage return too many': (text) => text.replaceAll('\r\n', '\r\r\n'),
  'no empty line behind the name': (text) => text.replaceAll('\r\n\r\n', '\r\n'),
  'blanks in front of each line': (text) => eachLine(text, (line) => `    ${line}`),
  'blanks behind each line': (text) => eachLine(text, (line) => `${line}  `),
  'the end behind the last line': (text) => text.replaceAll('\r\n!', '!'),
  'the end behind the last line and a blank': (text) => text.replaceAll('\r\n!', ' ! '),
  'a checksum in small letters': (text) =>
    text.replaceAll(/![0-9A-F]{4}/g, (end) => end.toLowerCase()),
  'no line end behind it': (text) => text.trimEnd(),
  'empty lines around it': (text) => `\r\n\r\n${text}\r\n\r\n`,
  'a fence around it': (text) => `\`\`\`\n${text}\`\`\`\n`,
  'a log with times': (text) => eachLine(text, (line) => `2026-07-01 12:00:00.123 ${line}`),
  'a log with times in brackets': (text) => eachLine(text, (line) => `[12:00:00] ${line}`),
  'a log of a serial monitor': (text) => eachLine(text, (line) => `12:00:00.123 -> ${line}`),
  'a log with who said it': (text) =>
    eachLine(text, (line) => `2026-07-01 12:00:00,123 DEBUG (MainThread) [p1] ${line}`),
  'a log of a microcontroller': (text) =>
    eachLine(text, (line) => `[12:00:00][D][dsmr:264]: ${line}`),
  'a log of the system': (text) =>
    eachLine(text, (line) => `Jul  1 12:00:00 raspberrypi reader[812]: ${line}`),
  'a string of Python': (text) =>
    `b'${text.replaceAll('\\', '\\\\').replaceAll('\r\n', '\\r\\n')}'\n`,
  'strings of C, a line each': (text) =>
    `const char telegram[] =\n${eachLine(text, (line) => `  ${JSON.stringify(`${line}\r\n`)}`)};\n`
      .split('\n')
      .slice(1)
      .join('\n'),
};

describe('P1 that went through a program is P1 again:', () => {
  test.each(Object.entries(harmless))('%s', (_, change) => {
    const [telegram, ...more] = telegramsIn(change(p1));
    expect(more).toEqual([]);
    expect(telegram).toEqual(telegramsIn(p1)[0]);
    expect(telegram).toMatchObject({ protocol: 'dsmr', checked: true, warnings: [] });
  });

  test.each(Object.entries(harmless))('of version 2.2, which has no checksum: %s', (_, change) => {
    const old = p1Of(0, '2.2');
    const [telegram, ...more] = telegramsIn(change(old));
    expect(more).toEqual([]);
    expect(telegram).toMatchObject({ protocol: 'dsmr', registers: telegramsIn(old)[0]!.registers });
  });

  test.each(Object.entries(harmless))('several telegrams: %s', (_, change) => {
    const three = [0, 1, 2].map((second) => p1Of(second)).join('');
    expect(telegramsIn(change(three)).map((telegram) => telegram.at)).toEqual([0, 1, 2].map(at));
  });

  test('without its checksum it is P1, and what is missing is said', () => {
    for (const change of Object.values(harmless)) {
      const without = change(p1.replace(/![0-9A-F]{4}/, '!'));
      const { protocol, results } = decoded(without);
      expect(protocol).toBe('dsmr');
      expect(faultsOf(results)).toMatchObject([
        { fault: 'checksum', detail: expect.stringContaining('missing') },
      ]);
      expect(telegramsIn(without, true)).toMatchObject([{ protocol: 'dsmr' }]);
    }
  });

  test('a digit that changed stays a fault', () => {
    for (const change of Object.values(harmless)) {
      const { protocol, results } = decoded(change(p1.replace('231.4', '231.5')));
      expect(protocol).toBe('dsmr');
      expect(faultsOf(results)).toMatchObject([{ fault: 'checksum' }]);
    }
  });
});

describe('other protocols in logs and strings:', () => {
  const sml = encodeSml({
    serverId: '1EMH0000000001',
    entries: [{ obis: '1-0:1.8.0', value: 5, unit: 'Wh' }],
  });
  const hex = Buffer.from(sml).toString('hex').toUpperCase().match(/../g)!.join(' ');

  test.each([
    ['digits behind a time', `2026-07-01 12:00:00 ${hex}`],
    ['digits behind a time and a name', `[12:00:00][D][uart_debug:114]: <<< ${hex}`],
    [
      'digits with colons behind them',
      `[12:00:00][D][uart_debug:114]: <<< ${hex.replaceAll(' ', ':')}`,
    ],
    ['a buffer of Node.js', `<Buffer ${hex.toLowerCase()}>\n`],
    ['a buffer of Node.js in JSON', JSON.stringify(Buffer.from(sml))],
    ['a list of Python', `data = [${[...sml].join(', ')}]\n`],
    [
      'an array of bytes of Python',
      `bytearray(b'${hex.replaceAll(/(..) ?/g, '\\x$1').toLowerCase()}')\n`,
    ],
    ['digits within a fence', `\`\`\`\n${hex}\n\`\`\`\n`],
    [
      'bytes of Python, letters among them',
      `b'${[...sml].map((byte) => (byte > 0x2f && byte < 0x5b ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`)).join('')}'`,
    ],
  ])('SML, %s', (_, text) => {
    expect(telegramsIn(text)).toMatchObject([{ protocol: 'sml', meter: { id: '1EMH0000000001' } }]);
  });

  const tic = Buffer.from(
    encodeTic({
      mode: 'historique',
      groups: [
        { label: 'ADCO', data: '021528603947' },
        { label: 'BASE', data: '001234567' },
      ],
    }),
  ).toString('latin1');

  test('TIC of a terminal behind times', () => {
    const groups = tic.split(/[\x02\x03\r\n]+/).filter((group) => group !== '');
    const text = groups.map((group) => `2026-07-01 12:00:00 ${group}\n`).join('');
    expect(telegramsIn(text)[0]).toMatchObject({ protocol: 'tic', meter: { id: '021528603947' } });
  });

  test('TIC of standard mode whose tabs a terminal made blanks', () => {
    const frame = encodeTic({
      mode: 'standard',
      groups: [
        { label: 'ADSC', data: '041876000001' },
        { label: 'DATE', at: '2026-07-01T12:00:00+02:00', data: '' },
        { label: 'NGTF', data: '   PRODUCTEUR   ' },
        { label: 'LTARF', data: 'INDEX NON CONSO ' },
        { label: 'EAST', data: '000001000' },
        { label: 'SMAXSN', at: '2026-07-01T08:15:30+02:00', data: '07337' },
      ],
    });
    const stops = (group: string) =>
      group.split('\t').reduce((text, field) => text.padEnd((text.length + 8) & ~7) + field);
    const shown = Buffer.from(frame)
      .toString('latin1')
      .split(/[\x02\x03\r\n]+/)
      .filter((group) => group !== '')
      .map((group) => `${stops(group)}\n\n`);
    const whole = decodeWhole(protocolNamed('tic')!, options, frame);
    expect(whole).toMatchObject([{ checked: true, registers: { length: 6 } }]);
    expect(telegramsIn(shown.join(''))).toEqual(whole);
    const changed = shown.join('').replace('000001000', '000001001');
    expect(telegramsIn(changed)[0]).toMatchObject({
      checked: false,
      warnings: ['line skipped: group EAST: the checksum is wrong'],
    });
  });

  test('a read-out behind times', () => {
    const readOut = Buffer.from(
      encodeReadOut({
        identification: 'ESY5Q3DA1024 V3.04',
        lines: [registerLine('1-0:1.8.0*255', 12_345.678, 'kWh')],
      }),
    ).toString('latin1');
    const text = eachLine(readOut, (line) => `12:00:00.123 -> ${line}`);
    expect(telegramsIn(text)).toMatchObject([
      { protocol: 'iec62056-21', registers: [{ obis: '1-0:1.8.0', value: 12_345.678 }] },
    ]);
  });

  test('bytes of Python, a line each, with the parity of a 7E1 line', () => {
    const readOut = encodeReadOut({
      identification: 'LGZ5\\2ZMD3104107.B32',
      blockCheck: true,
      lines: [registerLine('1.8.0', 12_345.678, 'kWh')],
    });
    const lines = [...readOut].map((byte) => {
      const ones = byte.toString(2).replaceAll('0', '').length;
      const sent = ones % 2 === 0 ? byte : byte | 0x80;
      const sign = String.fromCharCode(sent);
      const escaped = /[!-&(-[\]-~]/.test(sign) ? sign : `\\x${sent.toString(16).padStart(2, '0')}`;
      return `b'${escaped}'\n`;
    });
    expect(telegramsIn(lines.join(''))).toMatchObject([
      { protocol: 'iec62056-21', checked: true, registers: [{ value: 12_345.678 }] },
    ]);
  });

  test('what Tasmota prints of a line', () => {
    const rows = hex.match(/.{1,48}/g)!.map((row) => `15:21:04.622 :>${row.toLowerCase()}`);
    expect(telegramsIn(`${rows.join('\n')}\n`)).toMatchObject([{ protocol: 'sml' }]);
  });

  test('JSON behind times', () => {
    const line = Buffer.from(encodeJsonLine({ powerW: 512 })).toString('latin1');
    const text = `2026-07-01 12:00:00 ${line}2026-07-01 12:00:01 ${line}`;
    expect(telegramsIn(text)).toHaveLength(2);
    expect(telegramsIn(text)[0]).toMatchObject({ protocol: 'json', registers: [{ value: 512 }] });
  });
});
