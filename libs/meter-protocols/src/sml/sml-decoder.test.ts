import { describe, expect, test } from '@jest/globals';
import { isFault, type Fault, type Telegram } from '@wattbus/energy-model';
import fc from 'fast-check';
import {
  encodeFrame,
  encodeMessage,
  encodeSml,
  type SmlEntry,
  type SmlTelegram,
} from './encode.js';
import { smlEntriesOf } from './measured-entries.js';
import { measurementsOf } from '../measurements.js';
import { frameBytesMax, SmlDecoder } from './sml-decoder.js';
import { sml } from './sml.protocol.js';

const options = { standardOffsetMinutes: 60 };
const power: SmlEntry = { obis: '1-0:16.7.0', value: 563.5, unit: 'W', scaler: -1 };
const energy: SmlEntry = {
  obis: '1-0:1.8.0',
  value: 15338555.7,
  unit: 'Wh',
  scaler: -1,
  status: 0x182,
  valueBytes: 5,
};
const basic: SmlTelegram = { serverId: '1EMH0004321349', entries: [energy, power] };
const entry = (value: number, more: Partial<SmlEntry>): SmlEntry => ({ ...power, value, ...more });

const decode = (bytes: Uint8Array, lenient = false) =>
  new SmlDecoder({ ...options, lenient }).push(bytes);
const faultsOf = (results: readonly (Telegram | Fault)[]) =>
  results.filter(isFault).map(({ fault }) => fault);
const telegramsOf = (results: readonly (Telegram | Fault)[]) =>
  results.filter((result): result is Telegram => !isFault(result));

function only(telegram: SmlTelegram): Telegram {
  const results = decode(encodeSml(telegram));
  expect(results).toHaveLength(1);
  return results[0] as Telegram;
}

const valueOf = (telegram: Telegram, obis: string) =>
  telegram.registers.find((register) => register.obis === obis)?.value;

test('a telegram carries meter, registers with unit and the fact that it was checked', () => {
  expect(only(basic)).toEqual({
    protocol: 'sml',
    meter: { id: '1EMH0004321349', manufacturer: 'EMH' },
    at: null,
    registers: [
      { obis: '1-0:1.8.0', value: 15338555.7, unit: 'Wh' },
      { obis: '1-0:16.7.0', value: 563.5, unit: 'W' },
    ],
    checked: true,
    warnings: [],
  });
});

describe('values', () => {
  const raws = [0, 1, -1, 127, -128, 32767, -32768, 8388607, -8388608, 2 ** 39, -(2 ** 39)];

  test.each(raws)('%p is the same in every width that holds it', (value) => {
    for (let valueBytes = 1; valueBytes <= 8; valueBytes += 1) {
      if (value >= 2 ** (8 * valueBytes - 1) || value < -(2 ** (8 * valueBytes - 1))) continue;
      const telegram = only({ ...basic, entries: [entry(value, { scaler: 0, valueBytes })] });
      expect(telegram.registers[0]!.value).toBe(value);
    }
  });

  test('an unsigned number uses its highest bit', () => {
    const unsigned = entry(0x89_0000, { scaler: 0, unsigned: true, valueBytes: 3 });
    expect(valueOf(only({ ...basic, entries: [unsigned] }), '1-0:16.7.0')).toBe(0x890000);
  });

  test('scaling gives the nearest number to what the meter states', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -(2 ** 45), max: 2 ** 45 }),
        fc.integer({ min: -9, max: 4 }),
        (raw, scaler) => {
          const value = Number(`${raw}e${scaler}`);
          const telegram = only({ ...basic, entries: [entry(value, { scaler, valueBytes: 8 })] });
          expect(telegram.registers[0]!.value).toBe(Number(`${raw}e${scaler}`));
        },
      ),
    );
  });

  test('octet strings are text where they are printable and hexadecimal where not', () => {
    const entries = [
      { obis: '1-0:96.50.1*1', value: 'EMH' },
      { obis: '1-0:96.1.0', value: Uint8Array.of(0x0a, 0x01, 0x45, 0x4d, 0x48) },
      { obis: '129-129:199.130.5', value: new Uint8Array(48).fill(0xb6) },
    ];
    expect(only({ ...basic, entries }).registers.map(({ obis, value }) => [obis, value])).toEqual([
      ['1-0:96.50.1*1', 'EMH'],
      ['1-0:96.1.0', '0a01454d48'],
      ['129-129:199.130.5', 'b6'.repeat(48)],
    ]);
  });

  test('a list of more than fifteen entries keeps them all', () => {
    const entries = Array.from({ length: 40 }, (_, index) =>
      entry(index, { obis: `1-0:1.8.${index}`, scaler: 0 }),
    );
    expect(only({ ...basic, entries }).registers).toHaveLength(40);
  });

  test('history values keep their group F, so that they are not taken for the present one', () => {
    const entries = [entry(4100, { obis: '1-0:1.8.0*96', unit: 'Wh', scaler: 2 })];
    expect(only({ ...basic, entries }).registers[0]!.obis).toBe('1-0:1.8.0*96');
  });
});

