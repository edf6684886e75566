import type { Command, DeviceControl } from '@wattbus/load-control';
import type { DeviceCommand, DeviceState } from '@wattbus/mqtt-contract';

/** From the process's own clock, which never steps, to the time of day. */
export type TimeOfDay = (atMs: number) => string;

export const commandMessage = (command: Command, timeOfDay: TimeOfDay): DeviceCommand => ({
  v: 1,
  id: command.id,
  issuedAt: timeOfDay(command.issuedAtMs),
  expiresAt: timeOfDay(command.expiresAtMs),
  on: command.on,
  reason: command.reason,
});

/** All of a device's state but when it was said. */
export function deviceMessage(
  device: DeviceControl,
  timeOfDay: TimeOfDay,
): Omit<DeviceState, 'at'> {
  const { decision } = device;
  return {
    v: 1,
    device: device.name,
    desired: desiredOf(device),
    reported: device.reported,
    availability: device.unresponsive ? 'offline' : device.availability,
    decidedBy: decision.decidedBy,
    reason: device.unresponsive ? 'does not answer commands' : decision.reason,
    until: decision.untilMs === null ? null : timeOfDay(decision.untilMs),
    commandsSent: device.commandsSent,
    commandsUnacknowledged: device.commandsUnacknowledged,
  };
}

/** A minimum time keeps a device as it is; that is no wish of ours. */
function desiredOf({ target, decision }: DeviceControl): boolean | null {
  return target ?? (decision.decidedBy === 'minimum-time' ? null : decision.on);
}

/** Whether the process before this one had switched the device off and meant to switch it on. */
export const wasShed = ({ desired }: DeviceState): boolean => desired === false;
