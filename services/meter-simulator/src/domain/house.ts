import { draw } from '@wattbus/energy-model';
import { appliances, AT_REST, type Memory, type Phases } from './appliances.js';

/** Everything that the house is at a moment; plain JSON, so that it can be kept. */
export interface House {
  readonly atMs: number;
  readonly random: number;
  readonly memories: Readonly<Record<string, Memory>>;
  /** Registers count in mWh, so that a one-second step loses nothing. */
  readonly importMWh: readonly [low: number, normal: number];
  readonly exportMWh: readonly [low: number, normal: number];
  readonly gasML: number;
}

/** What the world around the house is at the step. */
export interface Surroundings {
  readonly atMs: number;
  readonly hour: number;
  readonly dayOfYear: number;
  readonly weekend: boolean;
  readonly boilerPlugOn: boolean;
}

/** What the meter sees. Import positive, export negative. */
export interface MeterView {
  readonly atMs: number;
  readonly phasePowerW: Phases;
  readonly phaseVoltageV: Phases;
  readonly phaseCurrentA: Phases;
  readonly powerW: number;
  readonly importWh: readonly [low: number, normal: number];
  readonly exportWh: readonly [low: number, normal: number];
  readonly lowTariff: boolean;
  readonly gasL: number;
}

export function newHouse(seed: number, atMs: number): House {
  return {
    atMs,
    random: seed >>> 0,
    memories: {},
    importMWh: [4_215_388_000, 3_907_114_000],
    exportMWh: [612_040_000, 1_488_917_000],
    gasML: 1_954_210_000,
  };
}

/** The house a while later. A register never falls; the meter nets the three phases. */
export function stepHouse(house: House, around: Surroundings): { house: House; view: MeterView } {
  let { random } = house;
  const chance = (): number => {
    const drawn = draw(random);
    random = drawn.state;
    return drawn.value;
  };
  const stepS = Math.max(0, (around.atMs - house.atMs) / 1000);
  const moment = { stepS, chance, ...around };

  const memories: Record<string, Memory> = {};
  const phases: [number, number, number] = [0, 0, 0];
  for (const { name, step } of appliances) {
    const { memory, powerW } = step(house.memories[name] ?? AT_REST, moment);
    memories[name] = memory;
    for (const i of [0, 1, 2] as const) phases[i] += powerW[i];
  }
  const powerW = phases[0] + phases[1] + phases[2];
  const lowTariff = around.weekend || around.hour < 7 || around.hour >= 23;
  const next: House = {
    atMs: around.atMs,
    random,
    memories,
    importMWh: counted(house.importMWh, lowTariff, Math.max(0, powerW), stepS),
    exportMWh: counted(house.exportMWh, lowTariff, Math.max(0, -powerW), stepS),
    gasML: house.gasML + gasFlowMLPerS(around.hour) * stepS,
  };
  return { house: next, view: viewOf(next, { phases, lowTariff, chance }) };
}

function counted(
  [low, normal]: readonly [number, number],
  lowTariff: boolean,
  powerW: number,
  stepS: number,
): readonly [number, number] {
  const mWh = (powerW * stepS) / 3.6;
  return lowTariff ? [low + mWh, normal] : [low, normal + mWh];
}

/** Hot water and cooking, as a smooth day: about 0.9 m³. */
const gasFlowMLPerS = (hour: number): number =>
  22 * Math.exp(-((hour - 7.2) ** 2) / 1.2) + 26 * Math.exp(-((hour - 18.5) ** 2) / 2.5) + 1.2;

function viewOf(
  { atMs, importMWh, exportMWh, gasML }: House,
  now: { phases: Phases; lowTariff: boolean; chance: () => number },
): MeterView {
  const phaseVoltageV = now.phases.map(
    (powerW) => 231.2 - powerW * 0.0009 + 1.6 * (now.chance() - 0.5),
  ) as unknown as Phases;
  const wh = ([low, normal]: readonly [number, number]): [number, number] => [
    Math.floor(low / 1000),
    Math.floor(normal / 1000),
  ];
  return {
    atMs,
    phasePowerW: now.phases,
    phaseVoltageV,
    phaseCurrentA: now.phases.map(
      (powerW, i) => Math.abs(powerW) / phaseVoltageV[i]!,
    ) as unknown as Phases,
    powerW: now.phases[0] + now.phases[1] + now.phases[2],
    importWh: wh(importMWh),
    exportWh: wh(exportMWh),
    lowTariff: now.lowTariff,
    gasL: Math.floor(gasML / 1000),
  };
}