describe('time', () => {
  const summer = { timestamp: 1_729_847_074, offsetMinutes: 60, seasonMinutes: 60 };

  test.each([
    [{ secondsIndex: 1234 }, null],
    [{ bareSecondsIndex: 47_888_957 }, null],
    [{ timestamp: 1_729_847_074 }, '2024-10-25T09:04:34Z'],
    [{ timestamp: 1234 }, null],
    [summer, '2024-10-25T11:04:34+02:00'],
  ])('%p is read as %p', (time, at) => {
    const telegram = only({ ...basic, time, entries: [{ ...energy, time }, power] });
    expect(telegram.at).toBe(at);
    expect(telegram.registers[0]!.at).toBe(at ?? undefined);
    expect(telegram.registers[0]!.value).toBe(15338555.7);
  });
});

describe('the sign of the power', () => {
  const wrapped = entry(-299.12, { scaler: -2, valueBytes: 2 });
  const dzg = (serial: number, entries: readonly SmlEntry[]) =>
    valueOf(only({ serverId: `1DZG00${serial}`, entries }), '1-0:16.7.0');
  const exported = { ...energy, obis: '1-0:2.8.0' };

  test.each([
    [
      'a DVS74 fills two bytes with a positive power',
      42_082_910,
      [energy, exported, wrapped],
      356.24,
    ],
    ['a DVS74 of the second range does so, too', 55_000_000, [energy, exported, wrapped], 356.24],
    ['a one-way WS74 cannot mean a negative power', 50_071_463, [energy, wrapped], 356.24],
    [
      'a two-way meter of those serial numbers can',
      50_071_463,
      [energy, exported, wrapped],
      -299.12,
    ],
    ['a DVBS12 sends negatives in two bytes', 40_221_297, [energy, exported, wrapped], -299.12],
    ['a DVS74 with new firmware does so, too', 60_000_000, [energy, exported, wrapped], -299.12],
  ])('DZG: %s', (_name, serial, entries, expected) => {
    expect(dzg(serial, entries)).toBe(expected);
  });

  test('DZG: a DVS74 sends real negatives in four bytes', () => {
    expect(dzg(42_082_910, [energy, exported, entry(-299.12, { scaler: -2, valueBytes: 4 })])).toBe(
      -299.12,
    );
  });

  test('other makers are never corrected', () => {
    const telegram = only({ serverId: '1ISK0042082910', entries: [energy, wrapped] });
    expect(valueOf(telegram, '1-0:16.7.0')).toBe(-299.12);
  });

  test.each([
    ['1EMH0000000001', '1-0:16.7.0', 0x182, 126.6],
    ['1EMH0000000001', '1-0:16.7.0', 0x1a2, -126.6],
    ['1HAG0000000001', '1-0:15.7.0', 0x1a2, -126.6],
    ['1EBZ0000000001', '1-0:16.7.0', 0x1a2, 126.6],
  ])('%s %s with status %p is %p W', (serverId, obis, status, expected) => {
    const entries = [{ ...energy, status }, entry(126.6, { obis, unsigned: true })];
    expect(valueOf(only({ serverId, entries }), obis)).toBe(expected);
  });

  test('a power that is negative already stays so', () => {
    const entries = [{ ...energy, status: 0x1a2 }, entry(-177.2, {})];
    expect(valueOf(only({ ...basic, entries }), '1-0:16.7.0')).toBe(-177.2);
  });

  test('the maker is known from the list where the server id does not tell', () => {
    const maker = { obis: '129-129:199.130.3', value: 'EMH' };
    const entries = [maker, { ...energy, status: 0x1a2 }, entry(11.2, {})];
    const telegram = only({ serverId: Uint8Array.of(0x30, 0x32), entries });
    expect(telegram.meter).toEqual({ id: '02', manufacturer: 'EMH' });
    expect(valueOf(telegram, '1-0:16.7.0')).toBe(-11.2);
  });
});

