import { describe, expect, test } from '@jest/globals';
import type { Telegram } from '@wattbus/energy-model';
import { isFault } from '@wattbus/energy-model';
import { dlms } from './dlms.protocol.js';
import {
  encodeAidonPush,
  encodeAustrianPush,
  encodeKaifaPush,
  encodeKamstrupPush,
} from './encode.js';
import {
  encodeArray,
  encodeDataNotification,
  encodeDateTime,
  encodeEnumeration,
  encodeInteger,
  encodeNull,
  encodeObis,
  encodeOctets,
  encodeScalerUnit,
  encodeStructure,
  encodeText,
} from './encode-data.js';

function decode(apdu: Uint8Array): Telegram {
  const [result, ...more] = dlms.decoder({ standardOffsetMinutes: 60 }).push(apdu);
  expect(more).toEqual([]);
  if (!result || isFault(result)) throw new Error(JSON.stringify(result));
  return result;
}

const decodeBody = (body: Uint8Array) =>
  decode(encodeDataNotification({ invokeId: 1, at: '2024-05-06T07:08:09+02:00', body }));

const summary = ({ registers }: Telegram) =>
  registers.map(({ obis, label, value, unit }) => `${obis ?? label}=${value}${unit ?? ''}`);

const d = (value: number) => encodeInteger(value, 'doubleLongUnsigned');
const u = (value: number) => encodeInteger(value, 'longUnsigned');
const text = (value: string) => encodeText(value, 9);

describe('Kaifa', () => {
  const at = '2024-05-06T07:08:09';
  const detail = {
    id: '6970631400000000',
    model: 'MA304H3E',
    exportW: 0,
    reactiveImportVar: 3,
    reactiveExportVar: 64,
    currentsA: [1.416, 3.241, 3.119],
    voltagesV: [238.5, 0, 238.9],
  };

  test('list 1 is one power', () => {
    const telegram = decode(encodeKaifaPush({ at, powerW: 948 }));
    expect(telegram).toMatchObject({ at: `${at}+01:00`, meter: { manufacturer: 'Kaifa' } });
    expect(summary(telegram)).toEqual(['1-0:1.7.0=948W']);
  });

  test('lists 2 and 3 are known by their lengths', () => {
    const energies = [79591144, 8, 889389, 3210932] as const;
    const list2 = decode(encodeKaifaPush({ at, powerW: 948, detail }));
    const list3 = decode(encodeKaifaPush({ at, powerW: 948, detail: { ...detail, energies } }));
    expect(list2.meter).toEqual({ id: detail.id, model: 'MA304H3E', manufacturer: 'Kaifa' });
    expect(summary(list2).slice(3)).toEqual([
      '1-0:1.7.0=948W',
      '1-0:2.7.0=0W',
      '1-0:3.7.0=3var',
      '1-0:4.7.0=64var',
      '1-0:31.7.0=1.416A',
      '1-0:51.7.0=3.241A',
      '1-0:71.7.0=3.119A',
      '1-0:32.7.0=238.5V',
      '1-0:52.7.0=0V',
      '1-0:72.7.0=238.9V',
    ]);
    expect(summary(list3).slice(13)).toEqual([
      `0-0:1.0.0=${at}+01:00`,
      '1-0:1.8.0=79591144Wh',
      '1-0:2.8.0=8Wh',
      '1-0:3.8.0=889389varh',
      '1-0:4.8.0=3210932varh',
    ]);
  });

  test('meters with one phase have shorter lists', () => {
    const single = { ...detail, currentsA: [1.5], voltagesV: [230.1], energies: [1, 2, 3, 4] };
    const telegram = decode(encodeKaifaPush({ at, powerW: 9, detail: single as typeof detail }));
    expect(summary(telegram).slice(7, 11)).toEqual([
      '1-0:31.7.0=1.5A',
      '1-0:32.7.0=230.1V',
      `0-0:1.0.0=${at}+01:00`,
      '1-0:1.8.0=1Wh',
    ]);
  });

  test('with codes but no scalers, its own units hold', () => {
    const body = encodeStructure(
      ...[encodeObis('1-0:0.2.129'), text('KFM_001')],
      ...[encodeObis('1-0:31.7.0'), d(6781), encodeObis('1-0:32.7.0'), d(2322)],
    );
    expect(summary(decodeBody(body)).slice(1)).toEqual(['1-0:31.7.0=6.781A', '1-0:32.7.0=232.2V']);
  });
});

