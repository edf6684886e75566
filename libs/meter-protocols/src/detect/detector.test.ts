import { describe, expect, test } from '@jest/globals';
import { at, detect, expectFound, framesOf, options } from '../../test/detection-trials.js';
import { protocols } from '../protocols.js';
import { benchMeters } from './bench-meters.js';
import { Detector, detectMsMax } from './detector.js';
import { chanceOf, runBench, type BenchMeter, type Burst } from './serial-bench.js';

describe('finds, with noise, missing answers and from any moment on', () => {
  test.each(benchMeters.map((kind) => [kind.name, kind] as const))('%s', expectFound);
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
