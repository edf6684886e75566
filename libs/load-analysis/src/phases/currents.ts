import { unbalance, neutralCurrentA, type ThreePhases } from './balance.js';

/** Currents of the last seconds, newest last. Plain JSON. */
export type RecentCurrents = readonly {
  readonly atMs: number;
  readonly currentsA: readonly (number | null)[];
}[];

const RECENT_MS = 10_000;
const RECENT_MAX = 16;

/** Takes the currents of a reading. */
export function addCurrents(
  recent: RecentCurrents,
  atMs: number,
  currentsA: readonly (number | null)[],
): RecentCurrents {
  const kept = recent.filter((one) => one.atMs > atMs - RECENT_MS && one.atMs < atMs);
  kept.push({ atMs, currentsA });
  return kept.length > RECENT_MAX ? kept.slice(-RECENT_MAX) : kept;
}

export interface CurrentsSummary {
  /** What is left on each phase before its fuse, by the highest current of the last 10 s, A. */
  readonly headroomA: readonly (number | null)[];
  /** Null unless the meter states three phases. */
  readonly unbalance: number | null;
  readonly neutralA: number | null;
}

export function currentsSummary(recent: RecentCurrents, fuseA: number): CurrentsSummary | null {
  const newest = recent.at(-1);
  if (!newest) return null;
  const phases = threePhases(newest.currentsA);
  return {
    headroomA: newest.currentsA.map((_, phase) => {
      const seen = recent.flatMap(({ currentsA }) => currentsA[phase] ?? []);
      return seen.length === 0 ? null : fuseA - Math.max(...seen.map(Math.abs));
    }),
    unbalance: phases && unbalance(phases),
    neutralA: phases && neutralCurrentA(phases),
  };
}

/** Export makes currents negative on some meters; fuses feel the magnitude. */
export function threePhases(currentsA: readonly (number | null)[]): ThreePhases | null {
  const [a, b, c] = currentsA;
  if (typeof a !== 'number' || typeof b !== 'number' || typeof c !== 'number') return null;
  return [Math.abs(a), Math.abs(b), Math.abs(c)];
}
