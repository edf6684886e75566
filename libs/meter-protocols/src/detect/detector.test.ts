import { describe, expect, test } from '@jest/globals';
import { Buffer } from 'node:buffer';
import {
  chanceOf,
  pushing,
  runBench,
  type BenchMeter,
  type Burst,
  type Pushing,
} from './serial-bench.js';
import { conformanceSamples } from '../../test/conformance-samples.js';
import { encodeReadOut, registerLine } from '../iec62056-21/encode.js';
import type { DecoderOptions, SerialSettings } from '../meter-protocol.js';
import { protocols } from '../protocols.js';
import { Detector, detectMsMax, type DetectorOutput } from './detector.js';

/** Seeded trials of each kind; more with `DETECT_TRIALS=100`. */
const trials = Number(process.env['DETECT_TRIALS'] ?? 20);
const shareMin = 0.95;

const at = (baudRate: number, form: '8N1' | '8E1' | '7E1' = '8N1'): SerialSettings => ({
  baudRate,
  dataBits: form.startsWith('7') ? 7 : 8,
  parity: form[1] === 'E' ? 'even' : 'none',
  stopBits: 1,
});
const options: DecoderOptions = { standardOffsetMinutes: 60 };
const framesOf = (name: string): readonly (readonly Uint8Array[])[] =>
  conformanceSamples.filter(({ protocol }) => protocol === name).map(({ frames }) => frames);
const sampleOptions = (name: string): DecoderOptions =>
  conformanceSamples.find(({ protocol }) => protocol === name)!.options;

const [p1, p1OfTwo] = framesOf('dsmr') as [readonly Uint8Array[], readonly Uint8Array[]];
const [hdlc, , austrian] = framesOf('dlms')[0]!;
const [historique, standard] = framesOf('tic')[0]!;
const readOut = encodeReadOut({
  identification: 'EMH5eHZ-IW8E2A',
  lines: ['1.8.0*255', '2.8.0*255', '21.7.255*255', '61.7.255*255'].map((code) =>
    registerLine(`1-0:${code}`, 123.4, code.startsWith('1') ? 'kWh' : 'W'),
  ),
});

interface Kind extends Pushing {
  readonly protocol: string;
  readonly options?: DecoderOptions;
}

const kinds: Readonly<Record<string, Kind>> = {
  'DSMR 5 at 115200 8N1': {
    protocol: 'dsmr',
    settings: at(115_200),
    frames: p1,
    intervalMs: 1_000,
  },
  'DSMR 4 every 10 s': { protocol: 'dsmr', settings: at(115_200), frames: p1, intervalMs: 10_000 },
  'DSMR 2.2 at 9600 7E1': {
    protocol: 'dsmr',
    settings: at(9_600, '7E1'),
    frames: p1OfTwo,
    intervalMs: 10_000,
  },
  'SML at 9600 8N1': {
    protocol: 'sml',
    settings: at(9_600),
    frames: framesOf('sml')[0]!.slice(0, 1),
    intervalMs: 2_000,
  },
  'DLMS over HDLC at 2400 8E1': {
    protocol: 'dlms',
    settings: at(2_400, '8E1'),
    frames: [hdlc!],
    intervalMs: 2_500,
  },
  'DLMS over HDLC at 2400 8N1, every 10 s': {
    protocol: 'dlms',
    settings: at(2_400),
    frames: [hdlc!],
    intervalMs: 10_000,
  },
  'ciphered DLMS over M-Bus at 2400 8E1': {
    protocol: 'dlms',
    settings: at(2_400, '8E1'),
    frames: [austrian!],
    intervalMs: 5_000,
    options: sampleOptions('dlms'),
  },
  'ciphered DLMS without its key': {
    protocol: 'dlms',
    settings: at(2_400, '8E1'),
    frames: [austrian!],
    intervalMs: 5_000,
  },
  'TIC historique at 1200 7E1': {
    protocol: 'tic',
    settings: at(1_200, '7E1'),
    frames: [historique!],
    intervalMs: 1_300,
  },
  'TIC standard at 9600 7E1': {
    protocol: 'tic',
    settings: at(9_600, '7E1'),
    frames: [standard!],
    intervalMs: 1_000,
  },
  'IEC 62056-21 pushed at 9600 7E1': {
    protocol: 'iec62056-21',
    settings: at(9_600, '7E1'),
    frames: [readOut],
    intervalMs: 2_000,
  },
  'lines of text at 9600 8N1': {
    protocol: 'text-line',
    settings: at(9_600),
    frames: [...framesOf('text-line')[0]!],
    intervalMs: 1_000,
    options: conformanceSamples.find(({ protocol }) => protocol === 'text-line')!.options,
  },
};

