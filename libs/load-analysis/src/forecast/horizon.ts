import type { Calendar } from '@wattbus/tariffs';
import { estimatesOf, featuresOf, profileEstimate, type Features } from './candidates.js';
import type { ForecastState } from './forecast.js';
import { HOURS_OF_DAY, hourOfSlot, localQuarter, slotOf, type LoadQuarter } from './local-hours.js';
import { quantilesOf } from './quantiles.js';
import { summaryOf, type SkillSummary } from './skill.js';
import { issuedShift, weatherShift } from './weather.js';
import { QUARTER_MS } from '../ledger/spread.js';

/** Energy expected in a span of time. */
export interface ForecastSpan {
  readonly startMs: number;
  /** Sums of it are right: for energy, bills and batteries. */
  readonly meanWh: number;
  /** As likely to be exceeded as not: what the load usually looks like. */
  readonly typicalWh: number;
  /** Exceeded in nine, five and one of ten. */
  readonly p10Wh: number;
  readonly p50Wh: number;
  readonly p90Wh: number;
}

export interface LoadForecast {
  /** 48 hours of quarter-hours from the first that is not closed, and their whole hours. */
  readonly quarters: readonly ForecastSpan[];
  readonly hours: readonly ForecastSpan[];
  /** How good it has been; null while there is only the profile. */
  readonly skill: SkillSummary | null;
}

export const HORIZON_QUARTERS = 192;
const QUARTERS_OF_HOUR = 4;
/** The last measured quarter-hour goes on into the next ones, less and less. */
const REFRESH_QUARTERS = 4;

/**
 * The forecast from `fromMs`, the end of the last closed quarter-hour, made anew with all that is
 * known then; null until a day is known and every hour of the clock was measured once. `last` is the
 * newest measured quarter-hour.
 */
export function loadForecast(
  state: ForecastState,
  last: LoadQuarter | null,
  fromMs: number,
  calendar: Calendar,
): LoadForecast | null {
  const starts = Array.from({ length: HORIZON_QUARTERS }, (_, i) => fromMs + i * QUARTER_MS);
  const places = starts.map((startMs) => localQuarter(startMs, calendar.dayOf(startMs)));
  const hours = hourEstimates(state, slotOf(places.at(-1)!));
  if (!hours) return null;
  const firstSlot = state.series.endSlot;
  const quarters = places.map((place, i): ForecastSpan => {
    const hour = hours[Math.min(hours.length - 1, Math.max(0, slotOf(place) - firstSlot))]!;
    return scaled(hour, state.quarterShares[place.hour]![place.quarter]!, starts[i]!);
  });
  const refreshed = refresh(quarters, last);
  const firstWhole = places.findIndex(({ quarter }) => quarter === 0);
  const wholeHours: ForecastSpan[] = [];
  for (let i = firstWhole; i + QUARTERS_OF_HOUR <= quarters.length; i += QUARTERS_OF_HOUR) {
    wholeHours.push(sumOf(refreshed.slice(i, i + QUARTERS_OF_HOUR)));
  }
  return { quarters: refreshed, hours: wholeHours, skill: summaryOf(state.skill) };
}

export type HourEstimate = Omit<ForecastSpan, 'startMs'>;

/** An hour of today on the clock: as it was forecast at midnight, and what it took. */
export interface HourOfToday {
  readonly expected: HourEstimate | null;
  readonly actualWh: number | null;
}

/** Today so far. Models learn when a day is over, so they still say what they said at midnight. */
export function todaySoFar({ today, ...state }: ForecastState): readonly HourOfToday[] {
  if (!today) return [];
  const firstSlot = slotOf({ day: today.day, hour: 0 });
  const { issued, weather } = state;
  const shiftOf = (hour: number): number => issuedShift(weather, hour);
  const steps = today.hoursWh.length;
  const expected = estimatesFrom(state, firstSlot, { issued, steps, shiftOf });
  return today.hoursWh.map((actualWh, hour) => ({ expected: expected?.[hour] ?? null, actualWh }));
}

