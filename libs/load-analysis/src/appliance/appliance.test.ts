import { expect, test } from '@jest/globals';
import { readingAt } from '../../test/readings.js';
import { kaifaPowers, testWithTimeSeries } from '../../test/corpus.js';
import {
  closeApplianceDay,
  initialAppliances,
  nextAppliances,
  type ApplianceState,
  type DeviceRun,
} from './appliance.js';
import { pairStep, type ApplianceRun, type OpenSteps } from './runs.js';
import { nextSteps, startSteps, type PowerStep } from './steps.js';

const start = Date.parse('2026-06-01T10:00:00Z');

interface Power {
  readonly atMs: number;
  readonly powerW: number;
}

const everyTenSeconds = (powersW: readonly number[], fromMs = start): Power[] =>
  powersW.map((powerW, i) => ({ atMs: fromMs + i * 10_000, powerW }));

function stepsAndRuns(powers: readonly Power[]): { steps: PowerStep[]; runs: ApplianceRun[] } {
  const [first, ...rest] = powers;
  let state = startSteps(first!.atMs, first!.powerW);
  let open: OpenSteps = [];
  const steps: PowerStep[] = [];
  const runs: ApplianceRun[] = [];
  for (const { atMs, powerW } of rest) {
    const next = nextSteps(state, atMs, powerW);
    state = next.state;
    if (!next.step) continue;
    steps.push(next.step);
    const pair = pairStep(open, next.step);
    open = pair.open;
    if (pair.run) runs.push(pair.run);
  }
  return { steps, runs };
}

function play(powers: readonly Power[], from = initialAppliances) {
  let state: ApplianceState = from;
  const runs: DeviceRun[] = [];
  for (const { atMs, powerW } of powers) {
    const step = nextAppliances(state, readingAt(atMs, { powerW }), atMs);
    state = step.state;
    runs.push(...step.runs);
  }
  return { state, runs };
}

const heater = [200, 202, 199, 201, 2200, 2205, 2198, 2202, 205, 201, 199];

test('a heater is +2002.0 W, −1998.25 W, 40 s and 22.2 Wh', () => {
  // energy.md §4.4.
  const { steps, runs } = stepsAndRuns(everyTenSeconds(heater));
  expect(steps.map(({ stepW }) => stepW)).toEqual([2002, -1998.25]);
  expect(runs).toHaveLength(1);
  expect(runs[0]!.toMs - runs[0]!.fromMs).toBe(40_000);
  expect(runs[0]!.energyWh).toBeCloseTo(22.2, 1);
});

test('runs that are alike are one device, with how often and how long', () => {
  const day = [heater, heater, heater].flatMap((one, i) =>
    everyTenSeconds(one, start + i * one.length * 10_000),
  );
  const { state, runs } = play(day);
  expect(runs.map(({ device, channel }) => [device, channel])).toEqual([
    [1, 'all'],
    [1, 'all'],
    [1, 'all'],
  ]);
  const [device] = closeApplianceDay(state).devices;
  expect(device).toMatchObject({ runs: 3, runsToday: 0, runsPerDay: 3, durationMs: 40_000 });
});

test('small loads are not spoken of', () => {
  expect(play(everyTenSeconds(heater.map((powerW) => powerW / 4))).runs).toEqual([]);
});

test('readings a minute apart, or a gap, make no runs', () => {
  const slow = heater.map((powerW, i) => ({ atMs: start + i * 60_000, powerW }));
  expect(play(slow).runs).toEqual([]);
  const cut = everyTenSeconds(heater).map(({ atMs, powerW }, i) => ({
    atMs: i < 6 ? atMs : atMs + 3_600_000,
    powerW,
  }));
  expect(play(cut).runs).toEqual([]);
});

test('devices and open steps are bounded', () => {
  const powers: number[] = [];
  for (let i = 0; i < 40; i += 1) {
    const powerW = 1100 + i * 150;
    powers.push(100, 100, 100, powerW, powerW, powerW);
  }
  const { state } = play(everyTenSeconds([...powers, 100, 100]));
  expect(state.devices.length).toBeLessThanOrEqual(16);
  expect(state.channels.all!.open.length).toBeLessThanOrEqual(20);
});

testWithTimeSeries('a real meter has 130 steps and 27 pairs, ten of them above a kilowatt', () => {
  const { steps, runs } = stepsAndRuns(kaifaPowers());
  const up = steps.filter(({ stepW }) => stepW > 0);
  const large = runs.filter(({ powerW }) => powerW >= 1000);
  expect([steps.length, up.length, runs.length, large.length]).toEqual([130, 81, 27, 10]);
});
