import type { ControlOutput, ControlSettings, ControlState, ControlStep } from './control-state.js';
import { isReachable, type DeviceControl, type DeviceSettings } from './device.js';

export const ACK_MS_MAX = 5_000;
/** After each attempt twice as long is waited. */
export const RETRIES_MAX = 3;
/** A command that comes later than this was meant for another situation. */
export const COMMAND_MS_MAX = 30_000;
const ASK_MS = 60_000;

/** A device says what it does: the answer to a command, or news. */
export function hearReport(device: DeviceControl, on: boolean, nowMs: number): DeviceControl {
  const answered = device.pending?.on === on;
  const changed = device.reported !== null && device.reported !== on;
  // A device found off may have been switched off a moment ago: it stays off for its minimum.
  const changedAtMs = changed || (device.reported === null && !on) ? nowMs : device.changedAtMs;
  return {
    ...device,
    reported: on,
    changedAtMs,
    switchedAtMs: changed ? nowMs : device.switchedAtMs,
    unresponsive: false,
    pending: answered ? null : device.pending,
    // Switched on: restored as wanted, or by somebody's hand. Either way nothing more is wanted.
    target: on && !(device.pending && !answered) ? null : device.target,
  };
}

/** Sends what the decisions ask for, repeats what was not answered, refreshes dead-man timers. */
export function sendCommands(
  state: ControlState,
  nowMs: number,
  settings: ControlSettings,
): ControlStep {
  const outputs: ControlOutput[] = [];
  let { commandNumber } = state;
  const devices = state.devices.map((device, i) => {
    if (isToBeAsked(device, nowMs)) {
      outputs.push({ kind: 'query', device: device.name });
      return { ...device, askedAtMs: nowMs };
    }
    const due = dueCommand(giveUp(device, nowMs), settings.devices[i]!, nowMs);
    if (!due.send) return due.device;
    commandNumber += 1;
    const { on, reason } = due.send;
    outputs.push({
      kind: 'command',
      device: device.name,
      command: {
        id: `${settings.commandPrefix}-${commandNumber}`,
        issuedAtMs: nowMs,
        expiresAtMs: nowMs + COMMAND_MS_MAX,
        on,
        reason,
      },
    });
    return {
      ...due.device,
      onSentAtMs: on ? nowMs : due.device.onSentAtMs,
      commandsSent: due.device.commandsSent + 1,
    };
  });
  return { state: { ...state, devices, commandNumber }, outputs };
}

/** What a device does is asked again until it answers. */
const isToBeAsked = (device: DeviceControl, nowMs: number): boolean =>
  (device.reported === null || device.unresponsive) &&
  device.availability !== 'offline' &&
  nowMs - device.askedAtMs >= ASK_MS;

interface Due {
  readonly device: DeviceControl;
  readonly send: { readonly on: boolean; readonly reason: string } | null;
}

/** The last retry was not answered: the device counts as not there. */
function giveUp(device: DeviceControl, nowMs: number): DeviceControl {
  const { pending } = device;
  if (!pending || pending.attempts <= RETRIES_MAX || !isOverdue(pending, nowMs)) return device;
  return {
    ...device,
    pending: null,
    unresponsive: true,
    commandsUnacknowledged: device.commandsUnacknowledged + 1,
  };
}

function dueCommand(device: DeviceControl, settings: DeviceSettings, nowMs: number): Due {
  const nothing: Due = { device: { ...device, pending: null }, send: null };
  if (!isReachable(device)) return nothing;
  const { decision, pending, reported } = device;
  const { on, reason } = decision;
  if (on === null || on === reported) {
    const { refreshMs } = settings;
    const sinceOnMs = nowMs - (device.onSentAtMs ?? -Infinity);
    if (refreshMs === null || reported === false || sinceOnMs < refreshMs) return nothing;
    return { ...nothing, send: { on: true, reason: 'keeps the dead-man timer from running out' } };
  }
  const again = pending?.on === on;
  if (again && !isOverdue(pending, nowMs)) return { device, send: null };
  const attempts = again ? pending.attempts + 1 : 1;
  return {
    device: { ...device, pending: { on, sentAtMs: nowMs, attempts, reason } },
    send: { on, reason },
  };
}

const isOverdue = ({ sentAtMs, attempts }: { sentAtMs: number; attempts: number }, nowMs: number) =>
  nowMs - sentAtMs >= ACK_MS_MAX * 2 ** (attempts - 1);
