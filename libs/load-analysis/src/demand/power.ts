import type { Reading } from '@wattbus/energy-model';

/** Registers at an instant, from which power is made for a meter that states none. */
export interface PowerAnchor {
  readonly atMs: number;
  readonly importWh: number;
  readonly exportWh: number;
}

export interface PowerState {
  readonly anchor: PowerAnchor | null;
  /** The newest power, import positive; null where it is not known. */
  readonly powerW: number | null;
}

export const initialPower: PowerState = { anchor: null, powerW: null };

/** A register of whole watt-hours gives a power within 60 W over a minute. */
const ANCHOR_MS_MIN = 60_000;
/** After a longer silence the mean says nothing about now. */
const ANCHOR_MS_MAX = 15 * 60_000;
const HOUR_MS = 3_600_000;

/** The power that the meter states, else the mean over the last minute of its registers. */
export function nextPower(state: PowerState, reading: Reading, atMs: number): PowerState {
  if (reading.powerW !== undefined) return { anchor: null, powerW: reading.powerW };
  if (reading.energyImportWh === undefined) return state;
  const here = { atMs, importWh: reading.energyImportWh, exportWh: reading.energyExportWh ?? 0 };
  const { anchor } = state;
  if (!anchor || atMs - anchor.atMs > ANCHOR_MS_MAX || here.importWh < anchor.importWh) {
    return { anchor: here, powerW: null };
  }
  const elapsedMs = atMs - anchor.atMs;
  if (elapsedMs < ANCHOR_MS_MIN) return state;
  const netWh = here.importWh - anchor.importWh - (here.exportWh - anchor.exportWh);
  return { anchor: here, powerW: Math.round((netWh * HOUR_MS) / elapsedMs) };
}
