import { ewMean, kindBin } from '../forecast/load-profile.js';
import { clip } from './cusum.js';

/** What each hour of a weekday or weekend takes, and by how much that varies, kWh. Plain JSON. */
export interface UsualLoad {
  readonly means: readonly number[];
  readonly deviations: readonly number[];
  readonly counts: readonly number[];
}

/** What is usual for an hour, kWh. */
export interface Usual {
  readonly expected: number;
  /** Mean absolute deviation of its kind, and of all hours. */
  readonly deviation: number;
  readonly overall: number;
}

const BINS = 48;
const SHARE = 0.1;
/** Before so many hours of its kind, an hour is only learned. */
const COUNT_MIN = 5;
/** An outlier teaches no more than this many usual deviations. */
const CLIP_DEVIATIONS = 5;
/** An hour that never varied is given this part of what all hours vary by. */
const OVERALL_SHARE = 0.25;

const zeros: readonly number[] = Array<number>(BINS).fill(0);

export const initialUsualLoad: UsualLoad = { means: zeros, deviations: zeros, counts: zeros };

/** Null until the hour's kind is known, or where nothing ever varies. */
export function usualOf(usual: UsualLoad, slot: number): Usual | null {
  const bin = kindBin(slot);
  const overall = overallOf(usual);
  if (usual.counts[bin]! < COUNT_MIN || overall <= 0) return null;
  return { expected: usual.means[bin]!, deviation: deviationOf(usual, bin, overall), overall };
}

export function learnUsual(usual: UsualLoad, slot: number, load: number): UsualLoad {
  const bin = kindBin(slot);
  const count = usual.counts[bin]! + 1;
  const share = Math.max(SHARE, 1 / count);
  const residual = count === 1 ? load : load - usual.means[bin]!;
  const most =
    count > COUNT_MIN ? CLIP_DEVIATIONS * deviationOf(usual, bin, overallOf(usual)) : Infinity;
  const learned = clip(residual, most);
  // The first of its kind deviates from nothing; the second counts in full.
  const deviationShare = Math.max(SHARE, 1 / Math.max(1, count - 1));
  const deviation = usual.deviations[bin]!;
  return {
    means: usual.means.with(bin, usual.means[bin]! + share * learned),
    deviations: usual.deviations.with(
      bin,
      count === 1 ? 0 : ewMean(deviation, Math.abs(learned), deviationShare),
    ),
    counts: usual.counts.with(bin, Math.min(count, 1 / SHARE)),
  };
}

const deviationOf = ({ deviations }: UsualLoad, bin: number, overall: number): number =>
  Math.max(deviations[bin]!, OVERALL_SHARE * overall);

function overallOf({ deviations, counts }: UsualLoad): number {
  let sum = 0;
  let known = 0;
  for (let i = 0; i < BINS; i += 1) {
    if (counts[i]! < 2) continue;
    sum += deviations[i]!;
    known += 1;
  }
  return known === 0 ? 0 : sum / known;
}
