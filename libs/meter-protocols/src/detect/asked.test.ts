import { describe, test } from '@jest/globals';
import { Buffer } from 'node:buffer';
import { at, expectFound, framesOf, options } from '../../test/detection-trials.js';
import { encodeReadOut, registerLine } from '../iec62056-21/encode.js';
import type { DecoderOptions, SerialSettings } from '../meter-protocol.js';
import { encodeBlock, encodeModbusReply, registerValuesOf } from '../modbus/encode.js';
import { readRequestPdu } from '../modbus/frames.js';
import { registerMapOf } from '../modbus/register-maps.js';
import { isSame } from './evidence.js';
import { chanceOf, type BenchMeter, type Burst } from './serial-bench.js';

/** Answers a question that was understood, in bursts; the times count from the question. */
type Answer = (
  sent: Uint8Array,
) => readonly { afterMs: number; bytes: Uint8Array; rate?: number }[];

interface Asked {
  readonly protocol: string;
  /** Of the question, and of the answer where that does not change the rate. */
  readonly settings: SerialSettings;
  readonly found: SerialSettings;
  readonly answer: Answer;
  readonly options?: DecoderOptions;
}

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const list = [registerLine('1.8.0', 285.4, 'kWh'), registerLine('1.8.1', 185.4, 'kWh')];
const readOutOf = (): Uint8Array => encodeReadOut({ lines: list, blockCheck: true });

/** IEC 62056-21 §6.4: the letter or digit in the identification is the mode and the highest rate. */
const signOn =
  (rateSign: string, rate: number): Answer =>
  (sent) => {
    const text = Buffer.from(sent).toString('latin1');
    const identification = latin1(`/ISk${rateSign}MT174-0001\r\n`);
    if (text.endsWith('/?!\r\n')) {
      const isProtocolC = rateSign >= '0' && rateSign <= '9';
      const said = { afterMs: 700, bytes: identification };
      if (isProtocolC) return [said];
      const isProtocolA = rate === 300;
      const afterMs = 700 + (identification.length * 10_000) / 300 + (isProtocolA ? 30 : 400);
      return [said, { afterMs, bytes: readOutOf(), rate }];
    }
    return text.endsWith(`\x060${rateSign}0\r\n`)
      ? [{ afterMs: 1_000, bytes: readOutOf(), rate }]
      : [];
  };

const mbusFrame = framesOf('mbus')[0]![0]!;
const onMbus: Answer = (sent) =>
  sent[0] === 0x10
    ? [{ afterMs: 60, bytes: sent[1] === 0x40 ? Uint8Array.of(0xe5) : mbusFrame }]
    : [];

const map = registerMapOf({ registerMap: 'sdm630' });
const onModbus: Answer = (sent) => {
  const pdu = readRequestPdu(sent.subarray(1, 6));
  if (sent[0] !== 1 || pdu?.kind !== 'request') return [];
  const values = registerValuesOf(map, { powerW: 431, energyImportWh: 5_000_500 });
  const block = encodeBlock(map, pdu.block, values);
  const bytes = encodeModbusReply({ framing: 'rtu', unit: 1 }, pdu.block, block);
  return [{ afterMs: 40, bytes }];
};

const askedKinds: Readonly<Record<string, Asked>> = {
  'IEC 62056-21 mode A at 300': {
    protocol: 'iec62056-21',
    settings: at(300, '7E1'),
    found: at(300, '7E1'),
    answer: signOn('x', 300),
  },
  'IEC 62056-21 mode B at 2400': {
    protocol: 'iec62056-21',
    settings: at(300, '7E1'),
    found: at(2_400, '7E1'),
    answer: signOn('C', 2_400),
  },
  'IEC 62056-21 mode C at 9600': {
    protocol: 'iec62056-21',
    settings: at(300, '7E1'),
    found: at(9_600, '7E1'),
    answer: signOn('5', 9_600),
  },
  'M-Bus at 2400 8E1': {
    protocol: 'mbus',
    settings: at(2_400, '8E1'),
    found: at(2_400, '8E1'),
    answer: onMbus,
  },
  'Modbus at 9600 8N1, its map stated': {
    protocol: 'modbus',
    settings: at(9_600),
    found: at(9_600),
    answer: onModbus,
    options: { ...options, registerMap: 'sdm630' },
  },
};

/** A meter that understands its own settings only; answers may be late, disturbed or missing. */
const noisy =
  ({ settings, answer }: Asked, chance: () => number): BenchMeter['answers'] =>
  (sent, nowMs, asked) => {
    if (!isSame(asked, settings) || chance() < 0.05) return [];
    const lateMs = chance() * 80;
    return answer(sent).map(({ afterMs, bytes, rate = settings.baudRate }) => {
      const said = Uint8Array.from(bytes);
      if (chance() < 0.05) said[Math.floor(chance() * said.length)]! ^= 1;
      return {
        atMs: nowMs + (sent.length * 11_000) / asked.baudRate + afterMs + lateMs,
        bytes: said,
        settings: { ...settings, baudRate: rate },
      };
    });
  };

/** Single bytes of noise, seldom enough to be none of a meter's. */
function* disturbance(settings: SerialSettings, chance: () => number): Generator<Burst> {
  for (let atMs = chance() * 20_000; ; atMs += 5_000 + chance() * 20_000) {
    yield { atMs, bytes: Uint8Array.of(Math.floor(chance() * 256)), settings };
  }
}

describe('finds by asking, with noise and missing answers', () => {
  test.each(Object.entries(askedKinds))('%s', (name, kind) => {
    const { protocol, found: settings, options: given } = kind;
    const meterOf = (seed: number): BenchMeter => {
      const chance = chanceOf(seed * 104_729);
      const answers = noisy(kind, chance);
      return { ...(answers ? { answers } : {}), pushes: disturbance(kind.settings, chance) };
    };
    expectFound(name, { protocol, settings, meterOf, ...(given ? { options: given } : {}) });
  });
});
