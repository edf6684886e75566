import { describe, expect, test } from '@jest/globals';
import { Buffer } from 'node:buffer';
import { TelegramParser, type TelegramContent } from './telegram-parser.js';

const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const parse = (...lines: readonly string[]): TelegramContent =>
  new TelegramParser({ standardOffsetMinutes: 60 }).parse(
    bytesOf(['WBS5\\2TEST-1', '', ...lines, ''].join('\r\n')),
  );
const registersOf = (...lines: readonly string[]): unknown => parse(...lines).registers;

describe('registers', () => {
  test.each([
    ['1-0:1.8.1(012345.678*kWh)', { obis: '1-0:1.8.1', value: 12345.678, unit: 'kWh' }],
    ['1-0:1.8.0(006545766*Wh)', { obis: '1-0:1.8.0', value: 6545766, unit: 'Wh' }],
    ['1-0:16.24.0(-03.618*kW)', { obis: '1-0:16.24.0', value: -3.618, unit: 'kW' }],
    ['1-0:3.8.0(00.000*kVArh)', { obis: '1-0:3.8.0', value: 0, unit: 'kVArh' }],
    ['1-0:13.7.0(0.998)', { obis: '1-0:13.7.0', value: 0.998 }],
    ['0-0:96.7.21(00015)', { obis: '0-0:96.7.21', value: 15 }],
    ['0-0:96.14.0(0002)', { obis: '0-0:96.14.0', value: 2 }],
    ['0-1:24.1.0(003)', { obis: '0-1:24.1.0', value: 3 }],
    ['0-1:24.1.0()', { obis: '0-1:24.1.0', value: '' }],
    ['1-3:0.2.8(50)', { obis: '1-3:0.2.8', value: '50' }],
    ['0-0:96.1.1(4530)', { obis: '0-0:96.1.1', value: '4530' }],
    ['0-0:96.13.0()', { obis: '0-0:96.13.0', value: '' }],
    ['0-0:96.13.0(a (b) c)', { obis: '0-0:96.13.0', value: 'a (b) c' }],
    ['1-0:1.8.0*255(00001.5*kWh)', { obis: '1-0:1.8.0', value: 1.5, unit: 'kWh' }],
    ['1-0:21.7.0.255(01.111*kW)', { obis: '1-0:21.7.0', value: 1.111, unit: 'kW' }],
    ['1-0:1.8.0*01(00001.5*kWh)', { label: '1-0:1.8.0*01', value: 1.5, unit: 'kWh' }],
    ['9-9:99.99.99(12345)', { obis: '9-9:99.99.99', value: 12345 }],
    ['9-9:1.1.1(ab)(12)', { obis: '9-9:1.1.1', value: '(ab)(12)' }],
    [
      '0-1:24.2.1(230601120000S)(00123.456*m3)',
      { obis: '0-1:24.2.1', value: 123.456, unit: 'm3', at: '2023-06-01T12:00:00+02:00' },
    ],
    [
      '1-0:1.6.0(231102114500W)(03.064*kW)',
      { obis: '1-0:1.6.0', value: 3.064, unit: 'kW', at: '2023-11-02T11:45:00+01:00' },
    ],
    ['1-0:1.8.1(001247.747kWh)', { obis: '1-0:1.8.1', value: 1247.747, unit: 'kWh' }],
    ['1-0:31.7.0(000.19A)', { obis: '1-0:31.7.0', value: 0.19, unit: 'A' }],
    ['0-0:97.97.0(0000000A)', { obis: '0-0:97.97.0', value: '0000000A' }],
    ['0-0:96.14.0(TARIFF 1)', { obis: '0-0:96.14.0', value: 'TARIFF 1' }],
    [
      '1-0:1.6.0(08.796*kW)(260102010000)',
      { obis: '1-0:1.6.0', value: 8.796, unit: 'kW', at: '2026-01-02T01:00:00+01:00' },
    ],
    ['0-1:24.2.1(632525252525W)(00000000)', { obis: '0-1:24.2.1', value: 0 }],
    [
      '0-0:1.0.0(260701120000S)',
      { obis: '0-0:1.0.0', value: '260701120000S', at: '2026-07-01T12:00:00+02:00' },
    ],
    ['0-0:1.0.0(000000000000W)', { obis: '0-0:1.0.0', value: '000000000000W' }],
  ])('%s', (line, register) => {
    expect(registersOf(line)).toEqual([register]);
  });

  test('numbers are the doubles nearest to what is written, however many digits', () => {
    for (const text of [
      '0.1',
      '123456.789',
      '0000000000000000000001.5',
      '123.123456789012345678',
    ]) {
      expect(registersOf(`1-0:1.8.0(${text}*kWh)`)).toEqual([
        { obis: '1-0:1.8.0', value: Number(text), unit: 'kWh' },
      ]);
    }
  });
});