test('Aidon states scaler and unit with each value', () => {
  const telegram = decode(
    encodeAidonPush(
      [
        { obis: '1-1:0.2.129', value: 'AIDON_V0001' },
        { obis: '0-0:96.1.0', value: '7359990000000000' },
        { obis: '0-0:96.1.7', value: '6525' },
        { obis: '1-0:1.7.0', value: 280, unit: 'W' },
        { obis: '1-0:31.7.0', value: -1.3, unit: 'A', scaler: -1 },
        { obis: '1-0:32.7.0', value: 227.4, unit: 'V', scaler: -1 },
        { obis: '1-0:1.8.0', value: 22721380, unit: 'Wh', scaler: 1 },
      ],
      '2020-01-21T16:00:00+00:00',
    ),
  );
  expect(telegram.meter).toEqual({ id: '7359990000000000', manufacturer: 'Aidon', model: '6525' });
  // Its clock shows standard time whatever the deviation says.
  expect(telegram.at).toBe('2020-01-21T16:00:00+01:00');
  expect(summary(telegram).slice(3, 7)).toEqual([
    '1-0:1.7.0=280W',
    '1-0:31.7.0=-1.3A',
    '1-0:32.7.0=227.4V',
    '1-0:1.8.0=22721380Wh',
  ]);
});

describe('Kamstrup', () => {
  const push = (model: string, values: Parameters<typeof encodeKamstrupPush>[1]) =>
    decode(
      encodeKamstrupPush('2024-05-06T07:00:05', [
        { obis: '1-1:0.0.5', value: '5706567000000000' },
        ...(model === '' ? [] : [{ obis: '1-1:96.1.1', value: model }]),
        ...values,
      ]),
    );
  const raws = [
    { obis: '1-1:1.7.0', value: 1896, unit: 'W' },
    { obis: '1-1:31.7.0', value: 896 },
    { obis: '1-1:32.7.0', value: 225, unit: 'V' },
    { obis: '1-1:33.7.0', value: 83 },
    { obis: '1-1:1.8.0', value: 7745250 },
  ];

  test.each([
    ['6861111BN242101040', 'Norway', 77452500],
    ['', 'Denmark, whose lists have no type number', 77452500],
    ['6841138AN243101090', 'Sweden', 7745250],
    ['6841131BN240101063', 'Switzerland', 7745250],
  ])('type %s is of %s, where energy is %d Wh', (model, _country, energyWh) => {
    const telegram = push(model, raws);
    expect(telegram.meter).toMatchObject({ id: '5706567000000000', manufacturer: 'Kamstrup' });
    expect(summary(telegram).slice(-5)).toEqual([
      '1-1:1.7.0=1896W',
      '1-1:31.7.0=8.96A',
      '1-1:32.7.0=225V',
      '1-1:33.7.0=0.83',
      `1-1:1.8.0=${energyWh}Wh`,
    ]);
  });

  test('behind transformers the currents that only fit the power in milliampere are such', () => {
    const telegram = push('', [
      { obis: '1-1:1.7.0', value: 60_000, unit: 'W' },
      ...['31', '51', '71'].map((c) => ({ obis: `1-1:${c}.7.0`, value: 90_000 })),
      ...['32', '52', '72'].map((c) => ({ obis: `1-1:${c}.7.0`, value: 233, unit: 'V' })),
    ]);
    expect(summary(telegram)).toContain('1-1:31.7.0=90A');
  });

  test('phases that the meter has not are null-data and leave nothing', () => {
    const body = encodeStructure(
      encodeText('Kamstrup_V0001'),
      ...[encodeObis('1-1:31.7.0'), d(896), ...Array.from({ length: 4 }, encodeNull)],
      ...[encodeObis('1-1:32.7.0'), u(225)],
    );
    expect(summary(decodeBody(body)).slice(1)).toEqual(['1-1:31.7.0=8.96A', '1-1:32.7.0=225V']);
  });
});

