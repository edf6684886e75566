import { describe, expect, test } from '@jest/globals';
import {
  chanceOf,
  pushing,
  runBench,
  type BenchMeter,
  type Burst,
  type Pushing,
} from './serial-bench.js';
import { conformanceSamples } from '../../test/conformance-samples.js';
import { at, detect, expectFound, framesOf, options } from '../../test/detection-trials.js';
import { encodeReadOut, registerLine } from '../iec62056-21/encode.js';
import type { DecoderOptions } from '../meter-protocol.js';
import { protocols } from '../protocols.js';
import { Detector, detectMsMax } from './detector.js';

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

describe('finds, with noise and from any moment on', () => {
  test.each(Object.entries(kinds))(
    '%s',
    (name, { protocol, settings, options: given, ...rest }) => {
      const meterOf = (seed: number) => ({
        pushes: pushing({ settings, ...rest }, chanceOf(seed * 7_919)),
      });
      expectFound(name, { protocol, settings, meterOf, ...(given ? { options: given } : {}) });
    },
  );
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
