import {
  meanNames,
  typicalNames,
  type Estimates,
  type MeanName,
  type TypicalName,
} from './candidates.js';
import { pinball } from './metrics.js';
import { quantileLevels } from './quantiles.js';

/** How one day's forecast, made at its first midnight, turned out. Sums over measured hours. */
export interface DaySkill {
  readonly day: number;
  readonly hours: number;
  readonly load: number;
  /** In the order of `typicalNames` and of `meanNames`. */
  readonly absolute: readonly number[];
  readonly squared: readonly number[];
  /** Forecast less load of what was published. */
  readonly typicalExcess: number;
  readonly typicalAbsolute: number;
  readonly meanExcess: number;
  /** In the order of `quantileLevels`: hours at or below, and cost. */
  readonly below: readonly number[];
  readonly pinball: readonly number[];
}

/** The record of the last four weeks, by which the models are chosen. */
export interface Skill {
  readonly days: readonly DaySkill[];
  readonly typical: TypicalName;
  readonly mean: MeanName;
}

export const SKILL_DAYS_MAX = 28;
/** No choice is made on less. */
const SKILL_DAYS_MIN = 14;
/**
 * The first of the candidates is the best for most homes, so that another must be better by this
 * much to be taken: by less it was better by chance, and chance does not last.
 */
const BETTER_SHARE = 0.92;

export const initialSkill: Skill = { days: [], typical: 'logarithmic', mean: 'leastSquares' };

/** What was published for an hour, what the candidates said, and what it was. */
export interface ScoredHour {
  readonly estimates: Estimates;
  readonly typical: number;
  readonly mean: number;
  readonly quantiles: readonly number[];
  readonly load: number;
}

export function scoreDay(day: number, hours: readonly ScoredHour[]): DaySkill {
  const sum = (of: (hour: ScoredHour) => number): number =>
    hours.reduce((total, hour) => total + of(hour), 0);
  return {
    day,
    hours: hours.length,
    load: sum(({ load }) => load),
    absolute: typicalNames.map((name) =>
      sum(({ estimates, load }) => Math.abs(estimates.typical[name] - load)),
    ),
    squared: meanNames.map((name) =>
      sum(({ estimates, load }) => (estimates.mean[name] - load) ** 2),
    ),
    typicalExcess: sum(({ typical, load }) => typical - load),
    typicalAbsolute: sum(({ typical, load }) => Math.abs(typical - load)),
    meanExcess: sum(({ mean, load }) => mean - load),
    below: quantileLevels.map((_, i) =>
      sum(({ quantiles, load }) => (load <= quantiles[i]! ? 1 : 0)),
    ),
    pinball: quantileLevels.map((level, i) =>
      sum(({ quantiles, load }) => pinball(level, load, quantiles[i]!)),
    ),
  };
}

export function addDay(skill: Skill, scored: DaySkill): Skill {
  const days = [...skill.days, scored].slice(-SKILL_DAYS_MAX);
  if (days.length < SKILL_DAYS_MIN) return { ...skill, days };
  return {
    days,
    typical: bestOf(typicalNames, skill.typical, totals(days, 'absolute')),
    mean: bestOf(meanNames, skill.mean, totals(days, 'squared')),
  };
}

/** One that was taken stays until the first is as good again. */
function bestOf<Name extends string>(
  names: readonly Name[],
  chosen: Name,
  costs: readonly number[],
): Name {
  const best = costs.indexOf(Math.min(...costs));
  if (costs[best]! < costs[0]! * BETTER_SHARE) return names[best]!;
  return costs[names.indexOf(chosen)]! < costs[0]! ? chosen : names[0]!;
}

function totals(
  days: readonly DaySkill[],
  field: 'absolute' | 'squared' | 'below' | 'pinball',
): number[] {
  return days[0]![field].map((_, i) => days.reduce((sum, day) => sum + day[field][i]!, 0));
}

/** How good the forecast has been of late, in shares; null before its first day. */
export interface SkillSummary {
  readonly days: number;
  /** Error of the typical load over the error of yesterday's load: below 1 it is worth having. */
  readonly mase: number;
  /** Mean absolute error over mean load. */
  readonly nmae: number;
  /** What is forecast too much, over the load. */
  readonly bias: { readonly typical: number; readonly mean: number };
  /** Share of hours between P10 and P90; 0.8 is what they promise. */
  readonly coverage: number;
  /** Cost of P10, P50 and P90 over the mean load. */
  readonly pinball: readonly number[];
  readonly model: { readonly typical: TypicalName; readonly mean: MeanName };
}

export function summaryOf({ days, typical, mean }: Skill): SkillSummary | null {
  const hours = days.reduce((sum, day) => sum + day.hours, 0);
  const load = days.reduce((sum, day) => sum + day.load, 0);
  if (hours === 0 || load === 0) return null;
  const total = (of: (day: DaySkill) => number): number =>
    days.reduce((sum, day) => sum + of(day), 0);
  const naive = totals(days, 'absolute')[typicalNames.indexOf('yesterday')]!;
  const absolute = total(({ typicalAbsolute }) => typicalAbsolute);
  const below = totals(days, 'below');
  return {
    days: days.length,
    mase: naive === 0 ? 1 : absolute / naive,
    nmae: absolute / load,
    bias: {
      typical: total(({ typicalExcess }) => typicalExcess) / load,
      mean: total(({ meanExcess }) => meanExcess) / load,
    },
    coverage: (below.at(-1)! - below[0]!) / hours,
    pinball: totals(days, 'pinball').map((cost) => cost / load),
    model: { typical, mean },
  };
}
