import { describe, expect, test } from '@jest/globals';
import { isFault } from '@wattbus/energy-model';
import { dlms } from './dlms.protocol.js';
import {
  encodeArray,
  encodeDataNotification,
  encodeDateTime,
  encodeInteger,
  encodeObis,
  encodeOctets,
  encodeStructure,
  encodeText,
} from './encode-data.js';

function decodeBody(body: Uint8Array) {
  const apdu = encodeDataNotification({ invokeId: 1, at: '2024-05-06T07:08:09+02:00', body });
  const [telegram] = dlms.decoder({ standardOffsetMinutes: 60 }).push(apdu);
  if (!telegram || isFault(telegram)) throw new Error(JSON.stringify(telegram));
  const summary = telegram.registers.map(
    ({ obis, label, value, unit }) => `${obis ?? label}=${value}${unit ?? ''}`,
  );
  return { telegram, summary };
}

const d = (value: number) => encodeInteger(value, 'doubleLongUnsigned');
const u = (value: number) => encodeInteger(value, 'longUnsigned');
const text = (value: string) => encodeText(value, 9);

describe('lists of values only', () => {
  const clock = encodeOctets(encodeDateTime('2024-05-06T07:08:00+02:00'));
  const energies = [16_000_000, 400_000, 300_000, 200_000].map(d);
  const powers = [1565, 0, 12, 379].map(d);
  const empty = text('');
  const device = [text('ISK1030000000000'), text('16820005')];

  test.each<[string, Uint8Array[], string[]]>([
    [
      'Landis+Gyr at Wiener Netze',
      [clock, ...energies, ...powers],
      ['1-0:1.8.0=16000000Wh', '1-0:4.8.0=200000varh', '1-0:1.7.0=1565W', '1-0:4.7.0=379var'],
    ],
    [
      'Iskraemeco at Wiener Netze, two values empty',
      [
        encodeObis('0-6:25.9.0'),
        text('1120000000000'),
        encodeOctets(Uint8Array.of(21, 11, 20, 0)),
        encodeOctets(Uint8Array.of(7, 232, 5, 7, 2)),
        ...energies,
        ...powers.slice(0, 2),
        empty,
        empty,
      ],
      ['0-0:96.1.0=1120000000000', '1-0:2.8.0=400000Wh', '1-0:2.7.0=0W'],
    ],
    [
      'Siemens in Upper Austria, without reactive powers',
      [
        encodeObis('0-6:25.9.0'),
        text('18000000'),
        encodeOctets(Uint8Array.of(10, 17, 44, 0)),
        encodeOctets(Uint8Array.of(7, 229, 5, 19, 3)),
        ...energies,
        ...powers.slice(0, 2),
      ],
      ['0-0:96.1.0=18000000', '1-0:4.8.0=200000varh', '1-0:1.7.0=1565W', '1-0:2.7.0=0W'],
    ],
    [
      'Landis+Gyr at Netz Burgenland, in whole volts',
      [
        ...[228, 226, 230, 781, 1482, 643].map(u),
        ...[5432, 0, 40091000, 7].map(d),
        text('30052002'),
      ],
      ['1-0:32.7.0=228V', '1-0:51.7.0=14.82A', '1-0:1.7.0=5432W', '1-0:2.8.0=7Wh'],
    ],
    [
      'Landis+Gyr in Slovenia, totals',
      [text('33000001'), ...powers, ...energies],
      ['0-0:96.1.0=33000001', '1-0:3.7.0=12var', '1-0:1.8.0=16000000Wh'],
    ],
    [
      'Landis+Gyr in Slovenia, phases',
      [
        text('1234567'),
        ...[50, 82, 151, 57, 239, 238, 0].map(u),
        ...[200, 300, 65, 0, 0, 0].map(d),
      ],
      ['1-0:14.7.0=50Hz', '1-0:31.7.0=0.82A', '1-0:52.7.0=238V', '1-0:41.7.0=300W'],
    ],
    [
      'Iskraemeco in Slovenia, one second',
      [...device, ...powers, ...[2325, 2321, 2330, 68, 0, 1].map(u), ...[65, 1, 2, 0, 0, 0].map(d)],
      ['1-0:1.7.0=1565W', '1-0:32.7.0=232.5V', '1-0:31.7.0=0.68A', '1-0:21.7.0=65W'],
    ],
    [
      'Iskraemeco in Slovenia, fifteen minutes',
      [
        ...device,
        Uint8Array.of(3, 1),
        text('2'),
        ...[30, 10, 20, 5, 3, 2].map(d),
        ...[8, 9].map(d),
      ],
      ['0-0:96.3.10=1', '1-0:1.8.2=20Wh', '1-0:2.8.0=5Wh', '1-0:4.8.0=9varh'],
    ],
    [
      'Iskraemeco in Croatia',
      [
        clock,
        ...device,
        ...[30, 10, 20, 5, 3, 2, 1, 2, 3, 4, 1565, 0].map(d),
        u(991),
        ...[500, 600, 465, 0, 0, 0].map(d),
        ...[2325, 2321, 2330, 220, 260, 201].map(u),
        d(1),
        empty,
      ],
      ['1-0:1.8.0=30Wh', '1-0:13.7.0=0.991', '1-0:61.7.0=465W', '1-0:71.7.0=2.01A'],
    ],
    [
      'Iskraemeco in Croatia, with thresholds',
      [
        text('92000001'),
        encodeOctets(Uint8Array.of(15, 53, 30, 0)),
        encodeOctets(Uint8Array.of(7, 233, 12, 3, 3)),
        ...[30, 10, 20, 5, 3, 2, 1, 2, 3, 4, 499, 0].map(d),
        u(746),
        ...[27, 295, 176, 0, 0, 0].map(d),
        ...[2336, 2354, 2355, 29, 172, 109].map(u),
        d(17_250),
        ...[9400, 9400, 9400].map((threshold) => encodeArray(u(threshold))),
        Uint8Array.of(3, 1),
      ],
      [
        '0-0:96.1.0=92000001',
        '1-0:13.7.0=0.746',
        '1-0:32.7.0=233.6V',
        '1-0:71.7.0=1.09A',
        '0-0:17.0.0=17250',
        '1-0:71.4.0=94A',
        '0-0:96.3.10=1',
      ],
    ],
    [
      'Iskraemeco in Slovenia, totals',
      [text('84000001'), Uint8Array.of(17, 0), d(7_924_641), d(250)],
      ['1-0:1.8.0=7924641Wh', '1-0:2.8.0=250Wh'],
    ],
  ])('%s', (_name, members, expected) => {
    const { telegram, summary } = decodeBody(encodeStructure(...members));
    expect(summary).toEqual(expect.arrayContaining(expected));
    expect(telegram.warnings).toEqual([]);
  });

  test('lists of one meter name it alike, or not at all', () => {
    const seconds = [...device, ...[1, 2, 3, 4, 5, 6].map(u), ...powers];
    const totals = [text('84000001'), Uint8Array.of(17, 0), d(7_924_641), d(250)];
    const ids = [seconds, totals].map(
      (members) => decodeBody(encodeStructure(...members)).telegram.meter,
    );
    expect(ids).toEqual([
      { id: 'ISK1030000000000', manufacturer: 'Iskraemeco' },
      { manufacturer: 'Iskraemeco' },
    ]);
  });

  test('an unknown order is said, not guessed', () => {
    const { telegram, summary } = decodeBody(encodeStructure(d(1), u(2), d(3)));
    expect(summary).toEqual(['value 1=1', 'value 2=2', 'value 3=3']);
    expect(telegram.warnings).toEqual([expect.stringContaining('order is not known')]);
  });
});
