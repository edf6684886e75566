/** One-sided cumulative sum (Page, Biometrika 41 (1954)): small excesses that last add up. */
export const nextCusum = (sum: number, value: number, drift: number): number =>
  Math.max(0, sum + value - drift);

export const clip = (value: number, most: number, least = -most): number =>
  Math.min(most, Math.max(least, value));
