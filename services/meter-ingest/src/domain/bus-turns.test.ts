import { expect, test } from '@jest/globals';
import { isFault, type Telegram } from '@wattbus/energy-model';
import { CheckedConfig } from '@wattbus/service-config';
import { answerOfUnit, unitsMap } from '../../test/modbus-units.js';
import { BusTurns } from './bus-turns.js';
import { MeterInput } from './meter-input.js';

const inputAt = (unit: number): MeterInput => {
  const { meters } = CheckedConfig.parse({
    meters: [{ name: `m${unit}`, port: '/dev/bus', protocol: 'modbus', registerMap: unitsMap }],
  });
  return new MeterInput(
    meters[0]!,
    { standardOffsetMinutes: 60, address: String(unit), registerMap: unitsMap },
    { line: null, pulses: null, nowMs: 0 },
  );
};

interface Outcome {
  readonly powersW: readonly (readonly number[])[];
  readonly faults: readonly number[];
  readonly collisions: number;
}

/** Runs a bus on which an answer takes 40 ms; two questions under way are a collision. */
function run(units: readonly number[], present: readonly number[], untilMs: number): Outcome {
  const turns = new BusTurns(units.map(inputAt));
  const powersW: number[][] = units.map(() => []);
  const faults = units.map(() => 0);
  let collisions = 0;
  let answer: { atMs: number; bytes: Uint8Array } | null = null;
  for (let nowMs = 0; nowMs <= untilMs;) {
    const bytes = answer && answer.atMs <= nowMs ? answer.bytes : new Uint8Array(0);
    if (bytes.length > 0) answer = null;
    const { heard, effects, wakeAtMs } = turns.step({ nowMs, bytes });
    for (const [i, { results }] of heard.entries()) {
      for (const result of results) {
        if (isFault(result)) faults[i]! += 1;
        else powersW[i]!.push(powerOf(result));
      }
    }
    for (const effect of effects) {
      if (!('send' in effect)) continue;
      if (answer) collisions += 1;
      const reply = answerOfUnit(effect.send, (unit) => present.includes(unit));
      if (reply) answer = { atMs: nowMs + 40, bytes: reply };
    }
    nowMs = Math.max(nowMs + 1, Math.min(wakeAtMs, answer?.atMs ?? Infinity));
  }
  return { powersW, faults, collisions };
}

const powerOf = ({ registers }: Telegram): number =>
  Number(registers.find(({ obis }) => obis === '1-0:16.7.0')?.value);

test('every meter of a bus is read once a second, and each value is its own', () => {
  const { powersW, faults, collisions } = run([1, 2, 3], [1, 2, 3], 60_000);
  expect(collisions).toBe(0);
  expect(faults).toEqual([0, 0, 0]);
  for (const [i, powers] of powersW.entries()) {
    expect(new Set(powers)).toEqual(new Set([(i + 1) * 100]));
    expect(powers.length).toBeGreaterThan(50);
  }
});

test('one that is switched off is told, and the others are read on', () => {
  const { powersW, faults, collisions } = run([1, 2, 3], [1, 3], 600_000);
  expect(collisions).toBe(0);
  expect(powersW[1]).toEqual([]);
  expect(faults[1]).toBeGreaterThan(5);
  expect(powersW[0]!.length).toBeGreaterThan(450);
  expect(powersW[2]!.length).toBeGreaterThan(450);
});

test('one alone is read as without turns', () => {
  const { powersW, faults } = run([7], [7], 60_000);
  expect(faults).toEqual([0]);
  expect(powersW[0]!.length).toBeGreaterThan(55);
});
