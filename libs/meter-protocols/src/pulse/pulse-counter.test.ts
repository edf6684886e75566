import { expect, test } from '@jest/globals';
import { PulseCounter, pulsesAtStart, pulseStateMsMax } from './pulse-counter.js';
import type { PulseOptions } from './pulse-options.js';

const electricity: PulseOptions = { input: 'byte', perUnit: 1000 };

/** What is stated at each of these times, with so many pulses since the one before. */
function stated(
  options: PulseOptions,
  total: number,
  steps: readonly (readonly [nowMs: number, pulses: number])[],
): readonly (Readonly<Record<string, unknown>> | null)[] {
  const counter = new PulseCounter(options, total);
  return steps.map(([nowMs, pulses]) => {
    const { telegram } = counter.step({ nowMs, pulses });
    return (
      telegram && Object.fromEntries(telegram.registers.map(({ label, value }) => [label, value]))
    );
  });
}

test('states the total that it begins with at once, and goes on from it', () => {
  expect(
    stated(electricity, 5_000, [
      [0, 0],
      [3_600, 1],
    ]),
  ).toEqual([
    { pulses: 5_000, energyImportWh: 5 },
    { pulses: 5_001, energyImportWh: 5.001 },
  ]);
});

test('states pulses at most once a second, and loses none', () => {
  const steps = Array.from({ length: 41 }, (_, i) => [i * 250, i === 0 ? 0 : 1] as const);
  const said = stated(electricity, 0, steps).filter((one) => one !== null);
  expect(said).toHaveLength(11);
  expect(said.at(-1)).toMatchObject({ pulses: 40 });
});

test('power is what the time between pulses says: 1000 a kWh, one in 3.6 s, is 1 kW', () => {
  const said = stated(electricity, 0, [
    [0, 0],
    [1_000, 1],
    [4_600, 1],
    [8_200, 2],
  ]);
  expect(said.map((one) => one?.['powerW'])).toEqual([undefined, undefined, 1_000, 2_000]);
});

test('power of what is fed in is negative', () => {
  const options: PulseOptions = { ...electricity, quantity: 'energyExportWh' };
  expect(
    stated(options, 0, [
      [0, 1],
      [3_600, 1],
    ])[1],
  ).toMatchObject({ powerW: -1_000 });
});

test('without pulses it states every five minutes how little power there can be', () => {
  const counter = new PulseCounter(electricity, 0);
  counter.step({ nowMs: 0, pulses: 1 });
  const { wakeAtMs } = counter.step({ nowMs: 3_600, pulses: 1 });
  expect(wakeAtMs).toBe(3_600 + pulseStateMsMax);
  const { telegram } = counter.step({ nowMs: wakeAtMs, pulses: 0 });
  expect(telegram?.registers).toContainEqual({ label: 'powerW', value: 12, unit: 'W' });
  expect(telegram?.registers[0]).toEqual({ label: 'pulses', value: 2 });
});

test('says at the end what it has not said, and nothing twice', () => {
  const counter = new PulseCounter(electricity, 0);
  counter.step({ nowMs: 0, pulses: 0 });
  expect(counter.step({ nowMs: 400, pulses: 3 }).telegram).toBeNull();
  expect(counter.end(500)?.registers[0]).toEqual({ label: 'pulses', value: 3 });
  expect(counter.end(600)).toBeNull();
});

test('a gas meter has a volume and no power', () => {
  const gas: PulseOptions = { input: 'state', perUnit: 100, quantity: 'volumeL', start: 1_234.56 };
  expect(pulsesAtStart(gas)).toBe(123_456);
  expect(
    stated(gas, pulsesAtStart(gas), [
      [0, 0],
      [5_000, 1],
      [9_000, 1],
    ])[2],
  ).toEqual({
    pulses: 123_458,
    volumeL: 1_234.58,
  });
});
