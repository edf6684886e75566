import type { QuantityName, Reading } from '@wattbus/energy-model';
import { addCurrents, type RecentCurrents } from './currents.js';
import {
  initialCurrentWindows,
  nextCurrentWindows,
  type CurrentWindows,
} from './current-windows.js';
import { initialOutages, nextOutages, type OutageEvent, type OutageState } from './outages.js';
import { initialVoltage, nextVoltage, type VoltageEvent, type VoltageState } from './voltage.js';

/** Currents, voltages and outages of one electricity meter. Plain JSON. */
export interface PhasesState {
  readonly currents: RecentCurrents;
  readonly currentWindows: CurrentWindows;
  /** L1, L2, L3; null where the meter has never stated it. */
  readonly voltages: readonly (VoltageState | null)[];
  readonly outages: OutageState;
}

export type PhaseEvent = (VoltageEvent & { readonly phase: Phase }) | OutageEvent;
export const phaseNames = ['L1', 'L2', 'L3'] as const;
export type Phase = (typeof phaseNames)[number];

const phases: readonly {
  readonly phase: Phase;
  readonly current: QuantityName;
  readonly voltage: QuantityName;
}[] = [
  { phase: 'L1', current: 'currentL1A', voltage: 'voltageL1V' },
  { phase: 'L2', current: 'currentL2A', voltage: 'voltageL2V' },
  { phase: 'L3', current: 'currentL3A', voltage: 'voltageL3V' },
];

export const initialPhases: PhasesState = {
  currents: [],
  currentWindows: initialCurrentWindows,
  voltages: [null, null, null],
  outages: initialOutages,
};

/** Takes a reading. */
export function nextPhases(
  state: PhasesState,
  reading: Reading,
  atMs: number,
  nominalV: number,
): { state: PhasesState; events: readonly PhaseEvent[] } {
  const { lastAtMs } = state.outages;
  if (lastAtMs !== null && atMs <= lastAtMs) return { state, events: [] };
  const outages = nextOutages(state.outages, reading, atMs);
  let events: readonly PhaseEvent[] = outages.events;
  const voltages = phases.map(({ phase, voltage }, i) => {
    const voltageV = reading[voltage];
    if (voltageV === undefined) return state.voltages[i]!;
    const step = nextVoltage(state.voltages[i] ?? initialVoltage, atMs, voltageV, nominalV);
    for (const event of step.events) events = [...events, { ...event, phase }];
    return step.state;
  });
  const currentsA = phases.map(({ current }) => reading[current] ?? null);
  const stated = currentsA.some((currentA) => currentA !== null);
  return {
    state: {
      currents: stated ? addCurrents(state.currents, atMs, currentsA) : state.currents,
      currentWindows: stated
        ? nextCurrentWindows(state.currentWindows, atMs, currentsA)
        : state.currentWindows,
      voltages,
      outages: outages.state,
    },
    events,
  };
}
