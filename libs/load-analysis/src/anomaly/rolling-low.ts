import { medianOf } from '../forecast/features.js';

/**
 * The lowest hours of the last 24, hour after hour: whatever else happens in a day, a load that
 * stays on lifts them. Plain JSON.
 */
export interface RollingLow {
  readonly lastSlot: number | null;
  readonly hoursWh: readonly number[];
  /** The newest last; one an hour, without holes. */
  readonly lowsWh: readonly number[];
}

export const initialRollingLow: RollingLow = { lastSlot: null, hoursWh: [], lowsWh: [] };

const HOURS = 24;
const LOWEST = 3;
const DAYS = 28;
const DAYS_MIN = 14;
const LOWS_MAX = DAYS * HOURS;
/** The least that lows of the same hour are thought to differ by. */
const SPREAD_WH_MIN = 30;
const SPREAD_SHARE = 0.1;
/** Of a normal distribution, standard over median absolute deviation. */
const NORMAL = 1.4826;

export interface LowComparison {
  readonly z: number;
  readonly excessWh: number;
}

/** Takes an hour; null until the hour of the day has been seen for two weeks. */
export function nextRollingLow(
  state: RollingLow,
  slot: number,
  wh: number,
  learn: boolean,
): { state: RollingLow; compared: LowComparison | null } {
  const known = upTo(state, slot);
  const hoursWh = [...known.hoursWh, wh].slice(-HOURS);
  const dayBefore = known.lowsWh.at(-HOURS);
  const lowWh = hoursWh.length === HOURS ? Math.round(lowestOf(hoursWh)) : null;
  const learned = (learn ? lowWh : null) ?? dayBefore;
  return {
    state: {
      lastSlot: slot,
      hoursWh,
      lowsWh: learned === undefined ? [] : [...known.lowsWh, learned].slice(-LOWS_MAX),
    },
    compared: lowWh === null ? null : compareLow(known.lowsWh, lowWh),
  };
}

/** Hours that are missing take the lows of the day before. */
function upTo({ lastSlot, hoursWh, lowsWh }: RollingLow, slot: number): RollingLow {
  if (lastSlot === null || slot === lastSlot + 1) return { lastSlot, hoursWh, lowsWh };
  if (slot <= lastSlot || slot - lastSlot > LOWS_MAX) return initialRollingLow;
  const filled = [...lowsWh];
  for (let missing = lastSlot + 1; missing < slot && filled.length >= HOURS; missing += 1) {
    filled.push(filled.at(-HOURS)!);
  }
  return { lastSlot, hoursWh: [], lowsWh: filled.length >= HOURS ? filled.slice(-LOWS_MAX) : [] };
}

function compareLow(lowsWh: readonly number[], lowWh: number): LowComparison | null {
  const same: number[] = [];
  for (let at = lowsWh.length - HOURS; at >= 0; at -= HOURS) same.push(lowsWh[at]!);
  if (same.length < DAYS_MIN) return null;
  const usualWh = medianOf(same);
  const spreadWh = NORMAL * medianOf(same.map((one) => Math.abs(one - usualWh)));
  const excessWh = lowWh - usualWh;
  return { excessWh, z: excessWh / Math.max(SPREAD_WH_MIN, SPREAD_SHARE * usualWh, spreadWh) };
}

const lowestOf = (hoursWh: readonly number[]): number =>
  [...hoursWh]
    .sort((a, b) => a - b)
    .slice(0, LOWEST)
    .reduce((sum, wh) => sum + wh / LOWEST, 0);
