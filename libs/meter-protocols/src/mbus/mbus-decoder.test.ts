import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Buffer } from 'node:buffer';
import { isFault, type Fault, type Telegram } from '@wattbus/energy-model';
import { conformanceSamples } from '../../test/conformance-samples.js';
import { encodeLongFrame } from '../framing/wired-mbus-frame.js';
import { measurementsOf } from '../measurements.js';
import { encodeMbus, mbusRecordsOf, type MbusRecord, type MbusTelegram } from './encode.js';
import { encodeRequest } from './link.js';
import { MbusDecoder } from './mbus-decoder.js';

const decode = (bytes: Uint8Array): readonly (Telegram | Fault)[] => new MbusDecoder().push(bytes);
function telegramOf(bytes: Uint8Array): Telegram {
  const [result] = decode(bytes);
  if (!result || isFault(result)) throw new Error(`no telegram: ${JSON.stringify(result)}`);
  return result;
}

const water: MbusTelegram = {
  address: 5,
  id: '12345678',
  manufacturer: 'WBS',
  version: 3,
  medium: 7,
  records: mbusRecordsOf(7, { volumeL: 12_565, volumeFlowLPerH: 113 }),
};

/** The registers of records given in hexadecimal, behind the header of the water meter. */
function registersOf(hex: string, medium = 7): Telegram['registers'] {
  const header = encodeMbus({ ...water, medium, records: [] }).subarray(7, 19);
  const records = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  return telegramOf(answer(0x72, Buffer.concat([header, records]))).registers;
}

const answer = (controlInformation: number, data: Uint8Array): Uint8Array =>
  encodeLongFrame({ control: 0x08, address: 5, controlInformation }, data);

describe('a telegram', () => {
  test('states the meter and its records', () => {
    expect(telegramOf(encodeMbus(water))).toEqual({
      protocol: 'mbus',
      meter: { id: '12345678', manufacturer: 'WBS', model: 'Water, version 3' },
      at: null,
      registers: [
        { obis: '8-0:1.0.0', label: 'Volume', unit: 'm3', value: 12.565 },
        { obis: '8-0:2.0.0', label: 'Volume flow', unit: 'm3/h', value: 0.113 },
      ],
      checked: true,
      warnings: [],
    });
  });

  test.each([
    [2, 'electricity', { energyImportWh: 5_000_123, energyExportWh: 7, powerW: -250 }],
    [3, 'gas', { volumeL: 12_565, volumeFlowLPerH: 113 }],
    [4, 'heat', { heatJ: 5_020_000_000, volumeL: 12_560, flowTemperatureC: 60.5 }],
    [6, 'hot-water', { volumeL: 12_565 }],
    [7, 'water', { volumeL: 12_565 }],
  ] as const)('of medium %d is measured as %s', (medium, name, measured) => {
    const frame = encodeMbus({ ...water, medium, records: mbusRecordsOf(medium, measured) });
    expect(measurementsOf(telegramOf(frame))).toMatchObject([{ medium: name, measured }]);
  });

  test('warns of what the meter reports in its status', () => {
    expect(telegramOf(encodeMbus({ ...water, status: 0x1d })).warnings).toEqual([
      'the meter is busy',
      'the battery of the meter is low',
      'the meter reports a permanent error',
      'the meter reports a temporary error',
    ]);
  });

  test('with a short header has no identification', () => {
    const short = answer(0x7a, Buffer.from('00000000' + '0c1327048502', 'hex'));
    expect(telegramOf(short)).toMatchObject({ meter: {}, registers: [{ value: 2850.427 }] });
  });

  test('without a header has records alone', () => {
    const bare = answer(0x78, Buffer.from('0c1327048502', 'hex'));
    expect(telegramOf(bare)).toMatchObject({ meter: {}, registers: [{ value: 2850.427 }] });
  });

  test('in mode 2 has its high bytes first', () => {
    const data = '12345678' + '5c53' + '03070000' + '0000' + '0b3b000113';
    expect(telegramOf(answer(0x76, Buffer.from(data, 'hex')))).toMatchObject({
      meter: { id: '12345678', manufacturer: 'WBS' },
      registers: [{ label: 'Volume flow', value: 0.113 }],
    });
  });

  test('that is encrypted is refused', () => {
    const header = encodeMbus({ ...water, records: [] }).slice(7, 19);
    header[11] = 0x05;
    const frame = answer(0x72, Buffer.concat([header, Buffer.alloc(16, 0x51)]));
    expect(decode(frame)).toMatchObject([{ fault: 'decryption' }]);
  });
});

