/** A device that can be switched, as configured. */
export interface DeviceSettings {
  readonly name: string;
  /** What switching it off saves. */
  readonly powerW: number;
  /** Devices with a lower number are shed first and restored last. */
  readonly priority: number;
  readonly minOffMs: number;
  readonly minOnMs: number;
  /** What it does while the meter is silent. */
  readonly safeState: 'on' | 'off' | 'keep';
  /** A device with a dead-man timer is told ON again this often; null where it has none. */
  readonly refreshMs: number | null;
}

/** What is known of a device, and what is wanted of it. Plain JSON. */
export interface DeviceControl {
  readonly name: string;
  /** What the device says that it does; null until it has said so. */
  readonly reported: boolean | null;
  /** Since when it is so, for the minimum times; null where that is long ago. */
  readonly changedAtMs: number | null;
  /** When it was seen to switch; null where it was not. */
  readonly switchedAtMs: number | null;
  readonly askedAtMs: number;
  readonly availability: 'online' | 'offline' | 'unknown';
  /** It left a command without an answer after every retry; any sign of life clears this. */
  readonly unresponsive: boolean;
  /** What the demand limit wants: off since it was shed, on while it is restored, else nothing. */
  readonly target: boolean | null;
  readonly override: Override | null;
  readonly pending: PendingCommand | null;
  readonly onSentAtMs: number | null;
  readonly decision: Decision;
  readonly commandsSent: number;
  readonly commandsUnacknowledged: number;
}

/** A person's wish, until it expires. */
export interface Override {
  readonly on: boolean;
  readonly untilMs: number;
  readonly reason: string;
}

export interface PendingCommand {
  readonly on: boolean;
  readonly sentAtMs: number;
  readonly attempts: number;
  readonly reason: string;
}

/** Switches a device, until it expires. */
export interface Command {
  readonly id: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  readonly on: boolean;
  readonly reason: string;
}

/** What is wanted of a device and why; `on` is null where nothing is. */
export interface Decision {
  readonly on: boolean | null;
  readonly decidedBy: Rule | 'nothing';
  readonly reason: string;
  readonly untilMs: number | null;
}

/** In order of precedence: a later rule chooses only where no earlier one has. */
export type Rule = 'meter-silent' | 'minimum-time' | 'user' | 'demand-limit';

export const newDevice = (name: string, askedAtMs: number): DeviceControl => ({
  name,
  reported: null,
  changedAtMs: null,
  switchedAtMs: null,
  askedAtMs,
  availability: 'unknown',
  unresponsive: false,
  target: null,
  override: null,
  pending: null,
  onSentAtMs: null,
  decision: { on: null, decidedBy: 'nothing', reason: '', untilMs: null },
  commandsSent: 0,
  commandsUnacknowledged: 0,
});

/** Commands go only to devices that are there and whose state is known. */
export const isReachable = (device: DeviceControl): boolean =>
  device.reported !== null && device.availability !== 'offline' && !device.unresponsive;
