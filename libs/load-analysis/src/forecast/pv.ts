import type { Calendar } from '@wattbus/tariffs';
import { unitFor } from './forecast.js';
import { HORIZON_QUARTERS, scaled, type ForecastSpan, type HourEstimate } from './horizon.js';
import { ewMean } from './load-profile.js';
import { HOUR_MS, HOURS_OF_DAY, localQuarter, type LoadHour } from './local-hours.js';
import { initialQuantiles, learnQuantiles, quantilesOf, type LoadQuantiles } from './quantiles.js';
import { QUARTER_MS } from '../ledger/spread.js';

/** W that the panels are expected to give at an instant, past or to come; null where none is said. */
export type PvPowerAt = (atMs: number) => number | null;

/**
 * How a feed of expected production compares with what a meter of panels has shown. A feed knows the
 * sky, but not the tree before the roof: what it says is scaled by hour of the clock. All that it said
 * is kept with the hour in which it was known: the same state says the same. Plain JSON.
 */
export interface PvState {
  /** The end of the newest hour. */
  readonly fromMs: number;
  /** What the feed said then of the quarter-hours from there on. */
  readonly comingW: readonly (number | null)[];
  /** What it said at midnight, at first when it began, of the hours of the day: to compare them. */
  readonly issued: { readonly fromMs: number; readonly hoursWh: readonly (number | null)[] };
  /** What the quantiles count in; null until the feed has said more than zero. */
  readonly unitWh: number | null;
  /** By hour of the clock. */
  readonly hours: readonly PvHour[];
  readonly quantiles: LoadQuantiles;
  /** Usual error of an hour as the feed has it and as it is said here; of hours that are calibrated. */
  readonly errors: PvErrors | null;
}

/** Weighted means of the days on which both were known and the feed was not zero. */
interface PvHour {
  readonly fedWh: number;
  readonly madeWh: number;
  readonly days: number;
}

interface PvErrors {
  readonly hours: number;
  readonly feedWh: number;
  readonly calibratedWh: number;
  readonly madeWh: number;
}

export interface PvForecast {
  /** The end of the newest hour. */
  readonly fromMs: number;
  /** Of the 48 hours from there on those of which the feed says something, and their quarter-hours. */
  readonly hours: readonly ForecastSpan[];
  readonly quarters: readonly ForecastSpan[];
  readonly days: number;
  /** Errors over what the panels gave; null until an hour is calibrated. */
  readonly skill: { readonly feedNmae: number; readonly nmae: number } | null;
}

const QUARTERS_OF_HOUR = 4;
/** A day on which clocks go back has one more. */
const HOURS_OF_DAY_MAX = 25;
/** Before so many days of an hour the feed counts as it is. */
const CALIBRATED_DAYS_MIN = 5;
const SCALE_SHARE = 0.1;
/** At dawn a minute more or less makes any factor. */
const SCALE_MAX = 4;
/** A month of some twelve hours of light. */
const ERROR_SHARE = 1 / 336;

const initial: Omit<PvState, 'fromMs' | 'comingW' | 'issued'> = {
  unitWh: null,
  hours: Array.from({ length: HOURS_OF_DAY }, () => ({ fedWh: 0, madeWh: 0, days: 0 })),
  quantiles: initialQuantiles,
  errors: null,
};

/** Learns from an hour that closed and notes what is expected next; null while there is no feed. */
export function nextPv(
  state: PvState | null,
  hour: LoadHour,
  powerAt: PvPowerAt | undefined,
): PvState | null {
  if (!powerAt && !state) return null;
  if (state && hour.startMs < state.fromMs) return state;
  const fromMs = hour.startMs + HOUR_MS;
  const comingW = Array.from(
    { length: HORIZON_QUARTERS },
    (_, i) => powerAt?.(fromMs + i * QUARTER_MS) ?? null,
  );
  const learned = state ? learnHour(state, hour) : initial;
  const isOver = !state || fromMs >= state.issued.fromMs + HOURS_OF_DAY_MAX * HOUR_MS;
  if (!isOver && hour.hour < HOURS_OF_DAY - 1) {
    return { ...learned, fromMs, comingW, issued: state.issued };
  }
  const hoursWh = Array.from({ length: HOURS_OF_DAY_MAX }, (_, i) => hourWh(comingW, i));
  const lit = hoursWh.filter((wh) => wh !== null && wh > 0) as number[];
  const unitWh = learned.unitWh ?? (lit.length > 0 ? unitFor(lit) : null);
  return { ...learned, unitWh, fromMs, comingW, issued: { fromMs, hoursWh } };
}

