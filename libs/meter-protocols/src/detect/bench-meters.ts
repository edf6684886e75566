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
import { encodeMbus, mbusRecordsOf } from '../mbus/encode.js';
import type { DecoderOptions, SerialSettings } from '../meter-protocol.js';
import { encodeBlock, encodeModbusReply, registerValuesOf } from '../modbus/encode.js';
import { readRequestPdu } from '../modbus/frames.js';
import { registerMapOf } from '../modbus/register-maps.js';
import { encodeSml } from '../sml/encode.js';
import { smlEntriesOf } from '../sml/measured-entries.js';
import { encodeTic } from '../tic/encode.js';
import { isSame } from './evidence.js';
import { chanceOf, pushing, type BenchMeter, type Burst, type Pushing } from './serial-bench.js';

/** A meter for trials of detection, and what has to be found. */
export interface BenchMeterKind {
  readonly name: string;
  readonly protocol: string;
  readonly settings: SerialSettings;
  readonly options?: DecoderOptions;
  /** Met at another moment, with other noise, for each seed. */
  readonly meterOf: (seed: number) => BenchMeter;
}

const at = (baudRate: number, form: '8N1' | '8E1' | '7E1' = '8N1'): SerialSettings => ({
  baudRate,
  dataBits: form.startsWith('7') ? 7 : 8,
  parity: form[1] === 'E' ? 'even' : 'none',
  stopBits: 1,
});

const options: DecoderOptions = { standardOffsetMinutes: 60 };
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
const text = (line: string): Uint8Array => Buffer.from(line, 'latin1');

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

const pushingMeters: readonly BenchMeterKind[] = [
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

/** Answers a question that was understood, in bursts; the times count from the question. */
type Answer = (
  sent: Uint8Array,
) => readonly { afterMs: number; bytes: Uint8Array; rate?: number }[];

interface Asked {
  readonly name: string;
  readonly protocol: string;
  /** Of the question, and of the answer where that does not change the rate. */
  readonly asked: SerialSettings;
  readonly settings: SerialSettings;
  readonly answer: Answer;
  readonly options?: DecoderOptions;
}

const list = [registerLine('1.8.0', 285.4, 'kWh'), registerLine('1.8.1', 185.4, 'kWh')];
const readOut = () => encodeReadOut({ lines: list, blockCheck: true });

/** IEC 62056-21 §6.4: the letter or digit in the identification is the mode and the highest rate. */
const signOn =
  (rateSign: string, rate: number): Answer =>
  (sent) => {
    const question = Buffer.from(sent).toString('latin1');
    const identification = text(`/ISk${rateSign}MT174-0001\r\n`);
    if (question.endsWith('/?!\r\n')) {
      const isProtocolC = rateSign >= '0' && rateSign <= '9';
      const said = { afterMs: 700, bytes: identification };
      if (isProtocolC) return [said];
      const isProtocolA = rate === 300;
      const afterMs = 700 + (identification.length * 10_000) / 300 + (isProtocolA ? 30 : 400);
      return [said, { afterMs, bytes: readOut(), rate }];
    }
    return question.endsWith(`\x060${rateSign}0\r\n`)
      ? [{ afterMs: 1_000, bytes: readOut(), rate }]
      : [];
  };

const heat = () =>
  encodeMbus({
    address: 5,
    id: '12345678',
    manufacturer: 'WBS',
    version: 3,
    medium: 4,
    records: mbusRecordsOf(4, { heatJ: 5_020_000_000, volumeL: 12_560, heatPowerW: 1_230 }),
  });
const onMbus: Answer = (sent) =>
  sent[0] === 0x10 ? [{ afterMs: 60, bytes: sent[1] === 0x40 ? Uint8Array.of(0xe5) : heat() }] : [];

const onModbus: Answer = (sent) => {
  const map = registerMapOf({ registerMap: 'sdm630' });
  const pdu = readRequestPdu(sent.subarray(1, 6));
  if (sent[0] !== 1 || pdu?.kind !== 'request') return [];
  const values = registerValuesOf(map, { powerW: 431, energyImportWh: 5_000_500 });
  const block = encodeBlock(map, pdu.block, values);
  const bytes = encodeModbusReply({ framing: 'rtu', unit: 1 }, pdu.block, block);
  return [{ afterMs: 40, bytes }];
};

const iec = (mode: string, rateSign: string, rate: number): Asked => ({
  name: `IEC 62056-21 mode ${mode} at ${rate}`,
  protocol: 'iec62056-21',
  asked: at(300, '7E1'),
  settings: at(rate, '7E1'),
  answer: signOn(rateSign, rate),
});

const askedMeters: readonly Asked[] = [
  iec('A', 'x', 300),
  iec('B', 'C', 2_400),
  iec('C', '5', 9_600),
  {
    name: 'M-Bus at 2400 8E1',
    protocol: 'mbus',
    asked: at(2_400, '8E1'),
    settings: at(2_400, '8E1'),
    answer: onMbus,
  },
  {
    name: 'Modbus at 9600 8N1, its map stated',
    protocol: 'modbus',
    asked: at(9_600),
    settings: at(9_600),
    answer: onModbus,
    options: { ...options, registerMap: 'sdm630' },
  },
];

/** A meter that understands its own settings only; answers may be late, disturbed or missing. */
const noisy =
  ({ asked: own, answer }: Asked, chance: () => number): NonNullable<BenchMeter['answers']> =>
  (sent, nowMs, asked) => {
    if (!isSame(asked, own) || chance() < 0.05) return [];
    const lateMs = chance() * 80;
    return answer(sent).map(({ afterMs, bytes, rate = own.baudRate }) => {
      const said = Uint8Array.from(bytes);
      if (chance() < 0.05) said[Math.floor(chance() * said.length)]! ^= 1;
      return {
        atMs: nowMs + (sent.length * 11_000) / asked.baudRate + afterMs + lateMs,
        bytes: said,
        settings: { ...own, baudRate: rate },
      };
    });
  };

/** Single bytes of noise, seldom enough to be none of a meter's. */
function* disturbance(settings: SerialSettings, chance: () => number): Generator<Burst> {
  for (let atMs = chance() * 20_000; ; atMs += 5_000 + chance() * 20_000) {
    yield { atMs, bytes: Uint8Array.of(Math.floor(chance() * 256)), settings };
  }
}

/** Each protocol that is found, with its usual settings. */
export const benchMeters: readonly BenchMeterKind[] = [
  ...pushingMeters,
  ...askedMeters.map((kind) => ({
    name: kind.name,
    protocol: kind.protocol,
    settings: kind.settings,
    ...(kind.options ? { options: kind.options } : {}),
    meterOf: (seed: number): BenchMeter => {
      const chance = chanceOf(seed * 104_729);
      return { answers: noisy(kind, chance), pushes: disturbance(kind.asked, chance) };
    },
  })),
];
