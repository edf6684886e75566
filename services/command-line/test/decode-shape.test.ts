import { describe, expect, test } from '@jest/globals';
import {
  encodeAidonPush,
  encodeDsmr,
  encodeHdlcPush,
  encodeJsonLine,
  encodeMbus,
  encodeModbusReply,
  encodeModbusRequest,
  encodeReadOut,
  encodeSml,
  encodeTic,
  mbusRecordsOf,
  protocols,
  registerLine,
} from '@wattbus/meter-protocols';
import { spawnSync } from 'node:child_process';
import { expectShape, shapeFaults } from './output-shape.js';

const program = new URL('../bin/wattbus.mjs', import.meta.url).pathname;

const unit = { framing: 'rtu', unit: 1 } as const;
const block = { function: 4, start: 0, words: 2 } as const;
const volts = Buffer.from('43663334', 'hex');
const at = '2026-07-01T12:00:00+02:00';

interface Sample {
  readonly args?: readonly string[];
  readonly bytes: Uint8Array;
  /** One register of the telegram, all of it. */
  readonly register: object;
  readonly meter: object;
  readonly at: string | null;
}

const samples: Readonly<Record<string, Sample>> = {
  dsmr: {
    bytes: encodeDsmr({
      variant: '5.0',
      identification: 'WBS5\\2HOUSE-3',
      meterId: 'E0000000000000001',
      at,
      standardOffsetMinutes: 60,
      measured: { energyImportTariff1Wh: 4_321_098, powerW: -640, demandImportPeakMonthW: 4_010 },
      demandImportPeakMonthAt: '2026-06-12T18:30:00+02:00',
      powerFailures: [{ endedAt: '2025-11-02T03:14:15+01:00', durationS: 1_234 }],
      channels: [
        {
          channel: 1,
          deviceType: 3,
          id: 'G0000000000000001',
          at: '2026-07-01T11:55:00+02:00',
          value: 1_234.567,
          unit: 'm3',
        },
      ],
    }),
    register: {
      obis: '0-1:24.2.1',
      value: 1_234.567,
      unit: 'm3',
      at: '2026-07-01T11:55:00+02:00',
    },
    meter: { id: 'E0000000000000001', manufacturer: 'WBS', model: 'HOUSE-3' },
    at,
  },
  sml: {
    bytes: encodeSml({
      serverId: '1EMH0000000001',
      entries: [{ obis: '1-0:1.8.0', value: 12_345, unit: 'Wh' }],
    }),
    register: { obis: '1-0:1.8.0', value: 12_345, unit: 'Wh' },
    meter: { id: '1EMH0000000001', manufacturer: 'EMH' },
    at: null,
  },
  'iec62056-21': {
    bytes: encodeReadOut({
      identification: 'LGZ5\\2ZMD3104107.B32',
      blockCheck: true,
      lines: [{ address: '0.0.0', values: ['50000001'] }, registerLine('1.8.0', 12_345.678, 'kWh')],
    }),
    register: { obis: '1-0:1.8.0', label: '1.8.0', value: 12_345.678, unit: 'kWh' },
    meter: { id: '50000001', manufacturer: 'LGZ', model: expect.stringContaining('ZMD') },
    at: null,
  },
  dlms: {
    bytes: encodeHdlcPush(encodeAidonPush([{ obis: '1-0:1.7.0', value: 948, unit: 'W' }])),
    register: { obis: '1-0:1.7.0', value: 948, unit: 'W' },
    meter: expect.anything(),
    at: null,
  },
  tic: {
    bytes: encodeTic({
      mode: 'standard',
      groups: [
        { label: 'ADSC', data: '041876000001' },
        { label: 'DATE', at, data: '' },
        { label: 'EAST', data: '027553175' },
        { label: 'NGTF', data: '      BASE      ' },
      ],
    }),
    register: { obis: '1-0:1.8.0', label: 'EAST', value: 27_553_175, unit: 'Wh' },
    meter: expect.objectContaining({ id: '041876000001' }),
    at,
  },
  modbus: {
    args: ['--register-map', 'sdm120'],
    bytes: Buffer.concat([
      encodeModbusRequest(unit, block, 0),
      encodeModbusReply(unit, block, volts, 0),
    ]),
    register: {
      obis: '1-0:32.7.0',
      label: 'Voltage',
      value: expect.closeTo(230.2, 4),
      unit: 'V',
    },
    meter: { manufacturer: 'Eastron', model: expect.stringContaining('SDM120') },
    at: null,
  },
  mbus: {
    bytes: encodeMbus({
      address: 5,
      id: '12345678',
      manufacturer: 'WBS',
      version: 3,
      medium: 4,
      records: mbusRecordsOf(4, { heatPowerW: 1_230 }),
    }),
    register: { obis: '6-0:8.0.0', label: 'Power', value: 1_230, unit: 'W' },
    meter: { id: '12345678', manufacturer: 'WBS', model: expect.anything() },
    at: null,
  },
  pulse: {
    args: ['--protocol', 'pulse'],
    bytes: Uint8Array.of(0),
    register: { label: 'pulse', value: 1 },
    meter: {},
    at: null,
  },
  'text-line': {
    args: ['--pattern', String.raw`^P=(?<powerW>-?\d+)$`],
    bytes: Buffer.from('P=512\nP=-40\n'),
    register: { label: 'powerW', value: -40, unit: 'W' },
    meter: {},
    at: null,
  },
  json: {
    bytes: encodeJsonLine({ powerW: 512 }, { id: '7', at }),
    register: { label: 'powerW', value: 512, unit: 'W' },
    meter: { id: '7' },
    at,
  },
};

