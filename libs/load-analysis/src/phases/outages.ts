import type { QuantityName, Reading } from '@wattbus/energy-model';
import { GAP_MS_MIN } from '../ledger/limits.js';

/** The meter's own counters, and when it was heard. Plain JSON. */
export interface OutageState {
  readonly counters: { readonly [name in CounterName]?: number };
  readonly lastAtMs: number | null;
  readonly lastImportWh: number | null;
}

const counterEvents = {
  powerFailureCount: 'power-failure',
  longPowerFailureCount: 'long-power-failure',
  voltageSagL1Count: 'voltage-sag',
  voltageSagL2Count: 'voltage-sag',
  voltageSagL3Count: 'voltage-sag',
  voltageSwellL1Count: 'voltage-swell',
  voltageSwellL2Count: 'voltage-swell',
  voltageSwellL3Count: 'voltage-swell',
} as const satisfies Partial<Record<QuantityName, string>>;

type CounterName = keyof typeof counterEvents;
const counterNames = Object.keys(counterEvents) as readonly CounterName[];

/**
 * `outage`: nothing was heard, and the meter counted a power failure. `likely-outage`: nothing was
 * heard and nothing was used. `data-gap`: only the data are missing.
 */
export type OutageEvent =
  | {
      readonly event: (typeof counterEvents)[CounterName];
      readonly counter: CounterName;
      readonly atMs: number;
      /** How many since the reading before. */
      readonly count: number;
    }
  | {
      readonly event: 'outage' | 'likely-outage' | 'data-gap';
      readonly fromMs: number;
      readonly atMs: number;
    };

export const initialOutages: OutageState = { counters: {}, lastAtMs: null, lastImportWh: null };

/** Takes a reading. */
export function nextOutages(
  state: OutageState,
  reading: Reading,
  atMs: number,
): { state: OutageState; events: readonly OutageEvent[] } {
  if (state.lastAtMs !== null && atMs <= state.lastAtMs) return { state, events: none };
  let { counters } = state;
  const events: OutageEvent[] = [];
  for (const counter of counterNames) {
    const value = reading[counter];
    if (value === undefined || value === counters[counter]) continue;
    const before = counters[counter];
    counters = { ...counters, [counter]: value };
    // A counter that fell belongs to another meter: nothing happened on this one.
    if (before === undefined || value < before) continue;
    events.push({ event: counterEvents[counter], counter, atMs, count: value - before });
  }
  const gap = gapEvent(state, reading, atMs, events);
  return {
    state: {
      counters,
      lastAtMs: atMs,
      lastImportWh: reading.energyImportWh ?? state.lastImportWh,
    },
    events: gap ? [...events, gap] : events,
  };
}

function gapEvent(
  { lastAtMs, lastImportWh }: OutageState,
  { energyImportWh }: Reading,
  atMs: number,
  counted: readonly OutageEvent[],
): OutageEvent | null {
  if (lastAtMs === null || atMs - lastAtMs <= GAP_MS_MIN) return null;
  const failed = counted.some(({ event }) => failures.has(event));
  const unused = energyImportWh !== undefined && energyImportWh === lastImportWh;
  const event = failed ? 'outage' : unused ? 'likely-outage' : 'data-gap';
  return { event, fromMs: lastAtMs, atMs };
}

const failures: ReadonlySet<string> = new Set(['power-failure', 'long-power-failure']);
const none: readonly never[] = [];
