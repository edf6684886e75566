import { hearReport, sendCommands } from './commands.js';
import type { ControlInput, ControlSettings, ControlState, ControlStep } from './control-state.js';
import { decide } from './decide.js';
import { newDevice, type DeviceControl } from './device.js';

/** The start: nothing is known, nothing is switched until devices have said what they do. */
export function startControl({ devices }: ControlSettings, nowMs: number): ControlStep {
  return {
    state: {
      heardAtMs: nowMs,
      everHeard: false,
      intervalMs: null,
      demand: null,
      devices: devices.map(({ name }) => newDevice(name, nowMs)),
      room: {},
      restoredAtMs: null,
      commandNumber: 0,
    },
    outputs: devices.map(({ name }) => ({ kind: 'query', device: name })),
  };
}

/** Takes what happened at an instant of the process's own clock. Only a tick switches devices. */
export function nextControl(
  state: ControlState,
  input: ControlInput,
  nowMs: number,
  settings: ControlSettings,
): ControlStep {
  switch (input.kind) {
    case 'tick':
      return sendCommands(decide(state, nowMs, settings), nowMs, settings);
    case 'reading': {
      const intervalMs = state.everHeard ? nowMs - state.heardAtMs : null;
      return unsaid({ ...state, heardAtMs: nowMs, everHeard: true, intervalMs });
    }
    case 'demand':
      return unsaid({ ...state, demand: { ...input.demand, takenAtMs: nowMs } });
    case 'report':
      return unsaid(withDevice(state, input.device, (d) => hearReport(d, input.on, nowMs)));
    case 'availability':
      return hearAvailability(state, input.device, input.online);
    case 'override': {
      const { on, untilMs, reason } = input;
      return unsaid(
        withDevice(state, input.device, (d) => ({ ...d, override: { on, untilMs, reason } })),
      );
    }
    case 'remembered-shed':
      return unsaid(
        withDevice(state, input.device, (d) => (d.reported === true ? d : { ...d, target: false })),
      );
  }
}

/** A device that comes back may have been switched by hand, or have lost its state. */
function hearAvailability(state: ControlState, name: string, online: boolean): ControlStep {
  const next = withDevice(state, name, (device) => ({
    ...device,
    availability: online ? 'online' : 'offline',
    unresponsive: false,
  }));
  const known = state.devices.some((device) => device.name === name);
  return { state: next, outputs: online && known ? [{ kind: 'query', device: name }] : [] };
}

const unsaid = (state: ControlState): ControlStep => ({ state, outputs: [] });

const withDevice = (
  state: ControlState,
  name: string,
  change: (device: DeviceControl) => DeviceControl,
): ControlState => ({
  ...state,
  devices: state.devices.map((device) => (device.name === name ? change(device) : device)),
});
