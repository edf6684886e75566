import { describe, expect, test } from '@jest/globals';
import { Buffer } from 'node:buffer';
import { isFault, type Fault, type Measured, type Telegram } from '@wattbus/energy-model';
import { p1Telegram, uncheckedTelegram } from '../../test/p1-telegram.js';
import { secure } from '../framing/aes-gcm.js';
import { measurementsOf, powerFailuresOf } from '../measurements.js';
import type { DecoderOptions } from '../meter-protocol.js';
import { DsmrDecoder } from './dsmr-decoder.js';
import { p1Clock, p1Instant } from './p1-time.js';

/** What single meters and the programs between them and us do, each seen in a capture. */

const decode = (bytes: Uint8Array, options: Partial<DecoderOptions> = {}) =>
  new DsmrDecoder({ standardOffsetMinutes: 60, ...options }).push(bytes);

function only(results: readonly (Telegram | Fault)[]): Telegram {
  const [telegram, ...others] = results;
  expect(others).toEqual([]);
  if (!telegram || isFault(telegram)) throw new Error(JSON.stringify(telegram));
  return telegram;
}

const read = (...lines: readonly string[]): Telegram =>
  only(decode(p1Telegram(['1-3:0.2.8(50)', ...lines])));
const measuredOf = (...lines: readonly string[]): Measured =>
  measurementsOf(read(...lines))[0]!.measured;

describe('the identification', () => {
  const lines = ['1-3:0.2.8(50)', '1-0:1.8.1(000001.234*kWh)'];

  test('whose \\2 became the byte 02 on the way is read, and its checksum is wrong', () => {
    const changed = Buffer.from(
      p1Telegram(lines, 'ISk5\\2MT382-1000').toString('latin1').replace('\\2', '\x02'),
      'latin1',
    );
    expect(decode(changed)).toMatchObject([{ fault: 'checksum' }]);
    expect(only(decode(changed, { lenient: true })).meter).toEqual({
      manufacturer: 'ISK',
      model: 'MT382-1000',
    });
  });

  test('whose \\253 became one byte on the way costs no value, and no later telegram', () => {
    const whole = p1Telegram(lines, 'FLU5\\253769484_A');
    const changed = Buffer.from(whole.toString('latin1').replace('\\253', '\xab'), 'latin1');
    expect(decode(changed)).toMatchObject([{ fault: 'checksum', offset: 0 }]);
    const [first, second] = decode(Buffer.concat([changed, whole]), { lenient: true });
    expect(first).toMatchObject({ checked: false, registers: [{}, { value: 1.234 }] });
    expect(second).toMatchObject({ checked: true, meter: { model: '53769484_A' } });
  });

  test.each(['ADN9 6534', 'Ene5\\T210-D ESMR5.0'])('may hold blanks: %s', (ident) => {
    expect(only(decode(p1Telegram(lines, ident))).checked).toBe(true);
  });
});

test('an export without even the "!" is read at its end, and what is missing is said', () => {
  const text = uncheckedTelegram(['1-0:1.8.1(000001.234*kWh)']).toString().replace('!\r\n', '');
  const decoder = new DsmrDecoder({ standardOffsetMinutes: 60 });
  expect(decoder.push(Buffer.from(text))).toEqual([]);
  expect(only(decoder.end())).toMatchObject({
    checked: false,
    registers: [{ obis: '1-0:1.8.1', value: 1.234, unit: 'kWh' }],
    warnings: ['the end of the telegram is missing'],
  });
});

test('a "!" alone ends a telegram that names no version (Iskra AM550 in Slovenia)', () => {
  const telegram = only(decode(uncheckedTelegram(['1-0:1.8.0(00001.234*kWh)'], 'ISk5\\2MA309M')));
  expect(telegram).toMatchObject({ checked: false, warnings: [] });
});

test('without a season the hour that October has twice counts as winter, not as summer', () => {
  expect(p1Instant('251026023000', p1Clock(60))).toBe('2025-10-26T02:30:00+01:00');
});

describe('the failure log', () => {
  const entry = '(180417201458S)(0000000236*s)';

  test.each(['0', '1', '5'])('that counts %s entries has those that it has', (count) => {
    const telegram = read(`1-0:99.97.0(${count})(0-0:96.7.19)${entry}`);
    expect(powerFailuresOf(telegram)).toEqual([
      { endedAt: '2018-04-17T20:14:58+02:00', durationS: 236 },
    ]);
  });

  test('with the placeholder of Kaifa is empty', () => {
    const telegram = read('1-0:99.97.0(1)(0-0:96.7.19)(000101000001W)(2147483647*s)');
    expect(powerFailuresOf(telegram)).toEqual([]);
  });
});

