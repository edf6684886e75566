import { neutralCurrentA, unbalance } from './balance.js';
import { threePhases } from './currents.js';
import { WINDOW_MS, WINDOW_READINGS_MIN } from './voltage.js';

/** Currents of the phases over ten minutes, as their voltages are. Plain JSON. */
export interface CurrentWindows {
  readonly window: {
    readonly startMs: number;
    readonly count: number;
    readonly sumsA: readonly number[];
    readonly highestA: readonly number[];
  } | null;
  readonly last: CurrentWindow | null;
}

/** A window that has closed. Magnitudes: export loads a wire as import does. */
export interface CurrentWindow {
  readonly startMs: number;
  readonly meansA: readonly number[];
  readonly highestA: readonly number[];
}

export const initialCurrentWindows: CurrentWindows = { window: null, last: null };

/** Takes the currents of a reading; those of phases that it does not state count as none. */
export function nextCurrentWindows(
  state: CurrentWindows,
  atMs: number,
  currentsA: readonly (number | null)[],
): CurrentWindows {
  const startMs = Math.floor(atMs / WINDOW_MS) * WINDOW_MS;
  const magnitudesA = currentsA.map((currentA) => Math.abs(currentA ?? 0));
  const { window } = state;
  if (window?.startMs !== startMs) {
    return {
      window: { startMs, count: 1, sumsA: magnitudesA, highestA: magnitudesA },
      last: window && window.count >= WINDOW_READINGS_MIN ? closed(window) : state.last,
    };
  }
  return {
    window: {
      startMs,
      count: window.count + 1,
      sumsA: window.sumsA.map((sum, i) => sum + magnitudesA[i]!),
      highestA: window.highestA.map((highest, i) => Math.max(highest, magnitudesA[i]!)),
    },
    last: state.last,
  };
}

const closed = ({
  startMs,
  count,
  sumsA,
  highestA,
}: NonNullable<CurrentWindows['window']>): CurrentWindow => ({
  startMs,
  meansA: sumsA.map((sum) => sum / count),
  highestA,
});

/** How evenly the phases were loaded; null for a connection of one phase. */
export function balanceOf({
  meansA,
}: CurrentWindow): { readonly unbalance: number; readonly neutralA: number } | null {
  const phases = threePhases(meansA);
  if (!phases || phases[1] + phases[2] === 0) return null;
  return { unbalance: unbalance(phases), neutralA: neutralCurrentA(phases) };
}
