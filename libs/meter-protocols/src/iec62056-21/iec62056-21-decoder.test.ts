import { describe, expect, test } from '@jest/globals';
import { isFault, type Fault, type Register, type Telegram } from '@wattbus/energy-model';
import { Buffer } from 'node:buffer';
import { encodeBlock, encodeReadOut, registerLine, type ReadOutDescription } from './encode.js';
import { Iec62056Decoder, messageBytesMax } from './iec62056-21-decoder.js';
import { measurementsOf } from '../measurements.js';
import { readOutLinesOf } from './measured-lines.js';
import { iec62056 } from './iec62056-21.protocol.js';

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
const decode = (bytes: Uint8Array, lenient = false) => {
  const decoder = new Iec62056Decoder({ ...options, lenient });
  return [...decoder.push(bytes), ...decoder.end()];
};
const telegramsOf = (results: readonly (Telegram | Fault)[]) =>
  results.filter((result): result is Telegram => !isFault(result));
const faultsOf = (results: readonly (Telegram | Fault)[]) =>
  results.filter(isFault).map(({ fault }) => fault);

/** The registers of one line in a message of its own. */
function read(line: string): readonly Register[] {
  const results = decode(text(`/ABC5x\r\n${encodeBlock(`${line}\r\n!\r\n`)}`));
  expect(faultsOf(results)).toEqual([]);
  return telegramsOf(results)[0]!.registers;
}

test('an answered read-out carries meter, registers and the fact that it was checked', () => {
  expect(decode(encodeReadOut(asked))).toEqual([
    {
      protocol: 'iec62056-21',
      meter: { id: '18438636', manufacturer: 'LGZ', model: 'ZMF100AC.M27' },
      at: null,
      registers: [
        { obis: '1-0:97.97.0', label: 'F.F', value: '00000000' },
        { obis: '1-0:96.1.0', label: 'C.1.0', value: '18438636' },
        { obis: '1-0:1.8.0', label: '1.8.0', value: 6334.294, unit: 'kWh' },
        { obis: '1-0:16.7.0', label: '16.7.0', value: -0.82, unit: 'kW' },
      ],
      checked: true,
      warnings: [],
    },
  ]);
});

test.each([
  [['1-1:0.9.1(152454)', '1-1:0.9.2(220916)'], { at: '2022-09-16T15:24:54+02:00' }],
  [['0-0:96.1.1(31574253303031363537333737)'], { meter: { id: '1WBS001657377' } }],
  [['0-0:96.1.1(63355730)'], { meter: { id: '63355730' } }],
  [['0-0:96.1.1(4B41)', 'C.1.0(63355730)'], { meter: { id: '63355730' } }],
  [
    ['1.8.0*00(019446.38)', '2.8.1*00(000001.50)', '2.8.1(000002.50)'],
    {
      registers: [
        { obis: '1-0:1.8.0', label: '1.8.0*00', value: 19446.38, unit: 'kWh' },
        { obis: '1-0:2.8.1*0', label: '2.8.1*00', value: 1.5, unit: 'kWh' },
        { obis: '1-0:2.8.1', label: '2.8.1', value: 2.5, unit: 'kWh' },
      ],
    },
  ],
])('%j', (rows, expected) => {
  const results = decode(text(`/ABC5x\r\n${encodeBlock(`${rows.join('\r\n')}\r\n!\r\n`)}`));
  expect(results).toMatchObject([expected]);
});

test('a pushed read-out has no block check and is given at its closing mark', () => {
  const decoder = new Iec62056Decoder(options);
  const [telegram] = decoder.push(encodeReadOut(pushed));
  expect(telegram).toMatchObject({ checked: false, warnings: [], meter: { manufacturer: 'HAG' } });
});