describe('gas of DSMR 2 and 3', () => {
  const reading = {
    obis: '0-2:24.3.0',
    value: 2025.003,
    unit: 'm3',
    at: '2016-01-17T12:00:00+01:00',
  };

  test.each([
    [
      'on a line of its own',
      ['0-2:24.3.0(160117120000)(00)(60)(1)(0-2:24.2.1)(m3)', '(02025.003)'],
    ],
    ['on the same line', ['0-2:24.3.0(160117120000)(00)(60)(1)(0-2:24.2.1)(m3)(02025.003)']],
  ])('the value may stand %s', (_where, lines) => {
    expect(registersOf(...lines, '0-2:24.4.0(1)')).toEqual([
      reading,
      { obis: '0-2:24.4.0', value: 1 },
    ]);
  });

  test('the status word decides about the hour that October has twice', () => {
    const at = (status: string): unknown =>
      parse(`0-1:24.3.0(251026023000)(${status})(60)(1)(0-1:24.2.1)(m3)(00001.000)`).registers[0]
        ?.at;
    expect(at('08')).toBe('2025-10-26T02:30:00+02:00');
    expect(at('00')).toBe('2025-10-26T02:30:00+01:00');
  });
});

describe('profile buffers', () => {
  test('each long power failure is a register of its own', () => {
    expect(
      registersOf(
        '1-0:99.97.0(2)(0-0:96.7.19)(180417201458S)(0000000236*s)(000101000001W)(2147483647*s)',
      ),
    ).toEqual([
      {
        obis: '1-0:99.97.0',
        label: '0-0:96.7.19',
        value: 236,
        unit: 's',
        at: '2018-04-17T20:14:58+02:00',
      },
      {
        obis: '1-0:99.97.0',
        label: '0-0:96.7.19',
        value: 2147483647,
        unit: 's',
        at: '2000-01-01T00:00:01+01:00',
      },
    ]);
  });

  test('of two thresholds the first has the code, the second a label', () => {
    expect(registersOf('1-1:31.4.0(040*A)(-040*A)')).toEqual([
      { obis: '1-1:31.4.0', value: 40, unit: 'A' },
      { label: '1-1:31.4.0[2]', value: -40, unit: 'A' },
    ]);
    expect(parse('1-0:1.7.0(1*kW)(2*kWh)').warnings).toHaveLength(1);
  });

  test('Belgian peaks keep their own time, and the month in the label; units may be mixed', () => {
    expect(
      registersOf(
        '0-0:98.1.0(2)(1-0:1.6.0)(1-0:1.6.0)(230201000000W)(230117224500W)(04.329*kW)' +
          '(230301000000W)(632525252525W)(04529*W)',
      ),
    ).toEqual([
      {
        obis: '0-0:98.1.0',
        label: '1-0:1.6.0 until 2023-02-01T00:00:00+01:00',
        value: 4.329,
        unit: 'kW',
        at: '2023-01-17T22:45:00+01:00',
      },
      {
        obis: '0-0:98.1.0',
        label: '1-0:1.6.0 until 2023-03-01T00:00:00+01:00',
        value: 4529,
        unit: 'W',
      },
    ]);
  });

  test('a list without header numbers its values', () => {
    expect(registersOf('0-0:98.1.0(230701000000S)(000040.777*kWh)(03.564*kW)')).toMatchObject([
      { label: '1', value: 40.777, unit: 'kWh' },
      { label: '2', value: 3.564, unit: 'kW', at: '2023-07-01T00:00:00+02:00' },
    ]);
  });

  test.each([
    '1-0:99.97.0(0)(0-0:96.7.19)',
    '1-0:99.97.0()',
    '1-0:99.97.0(0)(0:96.7.19)',
    '0-0:98.1.0(0)(whatever)',
  ])('%s has no entry', (line) => {
    expect(parse(line)).toMatchObject({ registers: [], warnings: [] });
  });
});

