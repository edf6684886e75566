import { Buffer } from 'node:buffer';
import {
  encodeDsmr,
  encodeEncryptedDsmr,
  type DecoderOptions,
  type DsmrDescription,
} from '../src/index.js';
import { encodeCiphered } from '../src/dlms/ciphering.js';
import {
  encodeAidonPush,
  encodeAustrianPush,
  encodeBlockPush,
  encodeHdlcPush,
  encodeKaifaPush,
  encodeMbusPush,
} from '../src/dlms/encode.js';
import { encodeReadOut } from '../src/iec62056-21/encode.js';
import { readOutLinesOf } from '../src/iec62056-21/measured-lines.js';
import { encodeSml } from '../src/sml/encode.js';
import { smlEntriesOf } from '../src/sml/measured-entries.js';
import { busSamples } from './conformance-buses.js';

/** Frames of one protocol, made by its encoder: each gives exactly one telegram. */
export interface ConformanceSamples {
  readonly protocol: string;
  readonly options: DecoderOptions;
  /** Whether the frames carry a checksum, so that no changed bit may go unnoticed. */
  readonly checked: boolean;
  /** Each register has a checksum of its own: one may be missing, but none may be wrong. */
  readonly groupwise?: boolean;
  readonly frames: readonly Uint8Array[];
}

const house: DsmrDescription = {
  variant: '5.0',
  identification: 'WBS5\\2HOUSE-3',
  meterId: 'E0000000000000001',
  at: '2026-07-01T12:00:00+02:00',
  standardOffsetMinutes: 60,
  measured: {
    energyImportTariff1Wh: 4_321_098,
    energyImportTariff2Wh: 5_432_109,
    energyExportTariff1Wh: 210_987,
    energyExportTariff2Wh: 1_321_098,
    tariffIndicator: 2,
    powerW: -1_180,
    powerL1W: 120,
    powerL2W: -1_500,
    powerL3W: 200,
    voltageL1V: 231.4,
    voltageL2V: 229.8,
    voltageL3V: 230.1,
    currentL1A: 1,
    currentL2A: -7,
    currentL3A: 1,
    powerFailureCount: 4,
    longPowerFailureCount: 2,
    demandImportW: 450,
    demandImportPeakMonthW: 4_010,
    breakerState: 1,
  },
  powerFailures: [{ endedAt: '2025-11-02T03:14:15+01:00', durationS: 1_234 }],
  demandImportPeakMonthAt: '2026-06-12T18:30:00+02:00',
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
};

const winter: Partial<DsmrDescription> = { at: '2026-12-24T18:00:00+01:00' };
const options: DecoderOptions = { standardOffsetMinutes: 60 };
const keys = { key: Buffer.alloc(16, 0x11), authenticationKey: Buffer.alloc(16, 0x22) };
const text = (line: string): Uint8Array => Buffer.from(line, 'latin1');

const wattHours = [1, 2, 3, 4].map((c) => ({ obis: `1-0:${c}.8.0`, value: 8_640_002, unit: 'Wh' }));
const austrian = encodeAustrianPush('2026-07-01T12:00:00+02:00', wattHours, '181220000009');
const cipheredAustrian = encodeCiphered(austrian, {
  ...keys,
  systemTitle: Buffer.from('KFM12345'),
  invocationCounter: 0x01020304,
  securityControl: 0x30,
});

export const conformanceSamples: readonly ConformanceSamples[] = [
  {
    protocol: 'dsmr',
    options,
    checked: true,
    frames: [
      encodeDsmr(house),
      encodeDsmr({ ...house, ...winter, variant: '4.2' }),
      encodeDsmr({ ...house, ...winter, variant: 'belgian' }),
    ],
  },
  {
    protocol: 'dsmr',
    options,
    checked: false,
    frames: [encodeDsmr({ ...house, variant: '2.2' })],
  },
  {
    protocol: 'dsmr',
    options: { ...options, ...keys },
    checked: true,
    frames: [
      encodeEncryptedDsmr(encodeDsmr(house), {
        ...keys,
        systemTitle: Buffer.from('WBSTITLE'),
        invocationCounter: 0x01020304,
      }),
    ],
  },
  {
    protocol: 'dlms',
    options: { ...options, ...keys },
    checked: true,
    frames: [
      encodeHdlcPush(encodeKaifaPush({ at: '2026-07-01T12:00:00', powerW: 948 })),
      encodeHdlcPush(encodeAidonPush(wattHours), 60),
      encodeMbusPush(cipheredAustrian, 100),
      encodeBlockPush(cipheredAustrian, 50),
    ],
  },
  {
    protocol: 'sml',
    options,
    checked: true,
    frames: [
      encodeSml({ serverId: '1EMH0010434630', entries: smlEntriesOf(house.measured) }),
      encodeSml({
        serverId: '1HLY0200088507',
        entries: smlEntriesOf(house.measured),
        time: { bareSecondsIndex: 173_496_403 },
        crc: 'kermit',
      }),
    ],
  },
  {
    // A block check has seven bits only, so that lost bytes are not always noticed.
    protocol: 'iec62056-21',
    options,
    checked: false,
    frames: [
      encodeReadOut({ identification: 'HAG5eHZ010C', lines: readOutLinesOf(house.measured) }),
    ],
  },
  {
    protocol: 'text-line',
    options: { ...options, pattern: String.raw`^P=(?<powerW>-?\d+) E=(?<energyImportWh>\d+)$` },
    checked: false,
    frames: [text('P=512 E=123456\r\n'), text('P=-40 E=123457\r\n')],
  },
  ...busSamples,
];
