/**
 * Steps between steady states of power (Hart, Nonintrusive Appliance Load Monitoring, Proc. IEEE
 * 80 (1992); thresholds as in NILMTK). Plain JSON.
 */
export interface StepState {
  readonly lastAtMs: number;
  readonly lastW: number;
  /** Running mean of the steady state; null while there is none. */
  readonly steady: { readonly meanW: number; readonly count: number } | null;
  /** Since when power has been changing; null while it is steady. */
  readonly changeAtMs: number | null;
}

export interface PowerStep {
  /** When power left the old steady state. */
  readonly atMs: number;
  readonly stepW: number;
}

/** A change by more is the end of a steady state. */
const STEADY_W = 15;
/** A step below this is noise. */
const STEP_W_MIN = 70;

export const startSteps = (atMs: number, powerW: number): StepState => ({
  lastAtMs: atMs,
  lastW: powerW,
  steady: { meanW: powerW, count: 1 },
  changeAtMs: null,
});

/** Takes the next power of the phase. */
export function nextSteps(
  state: StepState,
  atMs: number,
  powerW: number,
): { state: StepState; step: PowerStep | null } {
  const { steady, lastW, changeAtMs } = state;
  const still = Math.abs(powerW - lastW) <= STEADY_W;
  const stateOf = (now: Pick<StepState, 'steady' | 'changeAtMs'>): StepState => ({
    lastAtMs: atMs,
    lastW: powerW,
    steady: now.steady,
    changeAtMs: now.changeAtMs,
  });
  if (!still) return { state: stateOf({ steady, changeAtMs: changeAtMs ?? atMs }), step: null };
  if (changeAtMs === null && steady) {
    const count = steady.count + 1;
    const meanW = steady.meanW + (powerW - steady.meanW) / count;
    return { state: stateOf({ steady: { meanW, count }, changeAtMs }), step: null };
  }
  // Two readings alike make a new steady state.
  const meanW = (lastW + powerW) / 2;
  const stepW = meanW - (steady?.meanW ?? meanW);
  return {
    state: stateOf({ steady: { meanW, count: 2 }, changeAtMs: null }),
    step: Math.abs(stepW) >= STEP_W_MIN ? { atMs: changeAtMs ?? atMs, stepW } : null,
  };
}
