import { describe, expect, test } from '@jest/globals';
import { Buffer } from 'node:buffer';
import { isFault, type Fault, type Telegram } from '@wattbus/energy-model';
import {
  encodeDataNotification,
  encodeDateTime,
  encodeInteger,
  encodeObis,
  encodeStructure,
  encodeText,
} from './dlms/encode-data.js';
import { encodeCiphered } from './dlms/ciphering.js';
import { dlms } from './dlms/dlms.protocol.js';
import {
  encodeAustrianPush,
  encodeHdlcPush,
  encodeKaifaPush,
  encodeMbusPush,
} from './dlms/encode.js';
import { crc16X25 } from './framing/crc16.js';
import { encodeBlock } from './iec62056-21/encode.js';
import type { DecoderOptions, MeterProtocol } from './meter-protocol.js';
import { iec62056 } from './iec62056-21/iec62056-21.protocol.js';
import { modbus } from './modbus/modbus.protocol.js';
import { registerMapOf } from './modbus/register-maps.js';
import { encodeFrame, encodeSml, type SmlTelegram } from './sml/encode.js';
import { sml } from './sml/sml.protocol.js';
import { encodeTic } from './tic/encode.js';
import { tic } from './tic/tic.protocol.js';

/** What single meters and the programs between them and us do, each seen in a capture. */

function decode(
  protocol: MeterProtocol,
  bytes: Uint8Array,
  options: Partial<DecoderOptions> = {},
): readonly (Telegram | Fault)[] {
  const decoder = protocol.decoder({ standardOffsetMinutes: 60, ...options });
  return [...decoder.push(bytes), ...(decoder.end?.() ?? [])];
}

function only(...from: Parameters<typeof decode>): Telegram {
  const [telegram, ...others] = decode(...from);
  expect(others).toEqual([]);
  if (!telegram || isFault(telegram)) throw new Error(JSON.stringify(telegram));
  return telegram;
}

const summaryOf = ({ registers }: Telegram): readonly string[] =>
  registers.map(({ obis, label, value, unit = '' }) => `${obis ?? label}=${value}${unit}`);

const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

describe('SML', () => {
  const telegram: SmlTelegram = {
    serverId: '1EMH0004321349',
    entries: [{ obis: '1-0:1.8.0', value: 15_338, unit: 'Wh' }],
  };

  test('the CRC of the frame counts, whatever CRCs its messages state (SmlLib issue 8)', () => {
    const whole = encodeSml(telegram);
    const fill = whole.at(-3)!;
    const messages = whole.slice(8, whole.length - 8 - fill);
    expect(only(sml, encodeFrame(messages)).checked).toBe(true);
    // Each message ends in the checksum, whose field is 63, and the end mark 00.
    let wrong = 0;
    for (let at = 4; at < messages.length - 3; at += 1) {
      if (messages[at] !== 0x63 || messages[at + 3] !== 0 || wrong === 2) continue;
      messages[at + 1]! ^= 1;
      wrong += 1;
    }
    expect(wrong).toBe(2);
    expect(only(sml, encodeFrame(messages))).toEqual(only(sml, whole));
  });

  test.each([0, 1, 2, 3])('a frame may end in %d fill bytes', (fill) => {
    const found = [1, 2, 3, 4].map((size) => {
      const entries = [{ obis: '1-0:96.1.0', value: new Uint8Array(size).fill(7) }];
      return encodeSml({ ...telegram, entries });
    });
    const frame = found.find((one) => one.at(-3) === fill)!;
    expect(only(sml, frame).checked).toBe(true);
    const padded = Buffer.concat([frame.subarray(0, -2), Buffer.alloc(2)]);
    padded.writeUInt16LE(crc16X25(frame.subarray(0, -2)), padded.length - 2);
    expect(Buffer.from(frame)).toEqual(padded);
  });

  test('a meter that is unlocked goes on from the whole kWh with its decimals', () => {
    const entry = { obis: '1-0:1.8.0', unit: 'Wh' };
    const energies = [
      { ...entry, value: 13_391_000, scaler: 3 },
      { ...entry, value: 13_391_482.7, scaler: -1 },
    ].map((one) => only(sml, encodeSml({ ...telegram, entries: [one] })).registers[0]!.value);
    expect(energies).toEqual([13_391_000, 13_391_482.7]);
  });
});

