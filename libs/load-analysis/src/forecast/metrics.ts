/** Mean absolute difference. */
export function meanAbsoluteError(actual: readonly number[], forecast: readonly number[]): number {
  return sumOf(actual.map((value, i) => Math.abs(value - forecast[i]!))) / actual.length;
}

/** Mean absolute error as a share of the mean. */
export const normalisedError = (actual: readonly number[], forecast: readonly number[]): number =>
  meanAbsoluteError(actual, forecast) / (sumOf(actual) / actual.length);

/** Mean absolute error of saying what was a season before, over a series without holes. */
export const seasonalNaiveError = (series: readonly number[], season: number): number =>
  meanAbsoluteError(series.slice(season), series.slice(0, -season));

/** Cost of a stated quantile: what lies above it costs `level`, what lies below the rest to 1. */
export const pinball = (level: number, actual: number, quantile: number): number =>
  actual >= quantile ? level * (actual - quantile) : (1 - level) * (quantile - actual);

const sumOf = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0);