describe('records', () => {
  test.each([
    ['02 5a b4 f0', 'Flow temperature', -391.6, '°C'],
    ['0a 5a 16 f3', 'Flow temperature', -31.6, '°C'],
    ['0a 5a ff ff', 'Flow temperature', 'FFFF', '°C'],
    ['0c 07 34 12 dd dd', 'Energy', 'DDDD1234', 'Wh'],
    ['05 2b 00 00 60 40', 'Power', 3.5, 'W'],
    ['06 03 ff ff ff ff ff ff', 'Energy', -1, 'Wh'],
    ['07 03 ff ff ff ff ff ff ff ff', 'Energy', -1, 'Wh'],
    ['04 23 02 00 00 00', 'On time', 172_800, 's'],
    ['02 fb 01 05 00', 'Energy', 5_000_000, 'Wh'],
    ['02 fb 0d 02 00', 'Energy', 8_368_000, 'J'],
    ['02 fd 48 fd 08', 'Voltage', 230.1, 'V'],
    ['02 fb 2d 86 13', 'Frequency', 49.98, 'Hz'],
    ['02 ff 21 05 00', 'Manufacturer specific, code 21', 5, undefined],
    ['02 7f 05 00', 'Manufacturer specific', 5, undefined],
    ['42 6c 7f 2c', 'Time point (date), storage 1', '2019-12-31', undefined],
    ['04 6d 32 37 1f 15', 'Time point (date & time)', '2008-05-31T23:50', undefined],
    ['06 6d 1e b2 17 1f 15 00', 'Time point (date & time)', '2008-05-31T23:50', undefined],
    ['c4 86 03 13 05 00 00 00', 'Volume, storage 109', 0.005, 'm3'],
    ['94 30 3b 05 00 00 00', 'Volume flow, maximum, tariff 3', 0.005, 'm3/h'],
    ['84 40 13 05 00 00 00', 'Volume, device 1', 0.005, 'm3'],
    ['04 93 3c 05 00 00 00', 'Volume, negative', 0.005, 'm3'],
    ['04 93 7d 05 00 00 00', 'Volume', 5, 'm3'],
    ['04 93 74 05 00 00 00', 'Volume', 0.00005, 'm3'],
    ['02 7c 03 48 52 25 05 00', '%RH', 5, undefined],
    ['0d fd 0b 06 35 33 32 44 56 52', 'Parameter set identification', 'RVD235', undefined],
    ['0d 13 c2 34 12', 'Volume', 1.234, 'm3'],
    ['0d 13 d2 34 12', 'Volume', -1.234, 'm3'],
    ['0d 13 e2 34 12', 'Volume', 4.66, 'm3'],
    ['00 13', 'Volume', '', 'm3'],
    ['2f 2f 01 fd 17 00 2f', 'Error flags', 0, undefined],
  ])('%s is %s %s %s', (hex, label, value, unit) => {
    const [register, ...others] = registersOf(hex);
    expect(others).toEqual([]);
    const { label: stated, unit: statedUnit, value: given } = register!;
    expect({ stated, statedUnit }).toEqual({ stated: label, statedUnit: unit });
    if (typeof value === 'number') expect(given).toBeCloseTo(value, 9);
    else expect(given).toContain(value);
  });

  test.each([
    ['04 83 ff 02 05 00 00 00', undefined],
    ['04 83 3b 05 00 00 00', '1-0:1.8.0'],
    ['84 10 83 3c 05 00 00 00', '1-0:2.8.1'],
    ['04 ab ff 02 05 00 00 00', '1-0:56.7.0'],
    ['04 ab fc 03 05 00 00 00', '1-0:76.7.0'],
    ['04 2b 05 00 00 00', '1-0:16.7.0'],
    ['14 2b 05 00 00 00', undefined],
    ['44 03 05 00 00 00', undefined],
  ])('of an electricity meter, %s has the code %s', (hex, obis) => {
    expect(registersOf(hex, 2)[0]!.obis).toBe(obis);
  });

  test('of the manufacturer come as they are', () => {
    expect(registersOf('01 fd 17 00 0f 01 ab')).toEqual([
      { label: 'Error flags', value: 0 },
      { label: 'Manufacturer specific', value: '01 AB' },
    ]);
  });

  test.each([
    ['8b', 'ends within its DIFEs'],
    ['8b'.repeat(12), 'more than 10 DIFEs'],
    ['02', 'before its VIF'],
    ['02 93', 'ends within its VIFEs'],
    ['02' + '84'.repeat(12), 'more than 10 VIFEs'],
    ['04 13 00 00', 'ends within its data'],
    ['02 7c f0 41', 'text of a unit'],
    ['0d 13 ff 00', 'ends within its data'],
    ['3f 00', 'DIF 3F is reserved'],
  ])('%s is refused: %s', (hex, why) => {
    expect(() => registersOf(hex)).toThrow(why);
  });

  test('survive the encoder in every coding, storage and tariff', () => {
    const record = fc.record({
      coding: fc.constantFrom('integer' as const, 'bcd' as const),
      bytes: fc.constantFrom(2 as const, 3 as const, 4 as const, 6 as const),
      count: fc.integer({ min: -999, max: 9999 }),
      storage: fc.integer({ min: 0, max: 5000 }),
      tariff: fc.integer({ min: 0, max: 200 }),
    });
    fc.assert(
      fc.property(record, (one) => {
        const records: readonly MbusRecord[] = [{ ...one, value: [0x16] }];
        const [register] = telegramOf(encodeMbus({ ...water, records })).registers;
        expect(register!.value).toBe(one.count);
        if (one.storage > 0) expect(register!.label).toContain(`storage ${one.storage}`);
        if (one.tariff > 0) expect(register!.label).toContain(`tariff ${one.tariff}`);
      }),
    );
  });
});