function detect(
  meter: BenchMeter,
  given: DecoderOptions = options,
): DetectorOutput & { ms: number } {
  const detector = new Detector(protocols, given);
  const { output, nowMs } = runBench(
    meter,
    (now, bytes) => detector.step({ nowMs: now, bytes }),
    ({ outcome }) => outcome !== null,
    detectMsMax + 1_000,
  );
  return { ...output, ms: nowMs };
}

describe('finds, with noise and from any moment on', () => {
  test.each(Object.entries(kinds))(
    '%s',
    (name, { protocol, settings, options: given, ...rest }) => {
      let right = 0;
      let longestMs = 0;
      const wrong: unknown[] = [];
      for (let seed = 1; seed <= trials; seed += 1) {
        const pushes = pushing({ settings, ...rest }, chanceOf(seed * 7_919));
        const { outcome, ms } = detect({ pushes }, given);
        longestMs = Math.max(longestMs, ms);
        const found = outcome === 'nothing' ? null : outcome;
        if (found?.protocol === protocol && found.settings.baudRate === settings.baudRate)
          right += 1;
        else wrong.push({ seed, found: found && { ...found, telegram: null } });
      }
      console.info(`${name}: right in ${right} of ${trials}, within ${Math.round(longestMs)} ms`);
      if (right < trials) console.info(JSON.stringify(wrong.slice(0, 3)));
      expect(right).toBeGreaterThanOrEqual(trials * shareMin);
      expect(longestMs).toBeLessThanOrEqual(detectMsMax);
    },
  );
});

const signOnAt =
  (baudRate: number): BenchMeter['answers'] =>
  (sent, nowMs, settings) => {
    const text = Buffer.from(sent).toString('latin1');
    const says = (afterMs: number, said: string | Uint8Array, rate: number): Burst => ({
      atMs: nowMs + afterMs,
      bytes: typeof said === 'string' ? Buffer.from(said, 'latin1') : said,
      settings: at(rate, '7E1'),
    });
    if (settings.baudRate !== baudRate) return [];
    if (text.endsWith('/?!\r\n')) return [says(700, '/ISk5MT174-0001\r\n', baudRate)];
    if (!text.endsWith('\x06050\r\n')) return [];
    const lines = [registerLine('1.8.0', 285.4, 'kWh'), registerLine('1.8.1', 185.4, 'kWh')];
    return [says(1_000, encodeReadOut({ lines, blockCheck: true }), 9_600)];
  };

test('signs on to a meter that says nothing unasked', () => {
  const { outcome, ms } = detect({ answers: signOnAt(300) });
  expect(outcome).toMatchObject({ protocol: 'iec62056-21', settings: at(9_600, '7E1') });
  expect(ms).toBeLessThan(30_000);
});

test('asks an M-Bus meter', () => {
  const frame = framesOf('mbus')[0]![0]!;
  const answers: BenchMeter['answers'] = (sent, nowMs, settings) => {
    if (settings.baudRate !== 2_400 || sent[0] !== 0x10) return [];
    const isReset = sent[1] === 0x40;
    const bytes = isReset ? Uint8Array.of(0xe5) : frame;
    return [{ atMs: nowMs + 60, bytes, settings: at(2_400, '8E1') }];
  };
  const { outcome, ms } = detect({ answers });
  expect(outcome).toMatchObject({ protocol: 'mbus', certainty: 0.99, settings: at(2_400, '8E1') });
  expect(ms).toBeLessThan(40_000);
});

test('recognises nothing in silence and in lasting noise, within the time', () => {
  expect(detect({}).outcome).toBe('nothing');
  const chance = chanceOf(4);
  function* noise(): Generator<Burst> {
    for (let atMs = 0; ; atMs += 400) {
      const bytes = Uint8Array.from({ length: 40 }, () => Math.floor(chance() * 256));
      yield { atMs, bytes, settings: at(9_600) };
    }
  }
  const { outcome, ms } = detect({ pushes: noise() });
  expect(outcome).toBe('nothing');
  expect(ms).toBeLessThanOrEqual(detectMsMax + 1_000);
});

test('keeps to settings that a person has stated', () => {
  const detector = new Detector(protocols, options, { baudRate: 4_800 });
  const rates = new Set<number>();
  runBench(
    {},
    (nowMs, bytes) => {
      const output = detector.step({ nowMs, bytes });
      if (output.doing.startsWith('listening')) {
        for (const effect of output.effects) {
          if ('settings' in effect) rates.add(effect.settings.baudRate);
        }
      }
      return output;
    },
    ({ outcome }) => outcome !== null,
    detectMsMax,
  );
  expect([...rates]).toEqual([4_800]);
});
