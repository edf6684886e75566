import { Buffer } from 'node:buffer';
import { encodeCiphered } from '../dlms/ciphering.js';
import {
  encodeAustrianPush,
  encodeHdlcPush,
  encodeKaifaPush,
  encodeMbusPush,
} from '../dlms/encode.js';
import { encodeDsmr, type DsmrDescription } from '../dsmr/encode.js';
import { encodeReadOut, registerLine } from '../iec62056-21/encode.js';
import type { DecoderOptions } from '../meter-protocol.js';
import { encodeSml } from '../sml/encode.js';
import { smlEntriesOf } from '../sml/measured-entries.js';
import { encodeTic } from '../tic/encode.js';
import { at, options, text, type BenchMeterKind } from './bench-meter-kind.js';
import { chanceOf, pushing, type Pushing } from './serial-bench.js';

const measured = { energyImportTariff1Wh: 4_321_098, powerW: 640, voltageL1V: 231.4 };
const house: DsmrDescription = {
  variant: '5.0',
  identification: 'WBS5\\2HOUSE-3',
  meterId: 'E0000000000000001',
  at: '2026-07-01T12:00:00+02:00',
  standardOffsetMinutes: 60,
  measured,
  channels: [],
};

const keys = { key: Buffer.alloc(16, 0x11), authenticationKey: Buffer.alloc(16, 0x22) };
const ciphered = () =>
  encodeMbusPush(
    encodeCiphered(
      encodeAustrianPush(
        '2026-07-01T12:00:00+02:00',
        [1, 2, 3, 4].map((c) => ({ obis: `1-0:${c}.8.0`, value: 8_640_002, unit: 'Wh' })),
        '181220000009',
      ),
      {
        ...keys,
        systemTitle: Buffer.from('KFM12345'),
        invocationCounter: 0x01020304,
        securityControl: 0x30,
      },
    ),
    100,
  );
const hdlc = () => encodeHdlcPush(encodeKaifaPush({ at: '2026-07-01T12:00:00', powerW: 948 }));

interface Push extends Omit<Pushing, 'frames'> {
  readonly frames: () => Pushing['frames'];
  readonly options?: DecoderOptions;
}

const pushes = (
  name: string,
  protocol: string,
  { options: given, frames, ...push }: Push,
): BenchMeterKind => ({
  name,
  protocol,
  settings: push.settings,
  ...(given ? { options: given } : {}),
  meterOf: (seed) => ({ pushes: pushing({ ...push, frames: frames() }, chanceOf(seed * 7_919)) }),
});

/** Those that speak by themselves. */
export const pushingMeters: readonly BenchMeterKind[] = [
  pushes('DSMR 5 at 115200 8N1', 'dsmr', {
    settings: at(115_200),
    frames: () => [encodeDsmr(house), encodeDsmr({ ...house, at: '2026-07-01T12:00:01+02:00' })],
    intervalMs: 1_000,
  }),
  pushes('DSMR 4 every 10 s', 'dsmr', {
    settings: at(115_200),
    frames: () => [encodeDsmr({ ...house, variant: '4.2' })],
    intervalMs: 10_000,
  }),
  pushes('DSMR 2.2 at 9600 7E1', 'dsmr', {
    settings: at(9_600, '7E1'),
    frames: () => [encodeDsmr({ ...house, variant: '2.2' })],
    intervalMs: 10_000,
  }),
  pushes('SML at 9600 8N1', 'sml', {
    settings: at(9_600),
    frames: () => [encodeSml({ serverId: '1EMH0010434630', entries: smlEntriesOf(measured) })],
    intervalMs: 2_000,
  }),
  pushes('DLMS over HDLC at 2400 8E1', 'dlms', {
    settings: at(2_400, '8E1'),
    frames: () => [hdlc()],
    intervalMs: 2_500,
  }),
  pushes('DLMS over HDLC at 2400 8N1, every 10 s', 'dlms', {
    settings: at(2_400),
    frames: () => [hdlc()],
    intervalMs: 10_000,
  }),
  pushes('ciphered DLMS over M-Bus at 2400 8E1', 'dlms', {
    settings: at(2_400, '8E1'),
    frames: () => [ciphered()],
    intervalMs: 5_000,
    options: { ...options, ...keys },
  }),
  pushes('ciphered DLMS without its key', 'dlms', {
    settings: at(2_400, '8E1'),
    frames: () => [ciphered()],
    intervalMs: 5_000,
  }),
  pushes('TIC historique at 1200 7E1', 'tic', {
    settings: at(1_200, '7E1'),
    frames: () => [
      encodeTic({
        mode: 'historique',
        groups: [
          { label: 'ADCO', data: '021528603947' },
          { label: 'OPTARIF', data: 'HC..' },
          { label: 'HCHC', data: '000837362' },
          { label: 'HCHP', data: '002035628' },
          { label: 'PTEC', data: 'HP..' },
          { label: 'PAPP', data: '00190' },
        ],
      }),
    ],
    intervalMs: 1_300,
  }),
  pushes('TIC standard at 9600 7E1', 'tic', {
    settings: at(9_600, '7E1'),
    frames: () => [
      encodeTic({
        mode: 'standard',
        groups: [
          { label: 'ADSC', data: '041876512349' },
          { label: 'DATE', at: '2026-07-01T12:00:00+02:00', data: '' },
          { label: 'EAST', data: '027553175' },
          { label: 'URMS1', data: '234' },
        ],
      }),
    ],
    intervalMs: 1_000,
  }),
  pushes('IEC 62056-21 pushed at 9600 7E1', 'iec62056-21', {
    settings: at(9_600, '7E1'),
    frames: () => [
      encodeReadOut({
        identification: 'EMH5eHZ-IW8E2A',
        lines: ['1.8.0*255', '2.8.0*255', '21.7.255*255', '61.7.255*255'].map((code) =>
          registerLine(`1-0:${code}`, 123.4, code.startsWith('1') ? 'kWh' : 'W'),
        ),
      }),
    ],
    intervalMs: 2_000,
  }),
  pushes('lines of text at 9600 8N1', 'text-line', {
    settings: at(9_600),
    frames: () => [text('P=512 E=123456\r\n'), text('P=-40 E=123457\r\n')],
    intervalMs: 1_000,
    options: { ...options, pattern: String.raw`^P=(?<powerW>-?\d+) E=(?<energyImportWh>\d+)$` },
  }),
];
