import { Buffer } from 'node:buffer';
import { encodeReadOut, registerLine } from '../iec62056-21/encode.js';
import { encodeMbus, mbusRecordsOf } from '../mbus/encode.js';
import type { DecoderOptions, SerialSettings } from '../meter-protocol.js';
import { encodeBlock, encodeModbusReply, registerValuesOf } from '../modbus/encode.js';
import { readRequestPdu } from '../modbus/frames.js';
import { registerMapOf } from '../modbus/register-maps.js';
import { at, options, text, type BenchMeterKind } from './bench-meter-kind.js';
import { pushingMeters } from './bench-pushing-meters.js';
import { isSame } from './evidence.js';
import { chanceOf, type BenchMeter, type Burst } from './serial-bench.js';

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
