import { describe, expect, test } from '@jest/globals';
import { boiler } from '../test/scenario.js';
import {
  allowedW,
  chooseShed,
  deficitW,
  demandAfter,
  hasRoomFor,
  isTimeToRestore,
  notYetInMeanW,
  predictedW,
} from './demand-limit.js';

const at540 = (energyWh: number) => ({ elapsedMs: 540_000, energyWh, meanPowerW: 5000 });

test('prediction, allowed rest and deficit of a quarter-hour', () => {
  // energy.md §1.6 and §6.2: E = 0.9 kWh at 540 s, P̄ = 5 kW, L = 4 kW.
  expect(predictedW(at540(900))).toBe(5600);
  expect(allowedW(at540(900), 4000)).toBe(1000);
  expect(deficitW(at540(900), 4000)).toBe(4000);
  expect(predictedW(at540(300))).toBe(3200);
  expect(allowedW(at540(300), 4000)).toBe(7000);
});

test('a quarter-hour goes on by itself, and into the next one', () => {
  const demand = { elapsedMs: 880_000, energyWh: 800, meanPowerW: 3600 };
  expect(demandAfter(demand, 10_000)).toEqual({ ...demand, elapsedMs: 890_000, energyWh: 810 });
  expect(demandAfter(demand, 20_000)).toEqual({ ...demand, elapsedMs: 0, energyWh: 0 });
  expect(demandAfter(demand, 30_000)).toEqual({ ...demand, elapsedMs: 10_000, energyWh: 10 });
});

test('the mean forgets a switched device at its own pace', () => {
  expect(notYetInMeanW(2000, 0)).toBe(2000);
  expect(notYetInMeanW(2000, 60_000)).toBeCloseTo(2000 / Math.E, 9);
});

describe('what to shed', () => {
  const device = (name: string, powerW: number, priority = 0) => ({
    ...boiler,
    name,
    powerW,
    priority,
  });
  const names = (devices: ReturnType<typeof device>[], deficit: number): string[] =>
    chooseShed(devices, deficit).map(({ name }) => name);

  test('is the smallest device of the priority that covers the deficit', () => {
    const devices = [device('big', 4000), device('small', 1000), device('fits', 2000)];
    expect(names(devices, 1500)).toEqual(['fits']);
  });

  test('is the largest first where none covers it', () => {
    const devices = [device('big', 4000), device('small', 1000), device('fits', 2000)];
    expect(names(devices, 4500)).toEqual(['big', 'small']);
    expect(names(devices, 9000)).toEqual(['big', 'fits', 'small']);
  });

  test('takes a higher priority number only when the lower ones are used up', () => {
    const devices = [device('important', 1500, 5), device('first', 1000, 1)];
    expect(names(devices, 800)).toEqual(['first']);
    expect(names(devices, 1500)).toEqual(['first', 'important']);
  });

  test('is nothing where there is no deficit', () => {
    expect(names([device('any', 1000)], 0)).toEqual([]);
  });
});

describe('restoring', () => {
  test('needs a tenth more room than the device takes', () => {
    const demand = { elapsedMs: 0, energyWh: 0, meanPowerW: 1000 };
    expect(hasRoomFor(demand, 3200, 2000)).toBe(true);
    expect(hasRoomFor(demand, 3199, 2000)).toBe(false);
  });

  test('waits for a minute of room, or for 15 s of a new quarter-hour', () => {
    const demand = (elapsedS: number) => ({
      elapsedMs: elapsedS * 1000,
      energyWh: 0,
      meanPowerW: 0,
    });
    expect(isTimeToRestore(demand(500), 0, 59_999)).toBe(false);
    expect(isTimeToRestore(demand(500), 0, 60_000)).toBe(true);
    expect(isTimeToRestore(demand(839), 0, 60_000)).toBe(true);
    expect(isTimeToRestore(demand(840), 0, 60_000)).toBe(false);
    expect(isTimeToRestore(demand(14), 0, 0)).toBe(false);
    expect(isTimeToRestore(demand(15), 0, 0)).toBe(true);
  });
});
