import type { RunningDemand } from '@wattbus/load-control';
import type { PeakAnalysis } from '@wattbus/mqtt-contract';

/** An analyzer that catches up says what was; it is not acted upon. */
const BEHIND_MS_MAX = 60_000;

/**
 * The running quarter-hour in a result of the analysis, or null where nothing may be done on it:
 * it speaks of the past, or some of its energy is an estimate.
 */
export function demandIn(
  { at, quarter }: PeakAnalysis,
  newestReadingAt: string | null,
): RunningDemand | null {
  const { elapsedS, importWh, meanPowerW, estimated } = quarter;
  if (newestReadingAt === null || estimated) return null;
  if (Date.parse(newestReadingAt) - Date.parse(at) > BEHIND_MS_MAX) return null;
  return { elapsedMs: elapsedS * 1000, energyWh: importWh, meanPowerW: Math.max(0, meanPowerW) };
}