describe('DLMS', () => {
  const double = (value: number) => encodeInteger(value, 'doubleLongUnsigned');
  const body = encodeStructure(
    encodeText('Kamstrup_V0001'),
    ...[encodeObis('1-1:1.7.0'), double(948)],
  );
  const at = '2024-05-06T07:08:09';

  test.each([
    [0, false],
    [0, true],
    [0x40000000, false],
    [0x40000000, true],
  ])('invoke id %d, tag 09 before the time: %s', (invokeId, isTimeTagged) => {
    const apdu = encodeDataNotification({ invokeId, at, body, isTimeTagged });
    expect(apdu.includes(0x0c)).toBe(true);
    const telegram = only(dlms, encodeHdlcPush(apdu));
    expect(telegram.at).toBe(`${at}+01:00`);
    expect(summaryOf(telegram)).toContain('1-1:1.7.0=948W');
  });

  test('list 2 of a Kaifa with one phase has nine values', () => {
    const detail = {
      ...{ id: '6970631400000000', model: 'MA105H2E', exportW: 0 },
      ...{ reactiveImportVar: 3, reactiveExportVar: 64, currentsA: [1.5], voltagesV: [230.1] },
    };
    const telegram = only(dlms, encodeHdlcPush(encodeKaifaPush({ at, powerW: 948, detail })));
    expect(telegram.registers).toHaveLength(9);
    expect(summaryOf(telegram).slice(-2)).toEqual(['1-0:31.7.0=1.5A', '1-0:32.7.0=230.1V']);
  });

  const key = Buffer.alloc(16, 0x31);
  const push = (values: number) =>
    encodeAustrianPush(
      `${at}+02:00`,
      Array.from({ length: values }, (_, index) => ({
        obis: `1-0:${index + 1}.8.0`,
        value: 1000 + index,
        unit: 'Wh',
      })),
      '181220000009',
    );
  const cipher = { systemTitle: Buffer.from('KFM12345'), invocationCounter: 1, key };

  test.each([
    ['81 .. in one', 8, 0x81],
    ['82 .. .. in two', 14, 0x82],
  ])('the length of a ciphered telegram may stand in BER form: %s', (_name, values, form) => {
    const apdu = encodeCiphered(push(values), { ...cipher, securityControl: 0x21 });
    expect(apdu[10]).toBe(form);
    expect(only(dlms, encodeMbusPush(apdu), { key }).registers).toHaveLength(values + 2);
  });

  test.each([0x20, 0x21])('without a tag (%d) a wrong key shows by what comes out', (control) => {
    const apdu = encodeCiphered(push(4), { ...cipher, securityControl: control });
    expect(only(dlms, encodeMbusPush(apdu), { key })).toMatchObject({ checked: true });
    expect(decode(dlms, encodeMbusPush(apdu), { key: Buffer.alloc(16, 0x32) })).toMatchObject([
      { fault: 'decryption' },
    ]);
  });

  test('Austrian meters are heard at 2400 8E1', () => {
    expect(dlms.serialSettings).toContainEqual(
      expect.objectContaining({ baudRate: 2400, dataBits: 8, parity: 'even' }),
    );
  });

  test('a wildcard in the date of the telegram costs no value', () => {
    const apdu = encodeDataNotification({ invokeId: 0, at, body });
    const time = encodeDateTime(at);
    const start = Buffer.from(apdu).indexOf(Buffer.from(time));
    apdu.fill(0xff, start, start + 2);
    expect(only(dlms, encodeHdlcPush(apdu))).toMatchObject({
      at: null,
      registers: [{}, { value: 948 }],
    });
  });
});

