import type { RunningDemand } from './demand-limit.js';
import type { Command, DeviceControl, DeviceSettings } from './device.js';

export interface ControlSettings {
  /** The mean import of each quarter-hour is kept below this. */
  readonly limitW: number;
  readonly marginW: number;
  readonly silentAfterMs: number;
  readonly devices: readonly DeviceSettings[];
  /** Begins the ids of this process's commands, so that they differ from all others'. */
  readonly commandPrefix: string;
}

/** All that control knows. Plain JSON; changed by `nextControl` only. */
export interface ControlState {
  /** When the meter was last heard, or the start. */
  readonly heardAtMs: number;
  readonly everHeard: boolean;
  readonly intervalMs: number | null;
  readonly demand: (RunningDemand & { readonly takenAtMs: number }) | null;
  readonly devices: readonly DeviceControl[];
  /** Since when there is room for each device that could be restored. */
  readonly room: { readonly [device: string]: number };
  readonly restoredAtMs: number | null;
  readonly commandNumber: number;
}

export type ControlInput =
  | { readonly kind: 'reading' }
  /** Only of a measured quarter-hour: control does not react to estimates. */
  | { readonly kind: 'demand'; readonly demand: RunningDemand }
  | { readonly kind: 'report'; readonly device: string; readonly on: boolean }
  | { readonly kind: 'availability'; readonly device: string; readonly online: boolean }
  /** A person's command, which stands until it expires. */
  | {
      readonly kind: 'override';
      readonly device: string;
      readonly on: boolean;
      readonly untilMs: number;
      readonly reason: string;
    }
  /** The process before this one had switched the device off. */
  | { readonly kind: 'remembered-shed'; readonly device: string }
  | { readonly kind: 'tick' };

export type ControlOutput =
  | { readonly kind: 'command'; readonly device: string; readonly command: Command }
  /** Ask the device what it does. */
  | { readonly kind: 'query'; readonly device: string };

export interface ControlStep {
  readonly state: ControlState;
  readonly outputs: readonly ControlOutput[];
}