test('a locked meter gives whole kWh and a warning about its PIN', () => {
  const coarse = { ...energy, value: 13_391_000, scaler: 3, valueBytes: 2, unsigned: true };
  const locked = only({ serverId: '1DZG0042123440', entries: [coarse] });
  expect(valueOf(locked, '1-0:1.8.0')).toBe(13_391_000);
  expect(locked.warnings).toEqual([expect.stringContaining('PIN')]);
  expect(only({ serverId: '1DZG0042123440', entries: [energy] }).warnings).toEqual([]);
});

describe('transport', () => {
  test('CRC-16/KERMIT is taken where the messages use it, too', () => {
    const telegram = only({ ...basic, crc: 'kermit' });
    expect(telegram.checked).toBe(true);
  });

  test('CRC-16/KERMIT on the frame alone is a checksum fault', () => {
    const whole = encodeSml(basic);
    const payload = whole.slice(8, whole.length - 8);
    expect(faultsOf(decode(encodeFrame(payload, 'kermit')))).toEqual(['checksum']);
  });

  test.each([4, 5, 6, 7, 8, 9, 13])('%p bytes that equal the escape byte survive', (count) => {
    const value = new Uint8Array(count).fill(0x1b);
    const entries = [{ obis: '1-0:96.1.0', value }, power];
    expect(valueOf(only({ ...basic, entries }), '1-0:96.1.0')).toBe('1b'.repeat(count));
  });

  test('a frame without a list is a fault that names its messages', () => {
    const close = Uint8Array.from(encodeMessage(7, 0x0201, [0x71, 0x01]));
    expect(decode(encodeFrame(close))).toEqual([
      expect.objectContaining({ fault: 'unsupported', detail: expect.stringContaining('0x0201') }),
    ]);
  });

  test('a frame that never ends is an oversize fault and the next frame is found', () => {
    const endless = new Uint8Array(frameBytesMax + 1).fill(0x62);
    endless.set(encodeSml(basic).subarray(0, 8));
    const results = decode(Uint8Array.from([...endless, ...encodeSml(basic)]));
    expect(faultsOf(results)).toContain('oversize');
    expect(telegramsOf(results)).toHaveLength(1);
  });

  test('a stream that ends within a frame is a truncated fault', () => {
    const decoder = new SmlDecoder(options);
    expect(decoder.push(encodeSml(basic).subarray(0, 100))).toEqual([]);
    expect(faultsOf(decoder.end())).toEqual(['truncated']);
  });

  test('a list whose start sequence was lost is taken by its own checksum', () => {
    const results = decode(encodeSml(basic).subarray(6));
    expect(telegramsOf(results)).toEqual(telegramsOf(decode(encodeSml(basic))));
  });

  test('lenient takes a frame with a wrong CRC, unchecked and with a warning', () => {
    const frame = encodeSml(basic);
    frame[frame.length - 1]! ^= 1;
    expect(faultsOf(decode(frame))).toEqual(['checksum']);
    const [taken] = telegramsOf(decode(frame, true));
    expect(taken).toMatchObject({ checked: false, warnings: ['the CRC of the frame is wrong'] });
  });
});

test('what a simulated meter measures is what is read from it', () => {
  const measured = {
    energyImportWh: 4_321_098,
    energyExportWh: 1_321_098,
    powerW: -1180.5,
    powerL1W: -1180.5,
    voltageL1V: 231.4,
    currentL1A: -5.1,
    frequencyHz: 50,
  };
  const telegram = only({ serverId: '1ISK0070014021', entries: smlEntriesOf(measured) });
  expect(measurementsOf(telegram)).toEqual([expect.objectContaining({ measured })]);
});

test('the protocol is offered under its name with the usual line settings', () => {
  expect(sml.name).toBe('sml');
  expect(sml.serialSettings[0]).toMatchObject({ baudRate: 9600, dataBits: 8, parity: 'none' });
  expect(telegramsOf(sml.decoder(options).push(encodeSml(basic)))).toHaveLength(1);
});
