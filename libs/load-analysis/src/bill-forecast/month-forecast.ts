import { ewMean } from '../forecast/load-profile.js';

/** What a day takes, and how much days differ. Plain JSON. */
export interface DayEnergyState {
  readonly meanWh: number;
  readonly varianceWh2: number;
  readonly days: number;
}

export const initialDayEnergy: DayEnergyState = { meanWh: 0, varianceWh2: 0, days: 0 };

const MEAN_SHARE = 0.15;
const VARIANCE_SHARE = 0.1;
/** How much a day is like the one before. */
const LIKENESS = 0.3;
/** How far habits and weather drift in a month, as a share of what is still to come. */
export const DRIFT_SHARE = 0.16;
/** Half the width of the middle 80 % of a normal distribution, in standard deviations. */
const BAND = 1.2816;
/** From this day of the period on, what it has taken so far says as much as the mean. */
const PRORATION_DAYS_MIN = 5;

/** Takes the energy of a whole measured day. */
export function addDayEnergy(state: DayEnergyState, wh: number): DayEnergyState {
  const { meanWh, varianceWh2, days } = state;
  if (days === 0) return { meanWh: wh, varianceWh2: 0, days: 1 };
  const first = 1 / (days + 1);
  return {
    meanWh: ewMean(meanWh, wh, Math.max(MEAN_SHARE, first)),
    varianceWh2: ewMean(varianceWh2, (wh - meanWh) ** 2, Math.max(VARIANCE_SHARE, 1 / days)),
    days: days + 1,
  };
}

export interface PeriodSoFar {
  readonly soFarWh: number;
  /** Days of the period that are over and that are to come; parts of days count as such. */
  readonly elapsedDays: number;
  readonly remainingDays: number;
}

/** Energy of the whole period, Wh; a tariff is run on each of the three, for blocks are steps. */
export interface PeriodForecast {
  readonly p10Wh: number;
  readonly p50Wh: number;
  readonly p90Wh: number;
}

/** What a billing period will have taken at its end; null before the first whole day. */
export function periodForecast(
  state: DayEnergyState,
  { soFarWh, elapsedDays, remainingDays }: PeriodSoFar,
): PeriodForecast | null {
  if (state.days === 0) return null;
  const prorated = elapsedDays >= PRORATION_DAYS_MIN ? soFarWh / elapsedDays : state.meanWh;
  const dayWh = (state.meanWh + prorated) / 2;
  return bandOf({ soFarWh, dayWh, remainingDays, deviationWh: Math.sqrt(state.varianceWh2) });
}

export interface Rest {
  readonly soFarWh: number;
  readonly dayWh: number;
  /** Standard deviation of a day. */
  readonly deviationWh: number;
  readonly remainingDays: number;
}

/** The 80 % band: days that are alike in a row, and a drift that all days to come share. */
export function bandOf(
  { soFarWh, dayWh, deviationWh, remainingDays }: Rest,
  driftShare = DRIFT_SHARE,
): PeriodForecast {
  const p50Wh = soFarWh + remainingDays * dayWh;
  const ofDays = (deviationWh ** 2 * remainingDays * (1 + LIKENESS)) / (1 - LIKENESS);
  const ofDrift = (driftShare * dayWh * remainingDays) ** 2;
  const halfWh = BAND * Math.sqrt(ofDays + ofDrift);
  return { p10Wh: Math.max(soFarWh, p50Wh - halfWh), p50Wh, p90Wh: p50Wh + halfWh };
}