describe('data lines', () => {
  test.each([
    ['1.8.0(013925.5*)', '1-0:1.8.0', 13925.5, 'kWh'],
    ['1.8.1(024562 kWh)', '1-0:1.8.1', 24562, 'kWh'],
    ['16.7.0( 000.03*kW)', '1-0:16.7.0', 0.03, 'kW'],
    ['16.7.0(-000.82*kW)', '1-0:16.7.0', -0.82, 'kW'],
    ['31.7.0(+000.8*A)', '1-0:31.7.0', 0.8, 'A'],
    ['32.7(233*V)', '1-0:32.7.0', 233, 'V'],
    ['1-0:1.8.0*255(000001.2963)', '1-0:1.8.0', 1.2963, 'kWh'],
    ['1-0:21.7.255*255(000236.12*W)', '1-0:21.7.255', 236.12, 'W'],
    ['1.8.1*01(0006334.294*kWh)', '1-0:1.8.1*1', 6334.294, 'kWh'],
    ['1.8.1&07(0006334.294*kWh)', '1-0:1.8.1*7', 6334.294, 'kWh'],
    ['0-0:C.1.0*255(63355730)', '0-0:96.1.0', '63355730', undefined],
    ['0.2.0(1.03)', '1-0:0.2.0', '1.03', undefined],
    ['0.1.0(33)', '1-0:0.1.0', 33, undefined],
    ['C.7.0(0004)', '1-0:96.7.0', 4, undefined],
    ['C.5.0(001C0104)', '1-0:96.5.0', '001C0104', undefined],
    ['C.1.1(        )', '1-0:96.1.1', '', undefined],
    ['81.7.4(-80.7*Deg)', '1-0:81.7.4', -80.7, 'Deg'],
  ])('%s', (line, obis, value, unit) => {
    expect(read(line)).toEqual([expect.objectContaining({ obis, value })]);
    expect(read(line)[0]!.unit).toBe(unit);
  });

  test('a code of the manufacturer is a label', () => {
    expect(read('0.5.1.2(7)')).toEqual([{ label: '0.5.1.2', value: '7' }]);
  });

  test('a second group may be the time of the first, or the first that of the second', () => {
    expect(read('1-0:1.6.0*255(02.468*kW)(1703100930)')).toEqual([
      { obis: '1-0:1.6.0', value: 2.468, unit: 'kW', at: '2017-03-10T09:30:00+01:00' },
    ]);
    expect(read('0-1:24.2.1(101209110000W)(12785.123*m3)')).toEqual([
      { obis: '0-1:24.2.1', value: 12785.123, unit: 'm3', at: '2010-12-09T11:00:00+01:00' },
    ]);
  });

  test('a heat meter has several codes in a line, and they are of medium 6', () => {
    expect(read('6.8(0029.055*MWh)6.26(01589.28*m3)9.21(00010213)9.4(088*C&082*C)6.8.1()')).toEqual(
      [
        { obis: '6-0:6.8.0', label: '6.8', value: 29.055, unit: 'MWh' },
        { obis: '6-0:6.26.0', label: '6.26', value: 1589.28, unit: 'm3' },
        { obis: '6-0:9.21.0', label: '9.21', value: '00010213' },
        { obis: '6-0:9.4.0', label: '9.4', value: 88, unit: 'C' },
        { label: '9.4[1]', value: 82, unit: 'C' },
        { obis: '6-0:6.8.1', label: '6.8.1', value: '' },
      ],
    );
  });

  test('a damaged line is left out with a warning', () => {
    const damaged = text('/ABC5x\r\n\r\n1.8.0(0001\r\n"2.8.0(5*kWh)\r\n1.8.1(7*kWh)\r\n!\r\n');
    const [telegram] = telegramsOf(decode(damaged));
    expect(telegram!.registers.map(({ obis }) => obis)).toEqual(['1-0:1.8.1']);
    expect(telegram!.warnings).toHaveLength(2);
  });
});

