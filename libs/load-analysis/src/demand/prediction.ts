import { QUARTER_MS } from '../ledger/spread.js';

const HOUR_MS = 3_600_000;
/** Mean power follows a change with this time constant. */
const MEAN_POWER_TAU_MS = 60_000;

/** Mean demand of a quarter-hour whose energy is known. */
export const demandOfQuarterW = (energyWh: number): number => (energyWh * HOUR_MS) / QUARTER_MS;

/** Where the quarter-hour ends if power stays as it is. */
export function predictDemandW(quarter: {
  energyWh: number;
  elapsedMs: number;
  powerW: number;
}): number {
  const restWh = (quarter.powerW * (QUARTER_MS - quarter.elapsedMs)) / HOUR_MS;
  return demandOfQuarterW(quarter.energyWh + restWh);
}

/** Exponentially weighted mean of power over samples at any distance. */
export function meanPowerW(meanW: number, powerW: number, elapsedMs: number): number {
  return powerW + (meanW - powerW) * Math.exp(-elapsedMs / MEAN_POWER_TAU_MS);
}
