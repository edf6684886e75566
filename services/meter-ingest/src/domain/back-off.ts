const FIRST_MS = 500;
const MAX_MS = 30_000;

/**
 * How long to wait before attempt `failures + 1`: doubled each time up to 30 s, and spread over the
 * upper half of that by `chance` (0 to 1), so that several ports do not try in step.
 */
export function backOffMs(failures: number, chance: number): number {
  const fullMs = Math.min(MAX_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
  return Math.round(fullMs * (0.5 + 0.5 * chance));
}
