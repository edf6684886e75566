import { describe, expect, test } from '@jest/globals';
import { isFault, type Telegram } from '@wattbus/energy-model';
import {
  encodeDsmr,
  encodeEncryptedDsmr,
  encodeMbus,
  encodeReadOut,
  encodeSml,
  encodeTic,
  mbusRecordsOf,
  protocolNamed,
  registerLine,
} from '@wattbus/meter-protocols';
import { spawnSync } from 'node:child_process';
import { redact } from '../src/capture/redact.js';
import { decodeWhole } from '../src/decode/decode-bytes.js';

const options = { standardOffsetMinutes: 60 };
const decodeAs = (protocol: string) => (bytes: Uint8Array) =>
  decodeWhole(protocolNamed(protocol)!, options, bytes);

const p1 = encodeDsmr({
  variant: '5.0',
  identification: 'WBS5\\2HOUSE-3',
  meterId: 'E0043007123456789',
  at: '2026-07-01T12:00:00+02:00',
  standardOffsetMinutes: 60,
  measured: { energyImportTariff1Wh: 4_321_098, powerW: 640 },
  channels: [
    {
      channel: 1,
      deviceType: 3,
      id: 'G0012345678901234',
      at: '2026-07-01T11:55:00+02:00',
      value: 1_234.567,
      unit: 'm3',
    },
  ],
});
const sml = encodeSml({
  serverId: '1EMH0010434630',
  entries: [{ obis: '1-0:1.8.0', value: 86_400_021, unit: 'Wh' }],
});
const frames: readonly (readonly [protocol: string, frame: Uint8Array, ids: readonly string[]])[] =
  [
    ['dsmr', p1, ['3132333435363738', '343330303731']],
    ['sml', sml, [Buffer.from('009f3846', 'hex').toString('latin1')]],
    [
      'iec62056-21',
      encodeReadOut({
        identification: 'LGZ5\\2ZMD3104107.B32',
        blockCheck: true,
        lines: [
          { address: '0.0.0', values: ['50123456'] },
          registerLine('1.8.0', 12_345.678, 'kWh'),
        ],
      }),
      ['50123456'],
    ],
    [
      'tic',
      encodeTic({
        mode: 'historique',
        groups: [
          { label: 'ADCO', data: '021528603947' },
          { label: 'BASE', data: '001234567' },
        ],
      }),
      ['603947'],
    ],
    [
      'mbus',
      encodeMbus({
        address: 5,
        id: '68705421',
        manufacturer: 'WBS',
        version: 3,
        medium: 4,
        records: mbusRecordsOf(4, { heatJ: 5_020_000_000 }),
      }),
      [Buffer.from('21547068', 'hex').toString('latin1')],
    ],
  ];

const telegramOf = (protocol: string, bytes: Uint8Array): Telegram => {
  const [result] = decodeAs(protocol)(bytes);
  if (!result || isFault(result)) throw new Error(`no telegram: ${JSON.stringify(result)}`);
  return result;
};

describe('redaction', () => {
  test.each(frames)('%s keeps its values and its checksum and loses its ids', (...args) => {
    const [protocol, frame, ids] = args;
    const result = redact(frame, decodeAs(protocol));
    if ('refused' in result) throw new Error(result.refused);
    expect(result.bytes).toHaveLength(frame.length);
    const text = Buffer.from(result.bytes).toString('latin1');
    for (const id of ids) {
      expect(Buffer.from(frame).toString('latin1')).toContain(id);
      expect(text).not.toContain(id);
    }
    const [before, after] = [frame, result.bytes].map((bytes) => telegramOf(protocol, bytes));
    expect(after).toMatchObject({ checked: true, at: before!.at, warnings: [] });
    expect(after!.meter.id).not.toBe(before!.meter.id);
    const numbers = (telegram: Telegram) =>
      telegram.registers.filter(({ value }) => typeof value === 'number');
    expect(numbers(after!)).toEqual(numbers(before!));
  });

  test('changes nothing the second time', () => {
    const once = redact(p1, decodeAs('dsmr'));
    if ('refused' in once) throw new Error(once.refused);
    expect(redact(once.bytes, decodeAs('dsmr'))).toEqual({ bytes: once.bytes });
  });

  test('refuses encrypted telegrams without their key, and says what would stay in them', () => {
    const encrypted = encodeEncryptedDsmr(p1, {
      key: Buffer.alloc(16, 1),
      authenticationKey: Buffer.alloc(16, 2),
      systemTitle: Buffer.from('WBSTITLE'),
      invocationCounter: 7,
    });
    expect(redact(encrypted, decodeAs('dsmr'))).toEqual({
      refused: expect.stringMatching(/1 of 1 telegrams stay encrypted.*serial number.*--key/),
    });
  });

  test('refuses what it cannot read', () => {
    expect(redact(Buffer.from('no meter'), decodeAs('sml'))).toEqual({
      refused: expect.stringContaining('no telegram'),
    });
  });

  test('the command gives the form that it was given', () => {
    const program = new URL('../bin/wattbus.mjs', import.meta.url).pathname;
    const hex = Buffer.from(sml).toString('hex');
    const { status, stdout } = spawnSync(process.execPath, [program, 'redact', '-'], {
      input: hex,
      encoding: 'utf8',
    });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^[0-9a-f]+\n$/);
    expect(telegramOf('sml', Buffer.from(stdout.trim(), 'hex')).meter.id).toBe('1EMH0000000001');
  });
});