describe('lines that break the grammar', () => {
  test.each([
    '1-0:99:97.0(0)',
    '1-0:72:32.0(00000)',
    '1-0:4:24.7.0(1)',
    '1-0:1.8(123.45*kWh)',
    '1-0-2:1.8.1.0(123.45*kWh)',
    'A-0:1.8.1(123.45*kWh)',
    '256-0:1.7.0(00.100*kW)',
    '1-0:1.7.0',
    '1-0:1.7.0(00.A23*kW)',
    '1-0:1.7.0(0(0.123*kW))',
    '1-0:1.7.0(00.123*kW) trailing',
    '1-0:1.7.0(00.123*)',
    '1-0:1.7.0(1.*kW)',
    '1-0:1.7.0(.5*kW)',
    '1-0:1.7.0(1.2.3*kW)',
    '1-0:1.7.0(-*kW)',
    '1-3:0.2.8(40',
    '0-1:24.2.1 (230601120000S)(00123.456*m3)',
    '0-1:24.2.1(ABCDEF)(00000.107*m3)',
    '0-1:24.3.0(160117120000)(00)(60)(1)(0-2:24.2.1)(m3)',
    '1-0:99.97.0(1)(0-0:96.7.19)(180417201458S)(abc*s)',
    '0-0:1.0.0(yesterday)',
    'garbage',
    '(00124.477)',
  ])('%s is left out with a warning, the others stay', (line) => {
    const { registers, warnings } = parse('1-0:2.7.0(00.500*kW)', line, '1-0:14.7.0(50.0*Hz)');
    // A group on a line of its own belongs to the line before it.
    const left = line.startsWith('(') ? ['1-0:14.7.0'] : ['1-0:2.7.0', '1-0:14.7.0'];
    if (!line.startsWith('(')) expect(warnings).toEqual([`line skipped: "${line}"`]);
    expect(registers.map(({ obis }) => obis)).toEqual(expect.arrayContaining(left));
  });

  test('an unclosed text goes on in the next lines that begin with no name', () => {
    expect(registersOf('0-0:96.13.0(3031', '3233', '3435)', '1-0:2.7.0(00.500*kW)')).toEqual([
      { obis: '0-0:96.13.0', value: '303132333435' },
      { obis: '1-0:2.7.0', value: 0.5, unit: 'kW' },
    ]);
  });

  test('warnings are bounded and printable', () => {
    const { warnings } = parse(...Array.from({ length: 40 }, () => `\x01${'x'.repeat(100)}`));
    expect(warnings).toHaveLength(17);
    expect(warnings[0]).toBe(`line skipped: ".${'x'.repeat(59)}…"`);
    expect(warnings.at(-1)).toBe('24 more lines skipped');
  });
});

