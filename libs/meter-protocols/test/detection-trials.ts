import { expect } from '@jest/globals';
import type { Detected } from '../src/detect/detected.js';
import { Detector, detectMsMax, type DetectorOutput } from '../src/detect/detector.js';
import { isSame } from '../src/detect/evidence.js';
import { runBench, type BenchMeter } from '../src/detect/serial-bench.js';
import type { DecoderOptions, SerialSettings } from '../src/meter-protocol.js';
import { protocols } from '../src/protocols.js';
import { conformanceSamples } from './conformance-samples.js';

/** Seeded trials of each kind; another number with `DETECT_TRIALS`. */
export const trials = Number(process.env['DETECT_TRIALS'] ?? 100);
const shareMin = 0.95;

export const at = (baudRate: number, form: '8N1' | '8E1' | '7E1' = '8N1'): SerialSettings => ({
  baudRate,
  dataBits: form.startsWith('7') ? 7 : 8,
  parity: form[1] === 'E' ? 'even' : 'none',
  stopBits: 1,
});
export const options: DecoderOptions = { standardOffsetMinutes: 60 };
export const framesOf = (name: string): readonly (readonly Uint8Array[])[] =>
  conformanceSamples.filter(({ protocol }) => protocol === name).map(({ frames }) => frames);
export function detect(
  meter: BenchMeter,
  given: DecoderOptions = options,
  msMax = detectMsMax,
): DetectorOutput & { ms: number } {
  const detector = new Detector(protocols, given, {}, { msMax });
  const { output, nowMs } = runBench(
    meter,
    (now, bytes) => detector.step({ nowMs: now, bytes }),
    ({ outcome }) => outcome !== null,
    msMax + 1_000,
  );
  return { ...output, ms: nowMs };
}

interface Trials {
  readonly protocol: string;
  readonly settings: SerialSettings;
  readonly meterOf: (seed: number) => BenchMeter;
  readonly options?: DecoderOptions;
  readonly msMax?: number;
  /** Of what was found with the right settings. */
  readonly onFound?: (found: Detected, seed: number) => void;
}

/** Protocol, rate, parity and bits must be right in 95 of 100, and the answer there in time. */
export function expectFound(name: string, given: Trials): void {
  const { msMax = detectMsMax } = given;
  let right = 0;
  let longestMs = 0;
  const wrong: unknown[] = [];
  for (let seed = 1; seed <= trials; seed += 1) {
    const { outcome, ms } = detect(given.meterOf(seed), given.options, msMax);
    longestMs = Math.max(longestMs, ms);
    const found = outcome === 'nothing' ? null : outcome;
    if (found?.protocol === given.protocol && isSame(found.settings, given.settings)) {
      right += 1;
      given.onFound?.(found, seed);
    } else wrong.push({ seed, found: found && { ...found, telegrams: [], decoder: null } });
  }
  console.info(`${name}: right in ${right} of ${trials}, within ${Math.round(longestMs)} ms`);
  if (right < trials) console.info(JSON.stringify(wrong.slice(0, 3)));
  expect(right).toBeGreaterThanOrEqual(trials * shareMin);
  expect(longestMs).toBeLessThanOrEqual(msMax);
}
