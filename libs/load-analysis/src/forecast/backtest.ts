import type { Calendar } from '@wattbus/tariffs';
import { estimatesOf, typicalNames, type TypicalName } from './candidates.js';
import { featureAt } from './features.js';
import { initialForecast, nextForecast, type ForecastState } from './forecast.js';
import {
  HOURS_OF_DAY,
  localQuarter,
  slotOf,
  takeQuarter,
  type LoadQuarter,
  type OpenHour,
} from './local-hours.js';
import { pinball } from './metrics.js';
import { issuedShift, type TemperatureAt } from './weather.js';
import { quantileLevels, quantilesOf } from './quantiles.js';

/** Errors of one way to forecast the hours of the next local day at its first midnight. */
export interface MethodScore {
  /** Mean absolute error over mean load. */
  readonly nmae: number;
  /** Mean absolute error over that of the seasonal naive forecast in the whole series. */
  readonly mase: number;
  /** What is forecast too much, over the load. */
  readonly bias: number;
}

export interface BacktestReport {
  readonly days: number;
  readonly hours: number;
  readonly meanWhPerHour: number;
  /** What the analyzer publishes as typical and as mean. */
  readonly typical: MethodScore;
  readonly mean: MethodScore;
  /** The load of a day and of a week before. */
  readonly naive: { readonly day: MethodScore; readonly week: MethodScore };
  /** The candidates among which the typical load is chosen. */
  readonly candidates: Readonly<Record<TypicalName, MethodScore>>;
  /** Days on which each was chosen. */
  readonly chosen: Readonly<Record<TypicalName, number>>;
  readonly quantiles: readonly {
    readonly level: number;
    /** Mean cost over mean load. */
    readonly pinball: number;
    /** Share of hours at or below. */
    readonly below: number;
  }[];
}

/** The first days are for learning. */
export const BACKTEST_SKIP_DAYS = 28;

export interface BacktestOptions {
  readonly skipDays?: number | undefined;
  readonly temperatureAt?: TemperatureAt | undefined;
}

/** Plays a load through the forecast; null where the series is too short to test any day. */
export function backtest(
  quarters: Iterable<LoadQuarter>,
  calendar: Calendar,
  { skipDays = BACKTEST_SKIP_DAYS, temperatureAt }: BacktestOptions = {},
): BacktestReport | null {
  const played = play(quarters, calendar, { skipDays, temperatureAt });
  const naiveError = seasonalNaive(played.loads);
  if (played.issues.length === 0 || naiveError === null) return null;
  const pairs = played.issues.flatMap((issue) =>
    issue.hours.flatMap((hour, i) => {
      const wh = played.loads.get(issue.day * HOURS_OF_DAY + i);
      return wh === undefined ? [] : [{ ...hour, wh }];
    }),
  );
  const score = (of: (hour: IssuedHour) => number): MethodScore => scoreOf(pairs, of, naiveError);
  const meanWh = pairs.reduce((sum, { wh }) => sum + wh, 0) / pairs.length;
  return {
    days: played.issues.length,
    hours: pairs.length,
    meanWhPerHour: meanWh,
    typical: score(({ typical }) => typical),
    mean: score(({ mean }) => mean),
    naive: {
      day: score(({ candidates }) => candidates.yesterday),
      week: score(({ week }) => week),
    },
    candidates: byName((name) => score(({ candidates }) => candidates[name])),
    chosen: byName((name) => played.issues.filter(({ chosen }) => chosen === name).length),
    quantiles: quantileLevels.map((level, i) => ({
      level,
      pinball:
        pairs.reduce((sum, { wh, quantiles }) => sum + pinball(level, wh, quantiles[i]!), 0) /
        pairs.length /
        meanWh,
      below: pairs.filter(({ wh, quantiles }) => wh <= quantiles[i]!).length / pairs.length,
    })),
  };
}

/** An hour of a forecast, in Wh. */
interface IssuedHour {
  readonly typical: number;
  readonly mean: number;
  readonly week: number;
  readonly candidates: Readonly<Record<TypicalName, number>>;
  readonly quantiles: readonly number[];
}

interface Issue {
  readonly day: number;
  readonly chosen: TypicalName;
  readonly hours: readonly IssuedHour[];
}

function play(
  quarters: Iterable<LoadQuarter>,
  calendar: Calendar,
  { skipDays = BACKTEST_SKIP_DAYS, temperatureAt }: BacktestOptions,
) {
  const loads = new Map<number, number>();
  const issues: Issue[] = [];
  let open: OpenHour | null = null;
  let state = initialForecast;
  let firstDay: number | null = null;
  for (const quarter of quarters) {
    const local = localQuarter(quarter.startMs, calendar.dayOf(quarter.startMs));
    const taken = takeQuarter(open, quarter, local);
    open = taken.open;
    for (const hour of taken.closed) {
      if (hour.wh !== null) loads.set(slotOf(hour), hour.wh);
      // A day begins to count where its first hour is known.
      firstDay ??= hour.hour === 0 ? hour.day : hour.day + 1;
      const next = nextForecast(state, hour, temperatureAt);
      const turned = next.today !== null && next.today.day !== state.today?.day;
      state = next;
      if (!turned || state.today!.day - firstDay < skipDays) continue;
      const issue = issueOf(state);
      if (issue) issues.push(issue);
    }
  }
  return { loads, issues: issues.filter(({ day }) => loads.has(day * HOURS_OF_DAY)) };
}

/** What the analyzer would publish at midnight. */
function issueOf(state: ForecastState): Issue | null {
  const { issued, unitWh, models, skill, quantiles, today } = state;
  if (!issued || unitWh === null || !today) return null;
  const hours = estimatesOf(models, issued).map(({ typical, mean }, hour): IssuedHour => {
    const shift = issuedShift(state.weather, hour);
    const chosen = Math.max(0, typical[skill.typical] + shift);
    return {
      typical: chosen * unitWh,
      mean: Math.max(0, mean[skill.mean] + shift) * unitWh,
      week: issued.linear[hour]![featureAt('weekBefore')]! * unitWh,
      candidates: byName((name) => typical[name] * unitWh),
      quantiles: quantilesOf(quantiles, hour, chosen).map((load) => load * unitWh),
    };
  });
  return { day: today.day, chosen: skill.typical, hours };
}

/** Mean error of the load of a day before, over all pairs of measured hours. */
function seasonalNaive(loads: ReadonlyMap<number, number>): number | null {
  let sum = 0;
  let count = 0;
  for (const [slot, wh] of loads) {
    const before = loads.get(slot - HOURS_OF_DAY);
    if (before === undefined) continue;
    sum += Math.abs(wh - before);
    count += 1;
  }
  return sum > 0 ? sum / count : null;
}

function scoreOf(
  pairs: readonly (IssuedHour & { readonly wh: number })[],
  of: (hour: IssuedHour) => number,
  naiveError: number,
): MethodScore {
  let absolute = 0;
  let excess = 0;
  let load = 0;
  for (const pair of pairs) {
    const difference = of(pair) - pair.wh;
    absolute += Math.abs(difference);
    excess += difference;
    load += pair.wh;
  }
  return {
    nmae: absolute / load,
    mase: absolute / pairs.length / naiveError,
    bias: excess / load,
  };
}

const byName = <Value>(of: (name: TypicalName) => Value): Record<TypicalName, Value> =>
  Object.fromEntries(typicalNames.map((name) => [name, of(name)])) as Record<TypicalName, Value>;