/** An estimate of every hour from the series' end to `lastSlot`; null where one is not known. */
function hourEstimates(state: ForecastState, lastSlot: number): HourEstimate[] | null {
  const { models, series, unitWh } = state;
  if (unitWh === null) return null;
  const steps = Math.max(1, lastSlot - series.endSlot + 1);
  const issued = state.issued ? featuresOf(models, series, unitWh, steps) : null;
  const shiftOf = (step: number): number => weatherShift(state.weather, series.endSlot + step);
  const hours = estimatesFrom(state, series.endSlot, { issued, steps, shiftOf })?.filter(
    (one) => one !== null,
  );
  return hours?.length === steps ? hours : null;
}

interface Issued {
  readonly issued: Features | null;
  readonly steps: number;
  /** What the weather adds to a step. */
  readonly shiftOf: (step: number) => number;
}

/** An estimate of each of some hours, by the models where there are features, else the profile. */
function estimatesFrom(
  state: Omit<ForecastState, 'today'>,
  firstSlot: number,
  { issued, steps, shiftOf }: Issued,
): (HourEstimate | null)[] | null {
  const { models, skill, unitWh, quantiles } = state;
  if (unitWh === null) return null;
  const hours = issued
    ? estimatesOf(models, issued).map(({ typical, mean }, step) => ({
        typical: Math.max(0, typical[skill.typical] + shiftOf(step)),
        mean: Math.max(0, mean[skill.mean] + shiftOf(step)),
      }))
    : Array.from({ length: steps }, (_, step) => {
        const load = usualLoad(state, firstSlot + step, unitWh);
        return load === null ? null : { typical: load, mean: load };
      });
  return hours.map((estimate, step) => {
    if (!estimate) return null;
    const { typical, mean } = estimate;
    const hour = hourOfSlot(firstSlot + step);
    const [p10, p50, p90] = quantilesOf(quantiles, hour, typical) as [number, number, number];
    return {
      meanWh: mean * unitWh,
      typicalWh: typical * unitWh,
      p10Wh: p10 * unitWh,
      p50Wh: p50 * unitWh,
      p90Wh: p90 * unitWh,
    };
  });
}

/** The profile's load, else that of the same hour on the last day that it was measured. */
function usualLoad(
  { models, series }: Pick<ForecastState, 'models' | 'series'>,
  slot: number,
  unitWh: number,
): number | null {
  const profiled = profileEstimate(models, slot);
  if (profiled !== null) return profiled;
  const behind = series.endSlot - slot;
  const days = Math.ceil((1 - behind) / HOURS_OF_DAY);
  const wh = series.valuesWh.at(-(behind + Math.max(1, days) * HOURS_OF_DAY));
  return wh === undefined ? null : wh / unitWh;
}

/** A load that runs now mostly runs on for a while. */
function refresh(
  quarters: readonly ForecastSpan[],
  last: LoadQuarter | null,
): readonly ForecastSpan[] {
  if (!last || last.wh === null || last.startMs + QUARTER_MS !== quarters[0]!.startMs) {
    return quarters;
  }
  const lastWh = last.wh;
  return quarters.map((quarter, i) => {
    const weight = Math.max(0, REFRESH_QUARTERS - i) / (REFRESH_QUARTERS + 1);
    if (weight === 0) return quarter;
    const excessWh = weight * (lastWh - quarter.typicalWh);
    const moved = (wh: number): number => Math.max(0, wh + excessWh);
    return mapped(quarter, quarter.startMs, moved);
  });
}

export const scaled = (hour: HourEstimate, share: number, startMs: number): ForecastSpan =>
  mapped(hour, startMs, (wh) => wh * share);

const mapped = (
  { meanWh, typicalWh, p10Wh, p50Wh, p90Wh }: HourEstimate,
  startMs: number,
  map: (wh: number) => number,
): ForecastSpan => ({
  startMs,
  meanWh: map(meanWh),
  typicalWh: map(typicalWh),
  p10Wh: map(p10Wh),
  p50Wh: map(p50Wh),
  p90Wh: map(p90Wh),
});

function sumOf(quarters: readonly ForecastSpan[]): ForecastSpan {
  const total = (name: keyof HourEstimate): number =>
    quarters.reduce((sum, quarter) => sum + quarter[name], 0);
  return {
    startMs: quarters[0]!.startMs,
    meanWh: total('meanWh'),
    typicalWh: total('typicalWh'),
    p10Wh: total('p10Wh'),
    p50Wh: total('p50Wh'),
    p90Wh: total('p90Wh'),
  };
}
