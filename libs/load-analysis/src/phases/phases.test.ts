import { describe, expect, test } from '@jest/globals';
import type { Measured, Reading } from '@wattbus/energy-model';
import { readingAt } from '../../test/readings.js';
import { neutralCurrentA, POWER_SPREAD_W_MAX, powerSpreadW, unbalance } from './balance.js';
import { balanceOf } from './current-windows.js';
import { currentsSummary } from './currents.js';
import { initialPhases, nextPhases, type PhaseEvent, type PhasesState } from './phases.js';
import { bandShare } from './voltage.js';

const start = Date.parse('2026-06-01T10:00:00Z');

function play(readings: readonly Reading[]): { state: PhasesState; events: PhaseEvent[] } {
  let state = initialPhases;
  const events: PhaseEvent[] = [];
  for (const reading of readings) {
    const step = nextPhases(state, reading, Date.parse(reading.at), 230);
    state = step.state;
    events.push(...step.events);
  }
  return { state, events };
}

const seconds = (values: readonly Measured[], stepS = 10): Reading[] =>
  values.map((measured, i) => readingAt(start + i * stepS * 1000, measured));

describe('golden numbers (energy.md §4.5)', () => {
  test('16, 6 and 2 A are 100 % out of balance, with 12.49 A in the neutral', () => {
    expect(unbalance([16, 6, 2])).toBeCloseTo(1, 12);
    expect(neutralCurrentA([16, 6, 2])).toBeCloseTo(12.49, 2);
  });

  test('230, 225 and 236 V are 2.46 % out of balance', () => {
    expect(100 * unbalance([230, 225, 236])).toBeCloseTo(2.46, 2);
  });

  test('3680, 1380 and 460 W differ by 3220 W, which is allowed', () => {
    expect(powerSpreadW([3680, 1380, 460])).toBe(3220);
    expect(powerSpreadW([3680, 1380, 460])).toBeLessThan(POWER_SPREAD_W_MAX);
  });
});

test('headroom is what the highest current of ten seconds leaves of the fuse', () => {
  const currents = [20, 5, 4, 3].map((currentL1A) => ({ currentL1A, currentL2A: -8 }));
  const { state } = play(seconds(currents, 4));
  expect(currentsSummary(state.currents, 25)).toEqual({
    headroomA: [20, 17, null],
    unbalance: null,
    neutralA: null,
  });
  expect(state.currents.length).toBeLessThanOrEqual(16);
});

describe('voltage', () => {
  const volts = (voltageL2V: number, count: number): Measured[] =>
    Array.from({ length: count }, () => ({ voltageL2V }));

  test('below 207 V for two readings is low, and normal again above 211.6 V', () => {
    const values = [230, 205, 230, 206, 205, 204, 209, 212].map((voltageL2V) => ({ voltageL2V }));
    const { events } = play(seconds(values));
    expect(events).toEqual([
      { event: 'voltage-low', atMs: start + 40_000, voltageV: 205, phase: 'L2' },
      { event: 'voltage-normal', atMs: start + 70_000, voltageV: 212, phase: 'L2' },
    ]);
  });

  test('of a ten-minute mean above 253 V is out of the band, and counts in the week', () => {
    const { state, events } = play(seconds([...volts(254, 60), ...volts(230, 61)]));
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ event: 'voltage-out-of-band', atMs: start, phase: 'L2' });
    expect(bandShare(state.voltages[1]!)).toBe(0.5);
  });

  test('of a few readings makes no mean', () => {
    expect(play(seconds([...volts(260, 5), ...volts(230, 1)], 120)).events).toEqual([]);
  });
});

describe('outages', () => {
  const at = (minutes: number, measured: Measured): Reading =>
    readingAt(start + minutes * 60_000, measured);

  test('are counted by the meter', () => {
    const { events } = play([
      at(0, { powerFailureCount: 7, voltageSagL1Count: 2 }),
      at(1, { powerFailureCount: 7, voltageSagL1Count: 5 }),
    ]);
    expect(events).toEqual([
      { event: 'voltage-sag', counter: 'voltageSagL1Count', atMs: start + 60_000, count: 3 },
    ]);
  });

  test.each([
    ['outage', { longPowerFailureCount: 2, energyImportWh: 500 }],
    ['likely-outage', { longPowerFailureCount: 1, energyImportWh: 500 }],
    ['data-gap', { longPowerFailureCount: 1, energyImportWh: 700 }],
  ])('silence of an hour is an %s by counter and register', (event, measured) => {
    const { events } = play([
      at(0, { longPowerFailureCount: 1, energyImportWh: 500 }),
      at(60, measured),
    ]);
    expect(events.at(-1)).toEqual({ event, fromMs: start, atMs: start + 3_600_000 });
  });

  test('a counter that fell is another meter’s', () => {
    expect(play([at(0, { powerFailureCount: 7 }), at(1, { powerFailureCount: 0 })]).events).toEqual(
      [],
    );
  });
});

test('currents of ten minutes tell their mean, their highest and how even they are', () => {
  const powered = (count: number, l1: number): Measured[] =>
    Array.from({ length: count }, () => ({ currentL1A: l1, currentL2A: -6, currentL3A: 2 }));
  const { state } = play(seconds([...powered(30, 12), ...powered(30, 20), ...powered(1, 5)]));
  const { last } = state.currentWindows;
  expect(last).toEqual({ startMs: start, meansA: [16, 6, 2], highestA: [20, 6, 2] });
  expect(balanceOf(last!)!.unbalance).toBeCloseTo(1, 12);
  expect(balanceOf(last!)!.neutralA).toBeCloseTo(12.49, 2);
  const single = play(seconds(Array.from({ length: 61 }, () => ({ currentL1A: 4 }))));
  expect(balanceOf(single.state.currentWindows.last!)).toBeNull();
});
