import { describe, expect, test } from '@jest/globals';
import { newHouse, stepHouse, type House, type MeterView } from './house.js';
import { localTimeOf } from './local-time.js';

const zone = 'Europe/Amsterdam';
const start = Date.parse('2026-06-10T00:00:00+02:00');

function live(from: House, hours: number, stepS: number, boilerPlugOn = true): MeterView[] {
  const localTime = localTimeOf(zone);
  const views: MeterView[] = [];
  let house = from;
  for (let s = stepS; s <= hours * 3600; s += stepS) {
    const atMs = from.atMs + s * 1000;
    const stepped = stepHouse(house, { atMs, ...localTime(atMs), boilerPlugOn });
    house = stepped.house;
    views.push(stepped.view);
  }
  return views;
}

describe('the simulated house', () => {
  const day = live(newHouse(7, start), 24, 5);

  test('lives the same day again from the same seed, and another from another', () => {
    expect(live(newHouse(7, start), 6, 30)).toEqual(live(newHouse(7, start), 6, 30));
    expect(live(newHouse(8, start), 6, 30)).not.toEqual(live(newHouse(7, start), 6, 30));
  });

  test('uses what a house uses: 6 to 40 kWh a day, never below standby at night', () => {
    const used = day.at(-1)!.importWh.map((wh, i) => wh - day[0]!.importWh[i]!);
    const total = used[0]! + used[1]!;
    expect(total).toBeGreaterThan(6_000);
    expect(total).toBeLessThan(40_000);
    const night = day.filter(({ atMs }) => atMs < start + 3 * 3_600_000);
    expect(Math.min(...night.map(({ powerW }) => powerW))).toBeGreaterThan(100);
  });

  test('feeds in on a June noon', () => {
    expect(Math.min(...day.map(({ powerW }) => powerW))).toBeLessThan(-1_000);
  });

  test('counts registers that never fall and equal the integral of power', () => {
    for (const name of ['importWh', 'exportWh'] as const) {
      const sums = day.map((view) => view[name][0] + view[name][1]);
      expect(sums.every((wh, i) => i === 0 || wh >= sums[i - 1]!)).toBe(true);
      const sign = name === 'importWh' ? 1 : -1;
      const integral = day
        .slice(1)
        .reduce((wh, { powerW }) => wh + (Math.max(0, sign * powerW) * 5) / 3600, 0);
      expect(Math.abs(sums.at(-1)! - sums[0]! - integral)).toBeLessThan(2);
    }
  });

  test('uses less when the plug of the boiler is off', () => {
    const importWh = (views: MeterView[]): number => views.at(-1)!.importWh[0];
    expect(importWh(live(newHouse(7, start), 8, 30, false))).toBeLessThan(
      importWh(live(newHouse(7, start), 8, 30)) - 1_000,
    );
  });
});