/** What the panels are expected to give, as it was known when the newest hour closed. */
export function pvForecast(state: PvState, calendar: Calendar): PvForecast {
  const { fromMs, comingW, errors } = state;
  const hours: ForecastSpan[] = [];
  const quarters: ForecastSpan[] = [];
  for (let step = 0; step < HORIZON_QUARTERS / QUARTERS_OF_HOUR; step += 1) {
    const fedWh = hourWh(comingW, step);
    if (fedWh === null) continue;
    const startMs = fromMs + step * HOUR_MS;
    const { hour } = localQuarter(startMs, calendar.dayOf(startMs));
    const estimate = estimateOfHour(state, hour, fedWh);
    hours.push({ startMs, ...estimate });
    quartersOfHour(comingW, step).forEach((powerW, i) => {
      const share = fedWh === 0 ? 0 : quarterWh(powerW!) / fedWh;
      quarters.push(scaled(estimate, share, startMs + i * QUARTER_MS));
    });
  }
  const skill =
    errors && errors.madeWh > 0
      ? { feedNmae: errors.feedWh / errors.madeWh, nmae: errors.calibratedWh / errors.madeWh }
      : null;
  const days = Math.max(...state.hours.map((hour) => hour.days));
  return { fromMs, hours, quarters, days, skill };
}

const nothing: HourEstimate = { meanWh: 0, typicalWh: 0, p10Wh: 0, p50Wh: 0, p90Wh: 0 };

function estimateOfHour(state: PvState, hour: number, fedWh: number): HourEstimate {
  const meanWh = fedWh * scaleOf(state.hours[hour]!);
  if (meanWh === 0) return nothing;
  const unitWh = state.unitWh ?? unitFor([fedWh]);
  const levels = quantilesOf(state.quantiles, hour, meanWh / unitWh).map((load) => load * unitWh);
  const [p10Wh, p50Wh, p90Wh] = levels as [number, number, number];
  return { meanWh, typicalWh: p50Wh, p10Wh, p50Wh, p90Wh };
}

function learnHour(state: PvState, { startMs, hour, wh, exportWh }: LoadHour): PvState {
  const { issued, unitWh } = state;
  const fedWh = issued.hoursWh[(startMs - issued.fromMs) / HOUR_MS] ?? null;
  if (fedWh === null || fedWh === 0 || wh === null) return state;
  // What an inverter takes is part of what the home takes.
  const madeWh = Math.max(0, exportWh - wh);
  const known = state.hours[hour]!;
  const days = known.days + 1;
  const share = Math.max(SCALE_SHARE, 1 / days);
  const hours = state.hours.with(hour, {
    fedWh: ewMean(known.fedWh, fedWh, share),
    madeWh: ewMean(known.madeWh, madeWh, share),
    days,
  });
  if (!isCalibrated(known) || unitWh === null) return { ...state, hours };
  const saidWh = fedWh * scaleOf(known);
  const quantiles = learnQuantiles(state.quantiles, hour, saidWh / unitWh, madeWh / unitWh);
  const errors = nextErrors(state.errors, { fedWh, saidWh, madeWh });
  return { ...state, hours, quantiles, errors };
}

function nextErrors(
  errors: PvErrors | null,
  { fedWh, saidWh, madeWh }: { fedWh: number; saidWh: number; madeWh: number },
): PvErrors {
  const before = errors ?? { hours: 0, feedWh: 0, calibratedWh: 0, madeWh: 0 };
  const hours = before.hours + 1;
  const share = Math.max(ERROR_SHARE, 1 / hours);
  return {
    hours,
    feedWh: ewMean(before.feedWh, Math.abs(fedWh - madeWh), share),
    calibratedWh: ewMean(before.calibratedWh, Math.abs(saidWh - madeWh), share),
    madeWh: ewMean(before.madeWh, madeWh, share),
  };
}

const isCalibrated = ({ days }: PvHour): boolean => days >= CALIBRATED_DAYS_MIN;

const scaleOf = (hour: PvHour): number =>
  isCalibrated(hour) ? Math.min(SCALE_MAX, hour.madeWh / hour.fedWh) : 1;

const quarterWh = (powerW: number): number => powerW / QUARTERS_OF_HOUR;

const quartersOfHour = (comingW: PvState['comingW'], step: number): PvState['comingW'] =>
  comingW.slice(step * QUARTERS_OF_HOUR, (step + 1) * QUARTERS_OF_HOUR);

/** Null unless all of the hour is known. */
function hourWh(comingW: PvState['comingW'], step: number): number | null {
  let sumWh: number | null = 0;
  for (const powerW of quartersOfHour(comingW, step)) {
    sumWh = sumWh === null || powerW === null ? null : sumWh + quarterWh(powerW);
  }
  return sumWh;
}
