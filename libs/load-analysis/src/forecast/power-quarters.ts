import { QUARTER_MS, quarterStart } from '../ledger/spread.js';

/**
 * Import of quarter-hours by power, for meters that state registers but once an hour: their
 * quarter-hours are estimates in the ledger, yet their power is known all along. Plain JSON.
 */
export interface PowerQuarters {
  readonly atMs: number;
  readonly importW: number;
  readonly quarters: readonly PowerQuarter[];
}

type PowerQuarter = readonly [startMs: number, importWms: number, coveredMs: number];

const HOUR_MS = 3_600_000;
/** Registers come once an hour, or two where one was missed. */
const QUARTERS_MAX = 12;
/** Between readings further apart power is not known. */
const READING_MS_MAX = 60_000;
const COVERED_MS_MIN = 0.95 * QUARTER_MS;

/** Takes a power; export counts as none. */
export function addPower(state: PowerQuarters | null, atMs: number, powerW: number): PowerQuarters {
  const importW = Math.max(0, powerW);
  if (!state) return { atMs, importW, quarters: [] };
  const elapsedMs = atMs - state.atMs;
  if (elapsedMs <= 0) return state;
  if (elapsedMs > READING_MS_MAX) return { ...state, atMs, importW };
  const meanW = (state.importW + importW) / 2;
  const edgeMs = quarterStart(atMs);
  const beforeMs = Math.max(0, edgeMs - state.atMs);
  let { quarters } = state;
  if (beforeMs > 0) quarters = added(quarters, quarterStart(state.atMs), meanW, beforeMs);
  quarters = added(quarters, edgeMs, meanW, elapsedMs - beforeMs);
  return { atMs, importW, quarters };
}

/** Import of the quarter-hour, null unless power was known throughout. */
export function powerQuarterWh(state: PowerQuarters | null, startMs: number): number | null {
  const quarter = state?.quarters.find(([one]) => one === startMs);
  if (!quarter || quarter[2] < COVERED_MS_MIN) return null;
  return (quarter[1] / HOUR_MS) * (QUARTER_MS / quarter[2]);
}

function added(
  quarters: readonly PowerQuarter[],
  startMs: number,
  meanW: number,
  ms: number,
): readonly PowerQuarter[] {
  const last = quarters.at(-1);
  if (!last || last[0] !== startMs) {
    return [...quarters, [startMs, meanW * ms, ms] as const].slice(-QUARTERS_MAX);
  }
  return quarters.with(-1, [startMs, last[1] + meanW * ms, last[2] + ms]);
}