describe('IEC 62056-21', () => {
  const readOut = (data: string) =>
    only(iec62056, latin1(`/EMH4\\@01LZQJL0014F\r\n${encodeBlock(data)}`));

  test('the "!" may stand behind the last data line', () => {
    expect(summaryOf(readOut('1.8.0(00001.5*kWh)\r\n2.8.0(00002.5*kWh)!\r\n'))).toEqual([
      '1-0:1.8.0=1.5kWh',
      '1-0:2.8.0=2.5kWh',
    ]);
  });

  test('an export that lost STX and block check is read up to its "!"', () => {
    const bare = '/EMH5\\@01LZQJ\r\n\r\n1.8.0(00001.5*kWh)\r\n2.8.0(00002.5*kWh)\r\n!\r\n';
    expect(only(iec62056, latin1(bare))).toMatchObject({
      checked: false,
      registers: [{ value: 1.5 }, { value: 2.5 }],
    });
  });

  test.each([
    ['P.01(1090527100000)(00000008)(15)(2)(1.5)(kW)(5.5)(kvar)\r\n(0.125)(0.010)\r\n', '+02:00'],
    ['P.01(0091127100000)(00000008)(15)(2)(1.5)(kW)(5.5)(kvar)\r\n(0.125)(0.010)\r\n', '+01:00'],
  ])('a profile says the season in front of its date: %s', (block, offset) => {
    const { registers } = only(iec62056, latin1(encodeBlock(block)));
    expect(registers).toHaveLength(3);
    for (const { at } of registers) expect(at!.slice(19)).toBe(offset);
  });

  test('a log book keeps the time of each event and passes for no reading', () => {
    const block = 'P.98(1090527100000)(00002000)()(2)(F.F)()(C.1.0)()\r\n(00000001)(12345678)\r\n';
    const { registers } = only(iec62056, latin1(encodeBlock(block)));
    expect(registers.every(({ obis }) => obis === undefined)).toBe(true);
    expect(registers.map(({ at }) => at)).toContain('2009-05-27T10:00:00+02:00');
    expect(registers.map(({ value }) => value)).toContain('00002000');
  });
});

describe('TIC', () => {
  /** Enedis-NOI-CPT_54E, §5.3.6: the low six bits of the sum, plus 0x20. */
  const checksum = (covered: string): string =>
    String.fromCharCode(([...latin1(covered)].reduce((sum, byte) => sum + byte, 0) & 0x3f) + 0x20);
  const frame = (...groups: readonly string[]) =>
    latin1(`\x02${groups.map((group) => `\n${group}\r`).join('')}\x03`);

  test('the separator before the checksum counts in standard mode, and not in historique', () => {
    const standard = 'EAST\t000001000\t';
    const historique = 'BASE 000001000';
    for (const group of [standard + checksum(standard), `${historique} ${checksum(historique)}`]) {
      expect(only(tic, frame(group))).toMatchObject({
        checked: true,
        registers: [{ value: 1000 }],
      });
    }
    for (const group of [
      standard + checksum(standard.trimEnd()),
      `${historique} ${checksum(`${historique} `)}`,
    ]) {
      expect(decode(tic, frame(group))).toMatchObject([{ fault: 'checksum' }]);
    }
  });

  test.each([
    ['E', '+02:00', false],
    ['e', '+02:00', true],
    ['H', '+01:00', false],
    ['h', '+01:00', true],
  ])('season %s is %s; its clock is not set: %s', (season, offset, degraded) => {
    const covered = `DATE\t${season}261025023000\t\t`;
    const telegram = only(tic, frame(covered + checksum(covered)));
    expect(telegram).toMatchObject({ at: `2026-10-25T02:30:00${offset}`, checked: true });
    expect(telegram.warnings).toHaveLength(degraded ? 1 : 0);
  });

  test('ADPS tells a current above the subscription', () => {
    const groups = [
      { label: 'ADCO', data: '021528603947' },
      { label: 'ADPS', data: '048' },
      { label: 'IINST', data: '048' },
    ];
    const telegram = only(tic, encodeTic({ mode: 'historique', groups }));
    expect(summaryOf(telegram)).toContain('ADPS=48A');
    expect(telegram.warnings).toEqual([]);
  });
});

describe('Modbus', () => {
  const addressesOf = (registerMap: string, name: string) =>
    registerMapOf({ registerMap })!.registers.find((one) => one.name === name)?.address;

  test('float32 loses steps of 0.01 kWh above 131072 kWh, and what is left is read exactly', () => {
    const words = (value: number) => {
      const bytes = Buffer.alloc(4);
      bytes.writeFloatBE(value);
      return bytes;
    };
    const values = [131_071.99, 131_072.01, 131_072.02].map((value) => {
      const pdu = Buffer.concat([Buffer.of(1, 4, 4), words(value)]);
      let crc = 0xffff;
      for (const byte of pdu) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
      }
      return only(modbus, Buffer.concat([pdu, Buffer.of(crc & 0xff, crc >> 8)])).registers[0]!
        .value;
    });
    expect(values).toEqual([131_071.99, 131_072.02, 131_072.02]);
  });

  test.each([
    ['sdm72', 0x34],
    ['sdm72v2', 0x34],
    ['sdm120', 0x0c],
    ['sdm220', 0x0c],
    ['sdm230', 0x0c],
    ['sdm630', 0x34],
  ])('%s has its own map: the power stands at %s', (map, address) => {
    expect(addressesOf(map, 'Power')).toBe(address);
  });
});
