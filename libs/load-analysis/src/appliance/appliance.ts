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
const channelNames: readonly Channel[] = ['all', 'L1', 'L2', 'L3'];

/** Takes a reading; returns the runs that it ended. */
export function nextAppliances(
  state: ApplianceState,
  reading: Reading,
  atMs: number,
): { state: ApplianceState; runs: readonly DeviceRun[] } {
  let { devices } = state;
  let runs: readonly DeviceRun[] = none;
  const channels: { -readonly [name in Channel]?: ChannelState } = {};
  for (const channel of channelNames) {
    const known = state.channels[channel];
    const powerW = powerOf(reading, channel);
    if (powerW === undefined) {
      if (known) channels[channel] = known;
      continue;
    }
    const step = nextChannel(known, atMs, powerW);
    channels[channel] = step.channel;
    if (!step.run || step.run.powerW < RUN_W_MIN) continue;
    const added = addRun(devices, step.run);
    devices = added.devices;
    runs = [...runs, { ...step.run, device: added.device, channel }];
  }
  return { state: { channels, devices }, runs };
}

const none: readonly never[] = [];

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

/** Of the whole only where no phase is stated. */
function powerOf(reading: Reading, channel: Channel): number | undefined {
  const { powerW, powerL1W, powerL2W, powerL3W } = reading;
  if (channel === 'L1') return powerL1W;
  if (channel === 'L2') return powerL2W;
  if (channel === 'L3') return powerL3W;
  return (powerL1W ?? powerL2W ?? powerL3W) === undefined ? powerW : undefined;
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
