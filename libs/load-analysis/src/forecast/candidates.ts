import { linear, logarithmic } from './domain.js';
import {
  FEATURES_ALL,
  FEATURES_LINEAR,
  featureAt,
  featureRows,
  hasFeatures,
  type FeatureSource,
} from './features.js';
import {
  emptyCounts,
  emptyProfile,
  countHours,
  learnProfile,
  recentOf,
  type LoadProfile,
  type MeasuredHour,
  type ProfileCounts,
} from './load-profile.js';
import {
  estimateOf,
  learn,
  startLeastSquares,
  type LeastSquares,
  type LeastSquaresOptions,
} from './least-squares.js';
import type { LoadSeries } from './load-series.js';

/** Forecasts of the typical load, the one to begin with first, and of the mean. */
export const typicalNames = ['logarithmic', 'robust', 'profile', 'weekMean', 'yesterday'] as const;
export type TypicalName = (typeof typicalNames)[number];
export const meanNames = ['leastSquares', 'profile'] as const;
export type MeanName = (typeof meanNames)[number];

/** What the candidates have learned. */
export interface Models {
  readonly counts: ProfileCounts;
  readonly linearProfile: LoadProfile;
  readonly logarithmicProfile: LoadProfile;
  readonly logarithmic: LeastSquares;
  readonly robust: LeastSquares;
  readonly leastSquares: LeastSquares;
}

/** Features of the steps ahead; null until a week of load is known. */
export interface Features {
  readonly linear: readonly (readonly number[])[];
  readonly logarithmic: readonly (readonly number[])[];
}

/** Every model begins as the profile. */
const profileOnly = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => (i === featureAt('profile') ? 1 : 0));

export const initialModels: Models = {
  counts: emptyCounts,
  linearProfile: emptyProfile,
  logarithmicProfile: emptyProfile,
  logarithmic: startLeastSquares(profileOnly(FEATURES_ALL)),
  robust: startLeastSquares(profileOnly(FEATURES_LINEAR)),
  leastSquares: startLeastSquares(profileOnly(FEATURES_LINEAR)),
};

const options: Record<'logarithmic' | 'robust' | 'leastSquares', LeastSquaresOptions> = {
  logarithmic: { forgetting: 0.9995, huber: 1 },
  robust: { forgetting: 0.9998, huber: 1 },
  leastSquares: { forgetting: 0.9998, huber: Infinity },
};

export function featuresOf(
  models: Models,
  series: LoadSeries,
  unitWh: number,
  steps: number,
): Features | null {
  if (!hasFeatures(series)) return null;
  const { counts, linearProfile, logarithmicProfile } = models;
  const source = { series, counts, unitWh };
  const rowsOf = (rest: Pick<FeatureSource, 'profile' | 'domain'>): number[][] =>
    featureRows({ ...source, ...rest }, steps);
  return {
    linear: rowsOf({ profile: linearProfile, domain: linear }).map((row) =>
      row.slice(0, FEATURES_LINEAR),
    ),
    logarithmic: rowsOf({ profile: logarithmicProfile, domain: logarithmic }),
  };
}

/** All candidates for one hour, in units of the models. */
export interface Estimates {
  readonly typical: Record<TypicalName, number>;
  readonly mean: Record<MeanName, number>;
}

export function estimatesOf(models: Models, { linear: rows, logarithmic: logRows }: Features) {
  return rows.map((row, step): Estimates => {
    const profile = row[featureAt('profile')]!;
    return {
      typical: {
        logarithmic: logarithmic.from(estimateOf(models.logarithmic.weights, logRows[step]!)),
        robust: linear.from(estimateOf(models.robust.weights, row)),
        profile,
        weekMean: row[featureAt('meanOfSevenDays')]!,
        yesterday: row[featureAt('dayBefore')]!,
      },
      mean: { leastSquares: linear.from(estimateOf(models.leastSquares.weights, row)), profile },
    };
  });
}

/** The profile alone, for the days before there are features; null before the first whole day. */
export function profileEstimate(models: Models, slot: number): number | null {
  return recentOf(models.linearProfile, models.counts, slot);
}

/** Learns what the features of a day turned out to be; `null` is an hour not measured. */
export function learnOutcomes(
  models: Models,
  features: Features,
  outcomes: readonly (number | null)[],
): Models {
  let { logarithmic: ofLogarithmic, robust, leastSquares } = models;
  outcomes.forEach((load, step) => {
    if (load === null) return;
    const row = features.linear[step]!;
    const logRow = features.logarithmic[step]!;
    const value = logarithmic.into(load);
    ofLogarithmic = learn(ofLogarithmic, logRow, value, options.logarithmic);
    robust = learn(robust, row, load, options.robust);
    leastSquares = learn(leastSquares, row, load, options.leastSquares);
  });
  return { ...models, logarithmic: ofLogarithmic, robust, leastSquares };
}

export function learnDay(models: Models, hours: readonly MeasuredHour[]): Models {
  const counts = countHours(models.counts, hours);
  return {
    ...models,
    counts,
    linearProfile: learnProfile(models.linearProfile, counts, hours, linear),
    logarithmicProfile: learnProfile(models.logarithmicProfile, counts, hours, logarithmic),
  };
}