const decode = (bytes: Uint8Array, args: readonly string[] = []) => {
  const { status, stdout } = spawnSync(process.execPath, [program, 'decode', ...args, '-'], {
    input: bytes,
    encoding: 'utf8',
  });
  const lines = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  return { status, lines };
};

describe('a line of decode has exactly the documented keys', () => {
  test('every protocol has a sample', () => {
    expect(Object.keys(samples).sort()).toEqual(protocols.map(({ name }) => name).sort());
  });

  test.each(Object.entries(samples))('%s', (protocol, { args, bytes, ...expected }) => {
    const { status, lines } = decode(bytes, args);
    expect(status).toBe(0);
    expectShape(lines);
    expect(lines.at(-1)).toMatchObject({
      protocol,
      meter: expected.meter,
      at: expected.at,
      registers: expect.arrayContaining([expected.register]),
      warnings: [],
    });
  });

  test('a fault has its own', () => {
    for (const [protocol, { bytes }] of Object.entries(samples)) {
      if (protocol === 'pulse') continue;
      const half = bytes.subarray(0, bytes.length >> 1);
      const { lines } = decode(half, ['--protocol', protocol]);
      expectShape(lines);
    }
  });

  test('a period of the past has a label, so that it cannot pass for the present', () => {
    const entries = [
      { obis: '1-0:1.8.0', value: 5_000, unit: 'Wh' },
      { obis: '1-0:1.8.0*96', value: 400, unit: 'Wh' },
      { obis: '1-0:96.50.1*1', value: 'EMH' },
    ];
    const { lines } = decode(encodeSml({ serverId: '1EMH0000000001', entries }));
    expectShape(lines);
    expect(lines[0]!['registers']).toEqual([
      { obis: '1-0:1.8.0', value: 5_000, unit: 'Wh' },
      { label: '1-0:1.8.0*96', value: 400, unit: 'Wh' },
      { obis: '1-0:96.50.1', label: '1-0:96.50.1*1', value: 'EMH' },
    ]);
  });

  test('what differs is told', () => {
    const line = { protocol: 'sml', meter: {}, at: null, registers: [], warnings: [] };
    expect(shapeFaults(line)).toEqual([]);
    const registers = [
      { obis: '1-0:1.8.0*255', value: Number.NaN },
      { value: 1, unit: '' },
    ];
    const wrong = { ...line, protocol: 'SML', meter: { serial: '1' }, at: '12:00', registers };
    expect(shapeFaults(wrong)).toHaveLength(7);
    expect(shapeFaults({ ...line, checked: true })).toHaveLength(1);
    expect(shapeFaults({ protocol: 'sml', fault: 'odd', offset: -1, detail: '' })).toHaveLength(3);
  });
});