describe('the fixed structure', () => {
  const fixed = (status: string, units: string): Telegram =>
    telegramOf(
      answer(
        0x73,
        Buffer.from(`78563412 0a ${status} ${units} 31650000 69000000`.replaceAll(' ', ''), 'hex'),
      ),
    );

  test('has two counters in BCD', () => {
    expect(fixed('00', '05 69')).toMatchObject({
      meter: { id: '12345678', model: 'Heat: Outlet' },
      registers: [
        { obis: '6-0:1.0.0', label: 'Energy', value: 6531, unit: 'kWh' },
        { obis: '6-0:2.0.0', label: 'Volume', value: 69, unit: 'l' },
      ],
    });
  });

  test('or in binary, the second one perhaps an earlier state of the first', () => {
    expect(fixed('80', 'e9 7e').registers).toEqual([
      { obis: '8-0:1.0.0', label: 'Volume', value: 0x6531, unit: 'l' },
      { label: 'Volume, storage 1', value: 0x69, unit: 'l' },
    ]);
  });

  test('is refused with another length', () => {
    expect(decode(answer(0x73, Buffer.alloc(15)))).toMatchObject([{ fault: 'malformed' }]);
  });
});

describe('the line', () => {
  test('requests, acknowledgements and their echo are passed over', () => {
    const stream = Buffer.concat([encodeRequest(5, true), Buffer.of(0xe5), encodeMbus(water)]);
    expect(decode(stream)).toEqual(decode(encodeMbus(water)));
  });

  test('error frames are faults that say what the meter says', () => {
    expect(decode(answer(0x70, Uint8Array.of(8)))).toEqual([
      {
        protocol: 'mbus',
        fault: 'unsupported',
        offset: 0,
        detail: 'meter 5 reports an error: Application busy',
      },
    ]);
  });

  test('a wrong checksum is one fault, and the next frame is read', () => {
    const frame = encodeMbus(water);
    const damaged = Uint8Array.from(frame);
    damaged[20]! ^= 1;
    const results = decode(Buffer.concat([damaged, damaged, frame]));
    expect(results.map((result) => (isFault(result) ? result.fault : 'telegram'))).toEqual([
      'checksum',
      'noise',
      'telegram',
    ]);
  });

  test('what a recording ends with is told', () => {
    const decoder = new MbusDecoder();
    const frame = encodeMbus(water);
    expect(decoder.push(Buffer.concat([Buffer.of(0x68, 1, 1, 0x68), frame]))).toEqual([]);
    expect(decoder.end()).toMatchObject([
      { fault: 'truncated', offset: 0 },
      { fault: 'noise' },
      { meter: { id: '12345678' } },
    ]);
    expect(decoder.end()).toEqual([]);
  });

  const sampled = conformanceSamples.filter(({ protocol }) => protocol === 'mbus');
  test.each(sampled.flatMap(({ frames }) => frames.map((frame) => [frame])))(
    'every pair of places between which bytes get lost leaves the telegram or none',
    (frame) => {
      const right = JSON.stringify(telegramOf(frame));
      const wrong: unknown[] = [];
      for (let from = 0; from < frame.length; from += 1) {
        for (let to = 0; to < frame.length; to += 1) {
          const broken = Buffer.concat([frame.subarray(0, from), frame.subarray(to), frame]);
          const telegrams = decode(broken).filter((result) => !isFault(result));
          wrong.push(...telegrams.filter((telegram) => JSON.stringify(telegram) !== right));
        }
      }
      expect(wrong).toEqual([]);
    },
  );
});

test.each(['05 13 00 00 C0 7F', '05 13 00 00 80 7F', '05 13 00 00 80 FF'])(
  'a float that is no number is no value: %s',
  (record) => {
    expect(registersOf(record)).toMatchObject([{ label: 'Volume', value: '' }]);
  },
);
