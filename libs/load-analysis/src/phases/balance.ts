/** Currents or voltages of the three phases. */
export type ThreePhases = readonly [l1: number, l2: number, l3: number];

/**
 * Largest deviation from the mean as a share of it (as NEMA MG 1 defines unbalance, from
 * magnitudes): currents of 16, 6 and 2 A are 1, that is 100 %, out of balance.
 */
export function unbalance(values: ThreePhases): number {
  const mean = (values[0] + values[1] + values[2]) / 3;
  if (mean === 0) return 0;
  return Math.max(...values.map((value) => Math.abs(value - mean))) / mean;
}

/** Current in the neutral, A, if the phases lie 120° apart and have one power factor. */
export const neutralCurrentA = ([a, b, c]: ThreePhases): number =>
  Math.sqrt(Math.max(0, a * a + b * b + c * c - a * b - b * c - c * a));

/** Largest difference of power between two phases, W. */
export const powerSpreadW = (powersW: ThreePhases): number =>
  Math.max(...powersW) - Math.min(...powersW);

/**
 * Power that single-phase devices may differ by between phases in Germany and its neighbours.
 * VDE-AR-N 4100 §5.5: 4.6 kVA.
 */
export const POWER_SPREAD_W_MAX = 4_600;