describe('channels', () => {
  const device = (channel: number, type: string, value: string) => [
    `0-${channel}:24.1.0(${type})`,
    `0-${channel}:96.1.0(4730303${channel})`,
    `0-${channel}:24.2.1(260115115500W)(${value}*m3)`,
  ];
  const channelsOf = (...lines: readonly string[]) =>
    measurementsOf(read(...lines)).map(({ subject, medium, meterId, measured }) => [
      subject,
      medium,
      meterId,
      measured.volumeL,
    ]);

  test.each([
    [
      [1, 2],
      ['channel-1', 'channel-2'],
    ],
    [
      [2, 1],
      ['channel-2', 'channel-1'],
    ],
    [
      [4, 1],
      ['channel-4', 'channel-1'],
    ],
  ])('gas and water are told by their types, whatever their channels: %j', (numbers, subjects) => {
    const [gas, water] = numbers as [number, number];
    const found = channelsOf(
      ...device(gas, '003', '00123.456'),
      ...device(water, '007', '00872.234'),
    );
    expect(found).toHaveLength(2);
    expect(found).toEqual(
      expect.arrayContaining([
        [subjects[0], 'gas', `G00${gas}`, 123_456],
        [subjects[1], 'water', `G00${water}`, 872_234],
      ]),
    );
  });

  test('a gas meter that was replaced and stays with 0 m3 is another one than the new one', () => {
    expect(channelsOf(...device(1, '003', '00000.000'), ...device(2, '003', '00123.456'))).toEqual([
      ['channel-1', 'gas', 'G001', 0],
      ['channel-2', 'gas', 'G002', 123_456],
    ]);
  });
});

describe('units', () => {
  test.each<[string, Measured]>([
    ['1-0:3.7.0(00.166*kVAr)', { reactivePowerVar: 166 }],
    ['1-0:3.7.0(00.166*kvar)', { reactivePowerVar: 166 }],
    ['1-0:3.8.0(00.166*kVArh)', { energyReactiveImportVarh: 166 }],
    ['1-0:3.8.0(00.166*kvarh)', { energyReactiveImportVarh: 166 }],
    ['1-0:1.7.0(00166*W)', { powerW: 166 }],
    ['1-0:3.7.0(00166*var)', { reactivePowerVar: 166 }],
    ['0-0:17.0.0(999.9*kW)', {}],
  ])('%s', (line, measured) => {
    expect(measurementsOf(read(line, '1-0:14.7.0(50.0*Hz)'))[0]!.measured).toEqual({
      frequencyHz: 50,
      ...measured,
    });
  });

  test('0 A beside 45 W is what a meter of whole amperes says, in either direction', () => {
    const imported = measuredOf('1-0:31.7.0(000*A)', '1-0:21.7.0(00.045*kW)');
    expect(imported).toEqual({ currentL1A: 0, powerL1W: 45 });
    const exported = measuredOf('1-0:31.7.0(000*A)', '1-0:22.7.0(00.045*kW)');
    expect(exported).toEqual({ currentL1A: 0, powerL1W: -45 });
    expect(Object.is(exported.currentL1A, 0)).toBe(true);
  });

  test('four quadrants and their sums stand beside each other (E.ON in Hungary)', () => {
    const quadrants = [5, 6, 7, 8].map((c) => `1-0:${c}.8.0(00000${c}.000*kvarh)`);
    const sums = ['1-0:1.8.0(000100.000*kWh)', '1-0:3.8.0(000011.000*kvarh)'];
    expect(measuredOf(...sums, ...quadrants, '1-0:4.8.0(000015.000*kvarh)')).toEqual({
      energyImportWh: 100_000,
      energyReactiveImportVarh: 11_000,
      energyReactiveExportVarh: 15_000,
    });
  });
});

describe('a frame without a tag', () => {
  const key = Buffer.alloc(16, 0x11);
  const telegram = p1Telegram(['1-3:0.2.8(50)', '1-0:1.8.0(000001234*Wh)']);
  const systemTitle = Buffer.from('WBS\x01\x02\x03\x04\x05', 'latin1');

  test.each([0x20, 0x21])('(security control %d) shows a wrong key by its text', (control) => {
    const service = secure(telegram, {
      systemTitle,
      invocationCounter: 1,
      key,
      securityControl: control,
    });
    const length = [0x82, service.length >> 8, service.length & 0xff];
    const frame = Buffer.concat([Buffer.of(0xdb, 8), systemTitle, Buffer.of(...length), service]);
    expect(only(decode(frame, { key }))).toMatchObject({ checked: true });
    expect(decode(frame, { key: Buffer.alloc(16, 0x12) })).toMatchObject([
      { fault: 'decryption', detail: expect.stringContaining('the key is wrong') },
    ]);
  });
});
