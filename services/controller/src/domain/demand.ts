import type { RunningDemand } from '@wattbus/load-control';
import type { PeakAnalysis } from '@wattbus/mqtt-contract';

const QUARTER_S = 900;
/** So near to its end, a prediction does not show the power that it went on with. */
const REST_S_MIN = 5;
/** An analyzer that catches up says what was; it is not acted upon. */
const BEHIND_MS_MAX = 60_000;

/** The running quarter-hour in a result of the analysis, or null where it says nothing of now. */
export function demandIn(
  { at, quarter }: PeakAnalysis,
  newestReadingAt: string | null,
): RunningDemand | null {
  const { elapsedS, importWh, predictedW } = quarter;
  const restS = QUARTER_S - elapsedS;
  if (newestReadingAt === null || restS < REST_S_MIN) return null;
  if (Date.parse(newestReadingAt) - Date.parse(at) > BEHIND_MS_MAX) return null;
  // The prediction is the energy so far plus the mean power over the rest.
  const meanPowerW = ((predictedW / 4 - importWh) * 3600) / restS;
  return { elapsedMs: elapsedS * 1000, energyWh: importWh, meanPowerW: Math.max(0, meanPowerW) };
}
