import type { PowerStep } from './steps.js';

/** Steps up that no step down has answered yet, the oldest first. */
export type OpenSteps = readonly PowerStep[];

/** Something was switched on and off again. */
export interface ApplianceRun {
  readonly fromMs: number;
  readonly toMs: number;
  readonly powerW: number;
  readonly energyWh: number;
}

const OPEN_STEPS_MAX = 20;
const RUN_MS_MAX = 12 * 3_600_000;
const PAIR_W = 35;
const PAIR_SHARE = 0.035;
const HOUR_MS = 3_600_000;

/** Takes a step; a step down ends the oldest run that it can be the end of. */
export function pairStep(
  open: OpenSteps,
  step: PowerStep,
): { open: OpenSteps; run: ApplianceRun | null } {
  const fresh = open.filter(({ atMs }) => step.atMs - atMs <= RUN_MS_MAX);
  if (step.stepW > 0) return { open: [...fresh, step].slice(-OPEN_STEPS_MAX), run: null };
  const at = fresh.findIndex(
    ({ stepW }) => Math.abs(stepW + step.stepW) <= Math.max(PAIR_W, PAIR_SHARE * stepW),
  );
  if (at < 0) return { open: fresh, run: null };
  const on = fresh[at]!;
  const powerW = (on.stepW - step.stepW) / 2;
  const energyWh = (powerW * (step.atMs - on.atMs)) / HOUR_MS;
  return {
    open: fresh.toSpliced(at, 1),
    run: { fromMs: on.atMs, toMs: step.atMs, powerW, energyWh },
  };
}
