import type { Reading } from '@wattbus/energy-model';
import { ewMean } from '../forecast/load-profile.js';
import { pairStep, type ApplianceRun, type OpenSteps } from './runs.js';
import { nextSteps, startSteps, type StepState } from './steps.js';

/**
 * Big resistive loads, found by their steps in power: heaters, kettles, ovens. Smaller and
 * modulating loads are not promised, and no name is claimed. Plain JSON.
 */
export interface ApplianceState {
  /** By phase where the meter states power of phases, else one for the whole. */
  readonly channels: { readonly [name in Channel]?: ChannelState };
  readonly devices: readonly Device[];
}

export interface ChannelState {
  readonly steps: StepState;
  readonly open: OpenSteps;
}

/** Runs that are alike. */
export interface Device {
  /** Stays the device's own: `1` is the first that was found. */
  readonly id: number;
  readonly powerW: number;
  readonly durationMs: number;
  readonly runs: number;
  readonly runsToday: number;
  /** Runs a day of late; null before the first whole day. */
  readonly runsPerDay: number | null;
  readonly lastAtMs: number;
}

export interface DeviceRun extends ApplianceRun {
  readonly device: number;
  readonly channel: Channel;
}

export type Channel = 'all' | 'L1' | 'L2' | 'L3';

export const initialAppliances: ApplianceState = { channels: {}, devices: [] };

/** What a run must have to be spoken of. */
export const RUN_W_MIN = 1_000;
/** Slower readings miss the steps between. */
const READING_MS_MAX = 12_000;
const DEVICES_MAX = 16;
const DEVICE_W = 50;
const DEVICE_SHARE = 0.05;
const MEAN_SHARE = 0.1;
const phaseChannels = [
  { channel: 'L1', quantity: 'powerL1W' },
  { channel: 'L2', quantity: 'powerL2W' },
  { channel: 'L3', quantity: 'powerL3W' },
] as const;

/** Takes a reading; returns the runs that it ended. */
export function nextAppliances(
  state: ApplianceState,
  reading: Reading,
  atMs: number,
): { state: ApplianceState; runs: readonly DeviceRun[] } {
  let next = state;
  const runs: DeviceRun[] = [];
  for (const { channel, powerW } of powersOf(reading)) {
    const step = nextChannel(state.channels[channel], atMs, powerW);
    next = { ...next, channels: { ...next.channels, [channel]: step.channel } };
    if (!step.run || step.run.powerW < RUN_W_MIN) continue;
    const known = addRun(next.devices, step.run);
    next = { ...next, devices: known.devices };
    runs.push({ ...step.run, device: known.device, channel });
  }
  return { state: next, runs };
}

/** Ends a local day. */
export const closeApplianceDay = (state: ApplianceState): ApplianceState => ({
  ...state,
  devices: state.devices.map((device) => ({
    ...device,
    runsToday: 0,
    runsPerDay:
      device.runsPerDay === null
        ? device.runsToday
        : ewMean(device.runsPerDay, device.runsToday, MEAN_SHARE),
  })),
});

function powersOf(reading: Reading): readonly { channel: Channel; powerW: number }[] {
  const ofPhases = phaseChannels.flatMap(({ channel, quantity }) => {
    const powerW = reading[quantity];
    return powerW === undefined ? [] : [{ channel, powerW }];
  });
  if (ofPhases.length > 0) return ofPhases;
  return reading.powerW === undefined ? [] : [{ channel: 'all', powerW: reading.powerW }];
}

function nextChannel(
  known: ChannelState | undefined,
  atMs: number,
  powerW: number,
): { channel: ChannelState; run: ApplianceRun | null } {
  const elapsedMs = known ? atMs - known.steps.lastAtMs : Infinity;
  if (known && elapsedMs <= 0) return { channel: known, run: null };
  if (!known || elapsedMs > READING_MS_MAX) {
    return { channel: { steps: startSteps(atMs, powerW), open: [] }, run: null };
  }
  const { state: steps, step } = nextSteps(known.steps, atMs, powerW);
  if (!step) return { channel: { steps, open: known.open }, run: null };
  const { open, run } = pairStep(known.open, step);
  return { channel: { steps, open }, run };
}

/** The device whose runs this one is like, or a new one in place of the one not seen longest. */
function addRun(
  devices: readonly Device[],
  { powerW, fromMs, toMs }: ApplianceRun,
): { devices: readonly Device[]; device: number } {
  const durationMs = toMs - fromMs;
  const at = devices.findIndex(
    (device) =>
      Math.abs(device.powerW - powerW) <= Math.max(DEVICE_W, DEVICE_SHARE * device.powerW),
  );
  const known = devices[at];
  if (known) {
    const share = Math.max(MEAN_SHARE, 1 / (known.runs + 1));
    const device: Device = {
      ...known,
      powerW: ewMean(known.powerW, powerW, share),
      durationMs: ewMean(known.durationMs, durationMs, share),
      runs: known.runs + 1,
      runsToday: known.runsToday + 1,
      lastAtMs: toMs,
    };
    return { devices: devices.with(at, device), device: known.id };
  }
  const id = devices.reduce((highest, device) => Math.max(highest, device.id), 0) + 1;
  const oldest = Math.min(...devices.map(({ lastAtMs }) => lastAtMs));
  const kept =
    devices.length < DEVICES_MAX ? devices : devices.filter(({ lastAtMs }) => lastAtMs > oldest);
  const device: Device = {
    id,
    powerW,
    durationMs,
    runs: 1,
    runsToday: 1,
    runsPerDay: null,
    lastAtMs: toMs,
  };
  return { devices: [...kept, device], device: id };
}
