/**
 * Quality of one phase's voltage as far as telegrams of seconds can tell (EN 50160): means of ten
 * minutes, and readings far too low. What is shorter only the meter's own counters know.
 */
export interface VoltageState {
  readonly window: {
    readonly startMs: number;
    readonly sumV: number;
    readonly count: number;
  } | null;
  /** The last window that closed with readings enough. */
  readonly last: { readonly startMs: number; readonly meanV: number } | null;
  /** Windows of the running week, and those out of the band. */
  readonly week: { readonly startMs: number; readonly windows: number; readonly outside: number };
  /** Readings in a row below the limit. */
  readonly lowReadings: number;
  readonly low: boolean;
}

export type VoltageEvent =
  | { readonly event: 'voltage-out-of-band'; readonly atMs: number; readonly voltageV: number }
  | {
      readonly event: 'voltage-low' | 'voltage-normal';
      readonly atMs: number;
      readonly voltageV: number;
    };

export const initialVoltage: VoltageState = {
  window: null,
  last: null,
  week: { startMs: 0, windows: 0, outside: 0 },
  lowReadings: 0,
  low: false,
};

export const NOMINAL_VOLTAGE_V = 230;
export const WINDOW_MS = 600_000;
export const WEEK_MS = 7 * 86_400_000;
/** EN 50160 §4.2.2: ten-minute means within ±10 % for 95 % of the week. */
const BAND_SHARE = 0.1;
/** A dip is below 90 %, and over again 2 % above that. */
const LOW_SHARE = 0.9;
const HYSTERESIS_SHARE = 0.02;
const LOW_READINGS_MIN = 2;
/** A mean of fewer readings than this says nothing of ten minutes. */
export const WINDOW_READINGS_MIN = 10;

/** Takes a voltage of the phase. */
export function nextVoltage(
  state: VoltageState,
  atMs: number,
  voltageV: number,
  nominalV: number,
): { state: VoltageState; events: readonly VoltageEvent[] } {
  const closed = closeWindow(state, atMs, nominalV);
  const { window, last, week } = closed.state;
  const { low, lowReadings, event } = nextLow(state, voltageV, nominalV);
  return {
    state: {
      window: {
        startMs: window?.startMs ?? Math.floor(atMs / WINDOW_MS) * WINDOW_MS,
        sumV: (window?.sumV ?? 0) + voltageV,
        count: (window?.count ?? 0) + 1,
      },
      last,
      week,
      lowReadings,
      low,
    },
    events: event ? [...closed.events, { event, atMs, voltageV }] : closed.events,
  };
}

const none: readonly never[] = [];

/** Share of the week's ten-minute means within the band; 0.95 is what the standard promises. */
export const bandShare = ({ week }: VoltageState): number | null =>
  week.windows === 0 ? null : 1 - week.outside / week.windows;

function closeWindow(
  state: VoltageState,
  atMs: number,
  nominalV: number,
): { state: VoltageState; events: readonly VoltageEvent[] } {
  const { window } = state;
  const startMs = Math.floor(atMs / WINDOW_MS) * WINDOW_MS;
  if (!window || window.startMs === startMs) return { state, events: none };
  const emptied = { ...state, window: null };
  if (window.count < WINDOW_READINGS_MIN) return { state: emptied, events: [] };
  const meanV = window.sumV / window.count;
  const outside = Math.abs(meanV - nominalV) > BAND_SHARE * nominalV;
  const weekStartMs = Math.floor(window.startMs / WEEK_MS) * WEEK_MS;
  const week =
    state.week.startMs === weekStartMs
      ? state.week
      : { startMs: weekStartMs, windows: 0, outside: 0 };
  return {
    state: {
      ...emptied,
      last: { startMs: window.startMs, meanV },
      week: { ...week, windows: week.windows + 1, outside: week.outside + (outside ? 1 : 0) },
    },
    events: outside
      ? [{ event: 'voltage-out-of-band', atMs: window.startMs, voltageV: meanV }]
      : [],
  };
}

function nextLow(
  { low, lowReadings }: VoltageState,
  voltageV: number,
  nominalV: number,
): Pick<VoltageState, 'low' | 'lowReadings'> & { event: 'voltage-low' | 'voltage-normal' | null } {
  const below = voltageV < LOW_SHARE * nominalV;
  if (low) {
    const over = voltageV >= (LOW_SHARE + HYSTERESIS_SHARE) * nominalV;
    return { low: !over, lowReadings: 0, event: over ? 'voltage-normal' : null };
  }
  const count = below ? lowReadings + 1 : 0;
  const begins = count >= LOW_READINGS_MIN;
  return { low: begins, lowReadings: begins ? 0 : count, event: begins ? 'voltage-low' : null };
}
