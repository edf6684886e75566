import { expect, test } from '@jest/globals';
import {
  chanceOf,
  encodeDsmr,
  pushing,
  runBench,
  type Burst,
  type SerialSettings,
} from '@wattbus/meter-protocols';
import { Config } from '@wattbus/service-config';
import { MeterInput, type KnownLine } from './meter-input.js';

const meterWith = (given: Record<string, unknown> = {}) =>
  Config.parse({ meters: [{ name: 'main', port: '/dev/null', ...given }] }).meters[0]!;
const at = (baudRate: number): SerialSettings => ({
  baudRate,
  dataBits: 8,
  parity: 'none',
  stopBits: 1,
});
const frame = encodeDsmr({
  variant: '5.0',
  identification: 'ISK5\\2M550T-1012',
  meterId: 'E1',
  at: '2026-07-01T12:00:00+02:00',
  standardOffsetMinutes: 60,
  measured: { powerW: 431, energyImportTariff1Wh: 1_000 },
});
const speaking = (baudRate: number, seed: number): Generator<Burst> =>
  pushing({ settings: at(baudRate), frames: [frame], intervalMs: 1_000 }, chanceOf(seed));

const HOUR_MS = 3_600_000;
const known: KnownLine = { protocol: 'dsmr', settings: at(115_200) };

const at0 = (line: KnownLine | null) => ({ line, pulses: null, nowMs: 0 });

/** Runs an input on a line until a telegram was read or the time is over. */
function run(remembered: KnownLine | null, pushes: Iterator<Burst>, limitMs = 10 * 60_000) {
  const input = new MeterInput(meterWith(), { standardOffsetMinutes: 60 }, at0(remembered));
  let found: KnownLine | null = null;
  let sent = 0;
  const { output, nowMs } = runBench(
    { pushes },
    (now, bytes) => {
      const step = input.step({ nowMs: now, bytes });
      found ??= step.found;
      sent += step.effects.length;
      // The reader ticks once a second.
      return {
        ...step,
        effects: [...settingsAt(now), ...step.effects],
        wakeAtMs: Math.min(step.wakeAtMs, now + 1_000),
      };
    },
    ({ results }) => results.some((result) => 'registers' in result),
    limitMs,
  );
  function settingsAt(now: number) {
    return now === 0 ? [{ settings: input.settings }] : [];
  }
  return { input, found: found as KnownLine | null, read: output.results.length > 0, nowMs, sent };
}

test('finds a meter out and reads on with what it found', () => {
  const { input, found, nowMs } = run(null, speaking(115_200, 1));
  expect(found).toMatchObject(known);
  expect(input).toMatchObject({ protocol: 'dsmr', doing: '', settings: at(115_200) });
  expect(nowMs).toBeLessThan(5_000);
});

test('reads a remembered meter at once, without a search', () => {
  const { found, read, nowMs, sent } = run(known, speaking(115_200, 2));
  expect({ found, read, sent }).toEqual({ found: null, read: true, sent: 0 });
  expect(nowMs).toBeLessThan(5_000);
});

test('searches again after minutes of garbage, and finds the changed baud rate', () => {
  const { found, nowMs } = run(known, speaking(9_600, 3));
  expect(found).toMatchObject({ protocol: 'dsmr', settings: at(9_600) });
  expect(nowMs).toBeGreaterThan(120_000);
  expect(nowMs).toBeLessThan(200_000);
});

test('sends nothing to a remembered meter that is silent for hours, and reads it when it is back', () => {
  const back = speaking(115_200, 4);
  function* afterHours(): Generator<Burst> {
    for (const burst of back) yield { ...burst, atMs: burst.atMs + 5 * HOUR_MS };
  }
  const { found, read, nowMs, sent } = run(known, afterHours(), 6 * HOUR_MS);
  expect({ found, read, sent }).toEqual({ found: null, read: true, sent: 0 });
  expect(nowMs).toBeLessThan(5 * HOUR_MS + 5_000);
});

test('comes back from a search that a stretch of garbage began', () => {
  const chance = chanceOf(5);
  const meter = speaking(115_200, 6);
  function* garbageThenMeter(): Generator<Burst> {
    for (let atMs = 0; atMs < 300_000; atMs += 500) {
      const bytes = Uint8Array.from({ length: 60 }, () => Math.floor(chance() * 256));
      yield { atMs, bytes, settings: at(115_200) };
    }
    for (const burst of meter) yield { ...burst, atMs: burst.atMs + 300_000 };
  }
  const { input, read, nowMs } = run(known, garbageThenMeter());
  expect(read).toBe(true);
  expect(input.settings).toEqual(at(115_200));
  expect(nowMs).toBeLessThan(300_000 + 70_000);
});

test('keeps to a protocol that is configured', () => {
  const input = new MeterInput(
    meterWith({ protocol: 'sml', baudRate: 4_800 }),
    { standardOffsetMinutes: 60 },
    at0(known),
  );
  expect(input).toMatchObject({ protocol: 'sml', settings: at(4_800) });
});
