import {
  estimatesOf,
  featuresOf,
  initialModels,
  learnDay,
  learnOutcomes,
  type Features,
  type Models,
} from './candidates.js';
import { ewMean } from './load-profile.js';
import { addHour, emptySeries, type LoadSeries } from './load-series.js';
import { HOURS_OF_DAY, slotOf, type LoadHour } from './local-hours.js';
import { initialQuantiles, learnQuantiles, quantilesOf, type LoadQuantiles } from './quantiles.js';
import { addDay, initialSkill, scoreDay, type ScoredHour, type Skill } from './skill.js';
import {
  issuedShift,
  issueWeather,
  learnWeather,
  nextWeather,
  type TemperatureAt,
  type WeatherState,
} from './weather.js';

/**
 * What is known of a load's habits. Learns when a local day ends; between, hours are only noted.
 * Plain JSON, the same bytes from the same hours.
 */
export interface ForecastState {
  /** What models count in, so that a fridge and a workshop are alike to them. */
  readonly unitWh: number | null;
  readonly series: LoadSeries;
  readonly today: LoadDay | null;
  readonly models: Models;
  readonly quantiles: LoadQuantiles;
  readonly skill: Skill;
  /** How the hours of the clock divide into their quarters. */
  readonly quarterShares: readonly (readonly number[])[];
  /** Features of today's hours as they were at midnight, to learn from when the day is over. */
  readonly issued: Features | null;
  readonly daysLearned: number;
  /** There once the outdoor temperature has been known. */
  readonly weather?: WeatherState | null;
}

/** The measured hours of a local day, in Wh. */
export interface LoadDay {
  readonly day: number;
  readonly hoursWh: readonly (number | null)[];
}

const unknownDay = (day: number): LoadDay => ({
  day,
  hoursWh: Array<null>(HOURS_OF_DAY).fill(null),
});

export const initialForecast: ForecastState = {
  unitWh: null,
  series: emptySeries,
  today: null,
  models: initialModels,
  quantiles: initialQuantiles,
  skill: initialSkill,
  quarterShares: Array.from({ length: HOURS_OF_DAY }, () => [0.25, 0.25, 0.25, 0.25]),
  issued: null,
  daysLearned: 0,
};

/** Until so many days are known, the profile is the forecast. */
const PROFILE_DAYS = 10;
/** A day with fewer measured hours does not count as known. */
const KNOWN_HOURS_MIN = 20;
const QUARTER_SHARE = 0.1;

/** Takes a closed hour; the last one of a day makes the forecast of the next. */
export function nextForecast(
  state: ForecastState,
  hour: LoadHour,
  temperatureAt?: TemperatureAt,
): ForecastState {
  if (state.today && hour.day < state.today.day) return state;
  const turned = state.today?.day === hour.day ? state : turnTo(state, hour.day);
  const { hoursWh } = turned.today!;
  const weather = nextWeather(turned.weather ?? null, hour, temperatureAt);
  const next: ForecastState = {
    ...turned,
    ...(weather && { weather }),
    series: addHour(turned.series, slotOf(hour), hour.wh),
    today: { day: hour.day, hoursWh: hoursWh.with(hour.hour, hour.wh ?? hoursWh[hour.hour]!) },
    quarterShares: learnShares(turned.quarterShares, hour),
  };
  return hour.hour === HOURS_OF_DAY - 1 ? turnTo(next, hour.day + 1) : next;
}

/** Closes the day that is open and makes the forecast of another at its midnight. */
function turnTo(state: ForecastState, day: number): ForecastState {
  const closed = state.today ? closeDay(state, state.today) : state;
  // Hours missing before midnight are filled here, so that features see whole days.
  const lastSlot = slotOf({ day, hour: 0 }) - 1;
  const series =
    lastSlot < closed.series.endSlot ? closed.series : addHour(closed.series, lastSlot, null);
  const ready = closed.unitWh !== null && closed.daysLearned >= PROFILE_DAYS;
  const weather = ready ? issueWeather(closed.weather ?? null, lastSlot + 1) : null;
  return {
    ...closed,
    ...(weather && { weather }),
    series,
    today: unknownDay(day),
    issued: ready ? featuresOf(closed.models, series, closed.unitWh, HOURS_OF_DAY) : null,
  };
}

function closeDay(state: ForecastState, { day, hoursWh }: LoadDay): ForecastState {
  const measured = hoursWh.filter((wh) => wh !== null);
  if (measured.length === 0) return state;
  const unitWh = state.unitWh ?? unitFor(measured);
  const loads = hoursWh.map((wh) => (wh === null ? null : wh / unitWh));
  const learned = state.issued ? learnIssued(state, state.issued, day, loads) : {};
  const hours = loads.flatMap((load, hour) =>
    load === null ? [] : [{ slot: slotOf({ day, hour }), load }],
  );
  const { models } = { ...state, ...learned };
  return {
    ...state,
    ...learned,
    unitWh,
    models: learnDay(models, hours),
    daysLearned: state.daysLearned + (measured.length >= KNOWN_HOURS_MIN ? 1 : 0),
  };
}

/** Scores the forecast of midnight, then learns from it. */
function learnIssued(
  { models, quantiles, skill, weather }: ForecastState,
  issued: Features,
  day: number,
  loads: readonly (number | null)[],
): Pick<ForecastState, 'models' | 'quantiles' | 'skill' | 'weather'> {
  const scored: ScoredHour[] = [];
  const missed = loads.map((): number | null => null);
  let learned = quantiles;
  estimatesOf(models, issued).forEach((estimates, hour) => {
    const load = loads[hour]!;
    if (load === null) return;
    const shift = issuedShift(weather, hour);
    const plain = estimates.typical[skill.typical];
    const typical = Math.max(0, plain + shift);
    const mean = Math.max(0, estimates.mean[skill.mean] + shift);
    missed[hour] = load - plain;
    const levels = quantilesOf(quantiles, hour, typical);
    scored.push({ estimates, typical, mean, quantiles: levels, load });
    learned = learnQuantiles(learned, hour, typical, load);
  });
  return {
    models: learnOutcomes(models, issued, loads),
    quantiles: learned,
    skill: addDay(skill, scoreDay(day, scored)),
    ...(weather && { weather: learnWeather(weather, missed) }),
  };
}

/** The power of a hundred of which a usual hour is near 0.6: for most homes a kilowatt-hour. */
export function unitFor(hoursWh: readonly number[]): number {
  const meanWh = hoursWh.reduce((sum, wh) => sum + wh, 0) / hoursWh.length;
  return meanWh > 0 ? Math.max(10, 1000 * 100 ** Math.round(Math.log10(meanWh / 600) / 2)) : 1000;
}

function learnShares(
  shares: ForecastState['quarterShares'],
  { hour, wh, quartersWh }: LoadHour,
): ForecastState['quarterShares'] {
  if (wh === null || wh <= 0) return shares;
  return shares.with(
    hour,
    shares[hour]!.map((share, i) => ewMean(share, quartersWh[i]! / wh, QUARTER_SHARE)),
  );
}
