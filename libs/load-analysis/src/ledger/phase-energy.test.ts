import { expect, test } from '@jest/globals';
import type { Measured } from '@wattbus/energy-model';
import { createCalendar } from '@wattbus/tariffs';
import { readingAt } from '../../test/readings.js';
import { nextPhaseEnergy, phaseAmounts, type PhaseEnergyState } from './phase-energy.js';

const calendar = createCalendar('Europe/Brussels');
const STEP_MS = 10_000;

function play(fromMs: number, steps: number, measured: Measured): PhaseEnergyState | null {
  let state: PhaseEnergyState | null = null;
  for (let i = 0; i <= steps; i += 1) {
    const atMs = fromMs + i * STEP_MS;
    state = nextPhaseEnergy(state, readingAt(atMs, measured), atMs, calendar);
  }
  return state;
}

// energy.md §1.6: while the register counts the balance of 500 Wh.
test('an hour of +2000, −1500 and 0 W is 2000 Wh in, 1500 Wh out and nothing', () => {
  const powers = { powerL1W: 2000, powerL2W: -1500, powerL3W: 0 };
  const state = play(Date.parse('2026-06-01T10:00:00Z'), 360, powers)!;
  expect([0, 1, 2].map((phase) => phaseAmounts(state, phase)!.today)).toEqual([
    { importWh: 2000, exportWh: 0 },
    { importWh: 0, exportWh: 1500 },
    { importWh: 0, exportWh: 0 },
  ]);
});

test('the day begins anew at local midnight, the month goes on', () => {
  // An hour before midnight of the day before the clock goes forward, then two hours.
  const state = play(Date.parse('2026-03-28T22:00:00Z'), 720, { powerL1W: 1000 })!;
  expect(phaseAmounts(state, 0)).toEqual({
    // What lies between the last reading of a day and the first of the next is the next day's.
    today: { importWh: 1002, exportWh: 0 },
    month: { importWh: 2000, exportWh: 0 },
  });
  expect(phaseAmounts(state, 1)).toBeNull();
});

test('the month begins anew with its first day', () => {
  const state = play(Date.parse('2026-03-31T21:00:00Z'), 720, { powerL3W: -360 })!;
  expect(phaseAmounts(state, 2)!.month).toEqual(phaseAmounts(state, 2)!.today);
});

test('a meter that states no phase has none, and one that repeats itself counts once', () => {
  const atMs = Date.parse('2026-06-01T10:00:00Z');
  expect(nextPhaseEnergy(null, readingAt(atMs, { powerW: 5 }), atMs, calendar)).toBeNull();
  const state = play(atMs, 6, { powerL2W: 600 });
  expect(nextPhaseEnergy(state, readingAt(atMs, { powerL2W: 600 }), atMs, calendar)).toEqual(state);
});