describe('time', () => {
  test.each([
    ['0.9.1(201455)\r\n0.9.2(0170318)', '2017-03-18T20:14:55+01:00'],
    ['0.9.1(201455)\r\n0.9.2(1170718)', '2017-07-18T20:14:55+02:00'],
    ['0.9.1(0201455)\r\n0.9.2(170718)', '2017-07-18T20:14:55+01:00'],
    ['0.9.1(21:10:29)\r\n0.9.2(24-03-21)', '2024-03-21T21:10:29+01:00'],
    ['0.9.1(21:10:29)\r\n0.9.2(24-07-21)', '2024-07-21T21:10:29+02:00'],
    ['0.9.1(211029)\r\n0.9.2(2240721)', '2024-07-21T21:10:29Z'],
    ['0.9.1(211029)\r\n0.9.2(240231)', null],
    ['0-0:1.0.0(101209113020W)', '2010-12-09T11:30:20+01:00'],
  ])('%s', (clock, at) => {
    const bytes = text(`/ABC5x\r\n${encodeBlock(`${clock}\r\n1.8.0(1*kWh)\r\n!\r\n`)}`);
    expect(telegramsOf(decode(bytes))[0]!.at).toBe(at);
  });
});

test('a load profile gives each value with the time of its row', () => {
  const header = 'P.01(1090527100000)(08)(15)(2)(1.5)(kW)(5.5)(kvar)';
  const block = encodeBlock(`${header}\r\n(0.125)(0.010)\r\n(0.250)(0.020)\r\n`);
  const [telegram] = telegramsOf(decode(text(block)));
  expect(telegram!.registers).toEqual([
    { label: 'P.01 status', value: '08', at: '2009-05-27T10:00:00+02:00' },
    { label: 'P.01 1.5', value: 0.125, unit: 'kW', at: '2009-05-27T10:00:00+02:00' },
    { label: 'P.01 5.5', value: 0.01, unit: 'kvar', at: '2009-05-27T10:00:00+02:00' },
    { label: 'P.01 1.5', value: 0.25, unit: 'kW', at: '2009-05-27T10:15:00+02:00' },
    { label: 'P.01 5.5', value: 0.02, unit: 'kvar', at: '2009-05-27T10:15:00+02:00' },
  ]);
});

