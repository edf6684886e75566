/** Energy from samples of power, where a meter has no register. */
export interface PowerIntegral {
  readonly atMs: number;
  readonly powerW: number;
  /** Whole watt-milliseconds since the start, so that no sum ever rounds. */
  readonly importWms: number;
  readonly exportWms: number;
}

/** Samples further apart than this leave a gap: nobody knows what was used in it. */
export const POWER_GAP_MS_MIN = 60_000;
const WMS_PER_WH = 3_600_000;

export const startIntegral = (atMs: number, powerW: number): PowerIntegral => ({
  atMs,
  powerW,
  importWms: 0,
  exportWms: 0,
});

/**
 * Adds the trapezoid between two samples of power (import positive). Where power changes its sign
 * the trapezoid falls into two triangles, one imported and one exported. A gap adds nothing.
 */
export function integratePower(last: PowerIntegral, atMs: number, powerW: number): PowerIntegral {
  const elapsedMs = atMs - last.atMs;
  if (elapsedMs > POWER_GAP_MS_MIN) return { ...last, atMs, powerW };
  const { positive, negative } = signedAreas(last.powerW, powerW);
  return {
    atMs,
    powerW,
    importWms: last.importWms + Math.round(positive * elapsedMs),
    exportWms: last.exportWms + Math.round(negative * elapsedMs),
  };
}

/** Whole watt-hours counted so far: the register that the meter does not have. */
export const importWhOf = ({ importWms }: PowerIntegral): number =>
  Math.floor(importWms / WMS_PER_WH);
export const exportWhOf = ({ exportWms }: PowerIntegral): number =>
  Math.floor(exportWms / WMS_PER_WH);

/** Mean power above and below zero on the straight line from one power to the other. */
function signedAreas(p0: number, p1: number): { positive: number; negative: number } {
  if (p0 >= 0 && p1 >= 0) return { positive: (p0 + p1) / 2, negative: 0 };
  if (p0 <= 0 && p1 <= 0) return { positive: 0, negative: -(p0 + p1) / 2 };
  const crossing = p0 / (p0 - p1);
  const before = (Math.abs(p0) * crossing) / 2;
  const after = (Math.abs(p1) * (1 - crossing)) / 2;
  return p0 > 0 ? { positive: before, negative: after } : { positive: after, negative: before };
}