test('Netz Niederösterreich: codes, values and scalers in a row, the number at the end', () => {
  const telegram = decode(
    encodeAustrianPush(
      '2021-09-27T09:47:15+02:00',
      [
        { obis: '1-0:1.8.0', value: 12937, unit: 'Wh' },
        { obis: '1-0:32.7.0', value: 233.7, unit: 'V', scaler: -1 },
        { obis: '1-0:13.7.0', value: 0.991, unit: '', scaler: -3 },
      ],
      '181220000009',
    ),
  );
  expect(telegram.at).toBe('2021-09-27T09:47:15+02:00');
  expect(telegram.meter.id).toBe('181220000009');
  expect(summary(telegram)).toEqual([
    '0-0:1.0.0=2021-09-27T09:47:15+02:00',
    '1-0:1.8.0=12937Wh',
    '1-0:32.7.0=233.7V',
    '1-0:13.7.0=0.991',
    '0-0:96.1.0=181220000009',
  ]);
});

describe('lists that describe themselves', () => {
  const object = (objectClass: number, obis: string, attribute: number) =>
    encodeStructure(u(objectClass), encodeObis(obis), encodeInteger(attribute, 'integer'), u(0));
  const objects = encodeArray(
    object(40, '0-8:25.9.0', 2),
    object(40, '0-8:25.9.0', 1),
    object(1, '0-0:96.1.0', 2),
    object(8, '0-0:1.0.0', 2),
    object(3, '1-0:1.7.0', 2),
    object(3, '1-1:1.8.0', 2),
    object(3, '1-1:1.8.0', 3),
    object(3, '1-0:31.7.0', 2),
    object(3, '1-0:32.7.0', 2),
  );
  const values = [
    encodeObis('0-8:25.9.0'),
    text('30052002'),
    encodeOctets(encodeDateTime('2024-05-06T07:08:05+02:00')),
    d(5432),
    d(40091),
    encodeScalerUnit(3, 'Wh'),
    u(82),
    u(239),
  ];
  const expected = [
    '0-0:96.1.0=30052002',
    '0-0:1.0.0=2024-05-06T07:08:05+02:00',
    '1-0:1.7.0=5432W',
    '1-1:1.8.0=40091000Wh',
    '1-0:31.7.0=0.82A',
    '1-0:32.7.0=239V',
  ];

  test('Landis+Gyr names the objects first, the list of them among them', () => {
    expect(summary(decodeBody(encodeStructure(objects, ...values)))).toEqual(expected);
  });

  test('Sagemcom puts a bare attribute descriptor before each value', () => {
    const descriptor = (objectClass: number, obis: string, attribute: number) =>
      Uint8Array.of(0, objectClass, ...encodeObis(obis).subarray(2), attribute);
    const pair = (name: Uint8Array, value: Uint8Array) => Uint8Array.of(2, 2, ...name, ...value);
    const body = encodeStructure(
      encodeEnumeration(1),
      encodeArray(
        pair(descriptor(1, '0-0:96.1.1', 2), text('5100005149')),
        pair(descriptor(70, '0-0:96.3.10', 3), encodeEnumeration(1)),
        pair(descriptor(3, '1-0:1.7.0', 2), d(1956)),
      ),
    );
    const telegram = decodeBody(body);
    expect(telegram.meter.id).toBe('5100005149');
    expect(summary(telegram)).toEqual([
      '0-0:96.1.1=5100005149',
      '0-0:96.3.10=1',
      '1-0:1.7.0=1956W',
    ]);
  });
});

test('a value of an earlier billing period does not pass for the present one', () => {
  const old = encodeOctets(Uint8Array.of(1, 0, 1, 8, 0, 101));
  const body = encodeStructure(encodeObis('1-0:1.8.0'), d(20), old, d(10));
  expect(summary(decodeBody(body))).toEqual(['1-0:1.8.0=20Wh', '1-0:1.8.0*101=10Wh']);
});