describe('the meter', () => {
  test.each([
    [['0-0:96.1.1(4530303431)'], 'E0041'],
    [['0-0:96.1.1(4B4131)', '0-0:96.1.0(31323334)'], '1234'],
    [['0-0:96.1.0(204B4131)', '0-0:42.0.0(53414735)'], 'KA1'],
    [['0-0:42.0.0(53414735)', '0-0:96.1.1()'], 'SAG5'],
    [['0-0:96.1.1(00000000000000)'], '00000000000000'],
    [['1-0:0.0.0*255(1336001560)', '0-0:96.1.255*255(1ESY1336001560)'], '1ESY1336001560'],
  ])('%j names it %s', (lines, id) => {
    expect(parse(...lines).meter).toEqual({ id, manufacturer: 'WBS', model: 'TEST-1' });
  });

  test.each([
    [['1-0:0.9.1(012553)', '1-0:0.9.2(251002)'], '2025-10-02T01:25:53+02:00'],
    [['1-0:0.9.1(012553)', '1-0:0.9.2(251302)'], null],
    [['1-0:0.9.1(012553)'], null],
    [
      ['1-0:0.9.1(012553)', '0-0:1.0.0(260701120000S)', '1-0:0.9.2(251002)'],
      '2026-07-01T12:00:00+02:00',
    ],
  ])('%j is its clock at %s', (lines, at) => {
    expect(parse(...lines).at).toBe(at);
  });

  test.each([
    ['ISk5\\2MT382-1000', { manufacturer: 'ISK', model: 'MT382-1000' }],
    ['Ene5\\T210-D ESMR5.0', { manufacturer: 'ENE', model: 'T210-D ESMR5.0' }],
    ['KMP5 ZABF001587315111', { manufacturer: 'KMP', model: 'ZABF001587315111' }],
    ['FLU5\\253769484_A', { manufacturer: 'FLU', model: '53769484_A' }],
    ['ISk5\x02MT382-1003', { manufacturer: 'ISK', model: 'MT382-1003' }],
    ['NWA-WARMTELINK', { model: 'NWA-WARMTELINK' }],
    ['ABC5', { manufacturer: 'ABC' }],
  ])('identification %j', (ident, meter) => {
    const parser = new TelegramParser({ standardOffsetMinutes: 60 });
    expect(parser.parse(bytesOf(`${ident}\r\n\r\n`)).meter).toEqual(meter);
  });

  test.each([
    ['1-3:0.2.8(42)', 42],
    ['1-3:0.2.8(50)', 50],
    ['1-3:0.2.8(4)', 40],
    ['0-0:96.1.4(50217)', 50],
    ['1-0:1.7.0(1*kW)', null],
  ])('%s is of version %s', (line, version) => {
    expect(parse(line).version).toBe(version);
  });
});

test('a line that repeats is read as the first time, and one that changes is read anew', () => {
  const parser = new TelegramParser({ standardOffsetMinutes: 60 });
  const text = (power: string, gas: string): string =>
    [
      'A',
      '',
      `1-0:1.7.0(${power}*kW)`,
      `0-1:24.3.0(160117120000)(00)(60)(1)(0-1:24.2.1)(m3)`,
      `(${gas})`,
      'bad',
      '',
    ].join('\r\n');
  const fresh = ([power, gas]: readonly [string, string]): TelegramContent =>
    new TelegramParser({ standardOffsetMinutes: 60 }).parse(bytesOf(text(power, gas)));
  for (const numbers of [
    ['1.0', '5.0'],
    ['1.0', '5.0'],
    ['1.0', '6.0'],
    ['2.0', '6.0'],
  ] as const) {
    const [power, gas] = numbers;
    expect(parser.parse(bytesOf(text(power, gas)))).toEqual(fresh(numbers));
  }
});

// The second one without the star before its unit, as early Fluvius meters write it.
test.each(['', 'W'])('hundreds of digits and %j are a text, not an infinite number', (unit) => {
  const value = `${'9'.repeat(320)}${unit}`;
  expect(registersOf(`0-1:4.4.0(${value})`)).toEqual([{ obis: '0-1:4.4.0', value }]);
});
