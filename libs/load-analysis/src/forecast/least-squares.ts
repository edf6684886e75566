/**
 * Recursive least squares with forgetting (Ljung, System Identification, §11.2), made robust: an
 * error beyond the usual one counts in proportion less (Huber's weight). Plain JSON.
 */
export interface LeastSquares {
  readonly weights: readonly number[];
  /** Covariance, row by row. */
  readonly covariance: readonly number[];
  /** Usual absolute error. */
  readonly scale: number;
}

export interface LeastSquaresOptions {
  /** 1 never forgets. */
  readonly forgetting: number;
  /** Errors beyond so many usual ones are held down; `Infinity` is the plain mean. */
  readonly huber: number;
}

/** Beyond this trace the covariance is scaled back: without excitement it would grow for ever. */
const TRACE_MAX = 1e4;
const SCALE_SHARE = 0.002;
const SCALE_START = 0.3;

export function startLeastSquares(weights: readonly number[], variance = 1): LeastSquares {
  const count = weights.length;
  const covariance = Array.from({ length: count * count }, (_, i) =>
    i % (count + 1) === 0 ? variance : 0,
  );
  return { weights, covariance, scale: SCALE_START };
}

export function estimateOf(weights: readonly number[], features: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i += 1) sum += weights[i]! * features[i]!;
  return sum;
}

/** Learns that these features had this outcome. */
export function learn(
  state: LeastSquares,
  features: readonly number[],
  outcome: number,
  { forgetting, huber }: LeastSquaresOptions,
): LeastSquares {
  const count = state.weights.length;
  const error = outcome - estimateOf(state.weights, features);
  const scale = state.scale + SCALE_SHARE * (Math.abs(error) - state.scale);
  const trust = error === 0 ? 1 : Math.min(1, (huber * scale) / Math.abs(error));
  const projected = projectedOn(state.covariance, features, count);
  const spread = estimateOf(projected, features);
  const gains = projected.map((value) => (trust * value) / (forgetting + trust * spread));
  return {
    weights: state.weights.map((weight, i) => weight + gains[i]! * error),
    covariance: nextCovariance(state.covariance, gains, projected, forgetting),
    scale,
  };
}

function projectedOn(
  covariance: readonly number[],
  features: readonly number[],
  count: number,
): number[] {
  const projected = new Array<number>(count);
  for (let row = 0; row < count; row += 1) {
    let sum = 0;
    for (let i = 0; i < count; i += 1) sum += covariance[row * count + i]! * features[i]!;
    projected[row] = sum;
  }
  return projected;
}

function nextCovariance(
  covariance: readonly number[],
  gains: readonly number[],
  projected: readonly number[],
  forgetting: number,
): number[] {
  const count = gains.length;
  const next = new Array<number>(count * count);
  let trace = 0;
  for (let row = 0; row < count; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      // The mean of the two halves keeps rounding from making the matrix lopsided.
      const at = row * count + column;
      const mirrored = column * count + row;
      const fall = (gains[row]! * projected[column]! + gains[column]! * projected[row]!) / 2;
      const value = ((covariance[at]! + covariance[mirrored]!) / 2 - fall) / forgetting;
      next[at] = value;
      next[mirrored] = value;
    }
    trace += next[row * count + row]!;
  }
  return trace > TRACE_MAX ? next.map((value) => (value * TRACE_MAX) / trace) : next;
}
