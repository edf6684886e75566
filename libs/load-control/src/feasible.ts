import type { Decision, Rule } from './device.js';

/**
 * What is left to choose for a device. Rules narrow it in order of precedence and may choose only
 * inside of what earlier rules left, as OpenEMS' controllers do.
 */
export type Feasible = Decision;

export const anything: Feasible = { on: null, decidedBy: 'nothing', reason: '', untilMs: null };

export interface Wish {
  readonly on: boolean;
  readonly by: Rule;
  readonly reason: string;
  readonly untilMs?: number;
}

export const isDecided = ({ on }: Feasible): boolean => on !== null;

/** The set after a rule: its wish where nothing was decided, else unchanged. */
export function narrow(feasible: Feasible, wish: Wish | null): Feasible {
  if (isDecided(feasible) || !wish) return feasible;
  return {
    on: wish.on,
    decidedBy: wish.by,
    reason: wish.reason,
    untilMs: wish.untilMs ?? null,
  };
}