describe('messages', () => {
  const expected = decode(encodeReadOut(asked));

  test.each([
    ['the echo of the request', '/?!\r\n'],
    ['wake-up characters', '\x7f\x7f\x7f\x7f'],
    ['zeros', '\0\0\0'],
    ['an identification that nobody acknowledged', '/LGZ4ZMF100AC.M27\r\n'],
    ['a command of the programming mode', '\x01R1\x021.8.0(1)\x03k'],
  ])('%s before the answer changes nothing', (_name, before) => {
    const results = decode(Uint8Array.from([...text(before), ...encodeReadOut(asked)]));
    expect(telegramsOf(results)).toEqual(expected);
  });

  test('the echo of the acknowledgement stands between identification and data', () => {
    const [head, data] = Buffer.from(encodeReadOut(asked)).toString('latin1').split('\r\n\x02');
    expect(decode(text(`${head}\r\n\x06040\r\n\x02${data}`))).toEqual(expected);
  });

  test('the eighth bit is that of the parity', () => {
    expect(decode(encodeReadOut({ ...asked, parityBit: true }))).toEqual(expected);
  });

  test('a block check that looks like a line end, a mark or a slash is one', () => {
    const seen = new Set<number>();
    for (let value = 0; value < 4000 && seen.size < 128; value += 1) {
      const block = encodeBlock(`1.8.0(${value}${String.fromCharCode(32 + (value % 8))})\r\n!\r\n`);
      seen.add(block.charCodeAt(block.length - 1));
      const [telegram] = telegramsOf(decode(text(`/ABC5x\r\n${block}`)));
      expect(telegram?.checked).toBe(true);
    }
  });

  test('a reply of the programming mode has no identification', () => {
    const [telegram] = decode(text('\x023:171.0(0)\x03\x12'));
    expect(telegram).toMatchObject({
      checked: true,
      registers: [{ label: '3:171.0', value: '0' }],
    });
  });

  test('a session of the programming mode: commands are passed over, the answer is the meter’s', () => {
    const command = (characters: string): string => {
      const block = `${characters}\x03`;
      const parity = Buffer.from(block, 'latin1').reduce((sum, byte) => sum ^ byte, 0);
      return `\x01${block}${String.fromCharCode(parity & 0x7f)}`;
    };
    const asked = ['P0\x02(00000000)', 'P1\x02(12345678)', 'R5\x021.8.0()'].map(command);
    const session =
      `/?!\r\n/LGZ5ZMD310AT\r\n\x06051\r\n${asked[0]}${asked[1]}\x06${asked[2]}` +
      `${encodeBlock('1.8.0(000123.4*kWh)')}${command('B0')}`;
    const results = decode(text(session));
    expect(results).toEqual([
      expect.objectContaining({
        checked: true,
        meter: expect.objectContaining({ manufacturer: 'LGZ' }),
        registers: [expect.objectContaining({ obis: '1-0:1.8.0', value: 123.4 })],
      }),
    ]);
    for (let cut = 1; cut < session.length; cut += 1) {
      const decoder = new Iec62056Decoder(options);
      const pieces = [session.slice(0, cut), session.slice(cut)].map(text);
      expect([...pieces.flatMap((piece) => decoder.push(piece)), ...decoder.end()]).toEqual(
        results,
      );
    }
  });

  test('an error message is a fault that quotes it', () => {
    expect(decode(text(encodeBlock('(ERROR01)')))).toEqual([
      expect.objectContaining({ fault: 'unsupported', detail: 'the meter answers (ERROR01)' }),
    ]);
  });

  test('a wrong block check is a fault, and taken with a warning if lenient', () => {
    const wrong = encodeReadOut(asked);
    wrong[wrong.length - 1]! ^= 1;
    expect(faultsOf(decode(wrong))).toEqual(['checksum']);
    const [telegram] = telegramsOf(decode(wrong, true));
    expect(telegram).toMatchObject({ checked: false, warnings: [expect.stringMatching('wrong')] });
  });

  test('a read-out that lost its ETX is taken unchecked once something else follows', () => {
    const whole = encodeReadOut(asked);
    const decoder = new Iec62056Decoder(options);
    expect(decoder.push(whole.subarray(0, whole.length - 2))).toEqual([]);
    const [telegram] = decoder.push(text('/'));
    expect(telegram).toMatchObject({
      checked: false,
      warnings: [expect.stringMatching('missing')],
    });
  });

  test('a read-out without identification is taken at the beginning of a stream only', () => {
    const bare = text('0.0.0(110002267)\r\n1.8.0(31550.191*kWh)\r\n!\r\n');
    const [telegram] = telegramsOf(decode(bare));
    expect(telegram).toMatchObject({ meter: { id: '110002267' }, checked: false });
    expect(telegram!.warnings).toEqual([expect.stringMatching('identification')]);
    expect(telegramsOf(decode(Uint8Array.from([...text('x\r\n'), ...bare])))).toEqual([]);
    expect(telegramsOf(decode(text('8.0(1*kWh)\r\n1.8.1(2*kWh)\r\n!\r\n')))).toEqual([]);
  });

  test('a message that never ends is an oversize fault and the next one is found', () => {
    const endless = text(`/ABC5x\r\n${'1.8.0(1*kWh)\r\n'.repeat(messageBytesMax / 10)}`);
    const results = decode(Uint8Array.from([...endless, ...encodeReadOut(asked)]));
    expect(faultsOf(results)[0]).toBe('oversize');
    expect(telegramsOf(results)).toEqual(expected);
  });
});

test('what a simulated meter measures is what is read from it', () => {
  const measured = {
    energyImportWh: 4_321_098,
    energyExportWh: 1_321_098,
    powerW: -1180,
    voltageL1V: 231.4,
    currentL1A: 5.1,
    frequencyHz: 50,
  };
  const bytes = encodeReadOut({ ...asked, lines: readOutLinesOf(measured) });
  const [telegram] = telegramsOf(decode(bytes));
  expect(measurementsOf(telegram!)).toEqual([expect.objectContaining({ measured })]);
});

test('the protocol is offered under its name, to be asked at 300 7E1 or to be heard at 9600', () => {
  expect(iec62056.name).toBe('iec62056-21');
  expect(iec62056.serialSettings.slice(0, 2).map(({ baudRate }) => baudRate)).toEqual([300, 9600]);
  expect(telegramsOf(iec62056.decoder(options).push(encodeReadOut(asked)))).toHaveLength(1);
});
