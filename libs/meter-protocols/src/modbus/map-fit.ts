import type { BusMemory } from './bus-memory.js';
import type { MapRegister, RegisterMap } from './register-map.js';

/** How well a map explains what a meter keeps. */
export interface MapFit {
  readonly map: RegisterMap;
  /** Relations of its values that hold as they do in a grid, and not by chance. */
  readonly evidence: number;
  /** Registers that have a value other than 0. */
  readonly telling: number;
  /** The share of its registers that the meter has at all. */
  readonly present: number;
}

const voltageV = { min: 180, max: 260 };
/** A phase that is not connected. */
const unconnectedV = 30;
const frequencyHz = { min: 49, max: 61 };
const powerFactorMax = 1.001;
/** Currents and voltages are rounded, and read a moment before or after the power. */
const tolerance = 0.15;
const toleranceW = 25;
/** A phase with less says little about its power. */
const tellingW = 40;
const powerWMax = 150_000;
const energyKWhMax = 1e8;
/** Two words that are no float read as one of such a size. */
const floatMin = 1e-6;
const presentMin = 0.5;

const phases = ['1', '2', '3'].map((_, index) => ({
  voltage: `1-0:${32 + 20 * index}.7.0`,
  current: `1-0:${31 + 20 * index}.7.0`,
  power: `1-0:${36 + 20 * index}.7.0`,
  energy: `1-0:${21 + 20 * index}.8.0`,
}));
const codes = {
  voltage: '1-0:32.7.0',
  frequency: '1-0:14.7.0',
  power: '1-0:16.7.0',
  factor: '1-0:13.7.0',
  imported: '1-0:1.8.0',
  exported: '1-0:2.8.0',
};

/** The register that decides first, where a map has it: every meter of it measures that. */
export const firstRegisterOf = ({ registers }: RegisterMap): MapRegister | null =>
  registers.find(({ obis }) => obis === codes.voltage) ?? null;

export const isVoltage = (value: number | null): boolean =>
  value !== null && value >= voltageV.min && value <= voltageV.max;

type ValueOf = (obis: string) => number | null | undefined;

/** Null where the values cannot be those of a meter. */
export function fitOf(map: RegisterMap, memory: BusMemory): MapFit | null {
  const values = map.registers.map((register) => ({ register, value: memory.value(register) }));
  const known = values.flatMap(({ register, value }) =>
    value === null ? [] : [{ register, value }],
  );
  const present = known.length / values.length;
  if (present < presentMin || !known.every(isPossible)) return null;
  const byCode = new Map(
    values.map(({ register, value }) => [register.obis, inUnits(register, value)]),
  );
  const valueOf: ValueOf = (obis) => byCode.get(obis);
  const relations = [
    range(valueOf(codes.voltage), voltageV),
    range(valueOf(codes.frequency), frequencyHz),
    factor(valueOf(codes.factor)),
    ...phases.slice(1).map(({ voltage }) => otherVoltage(valueOf(voltage))),
    ...phases.map((phase) => phasePower(phase, valueOf)),
    total(valueOf),
    energies(valueOf),
  ];
  if (relations.includes(false)) return null;
  const evidence = relations.filter((holds) => holds === true).length;
  const telling = known.filter(({ value }) => value !== 0).length;
  return evidence === 0 && telling === 0 ? null : { map, evidence, telling, present };
}

const kilo = /^k(?:W|Wh|VA|var|varh|VAh)$/;

/** In W, V, A; energy in kWh. */
function inUnits({ unit = '' }: MapRegister, value: number | null): number | null {
  if (value === null) return null;
  if (/^k?Wh$/.test(unit)) return kilo.test(unit) ? value : value / 1000;
  return kilo.test(unit) ? value * 1000 : value;
}

function isPossible({ register, value }: { register: MapRegister; value: number }): boolean {
  const { type, scale, unit = '' } = register;
  if (type.startsWith('float') && value !== 0 && Math.abs(value) < floatMin * Math.abs(scale)) {
    return false;
  }
  const inUnit = Math.abs(inUnits(register, value)!);
  if (/Wh$|varh$|VAh$/.test(unit)) return inUnit <= energyKWhMax * (/^k?Wh$/.test(unit) ? 1 : 1000);
  return inUnit <= powerWMax;
}

/** True and false where a relation tells something, null where it does not. */
type Relation = boolean | null;

/** `undefined` is a register that the map does not have; one that the meter lacks does not hold. */
function range(
  value: number | null | undefined,
  { min, max }: { min: number; max: number },
): Relation {
  return value === undefined ? null : value !== null && value >= min && value <= max;
}

const factor = (value: number | null | undefined): Relation =>
  value === undefined || value === null ? null : Math.abs(value) <= powerFactorMax ? null : false;

const otherVoltage = (value: number | null | undefined): Relation =>
  value === undefined || value === null || Math.abs(value) <= unconnectedV
    ? null
    : isVoltage(value);

/** |P| ≤ U · I; a meter of one phase states its power as the total only. */
function phasePower(phase: (typeof phases)[number], valueOf: ValueOf): Relation {
  const voltage = valueOf(phase.voltage);
  const current = valueOf(phase.current);
  const isOnly = valueOf(phases[1]!.voltage) === undefined && phase === phases[0];
  const power = valueOf(phase.power) ?? (isOnly ? valueOf(codes.power) : null);
  if (typeof voltage !== 'number' || typeof current !== 'number' || typeof power !== 'number') {
    return null;
  }
  const apparentVA = voltage * Math.abs(current);
  if (Math.abs(power) > apparentVA * (1 + tolerance) + toleranceW) return false;
  return Math.abs(power) < tellingW ? null : true;
}

function total(valueOf: ValueOf): Relation {
  const power = valueOf(codes.power);
  const parts = phases.map((phase) => valueOf(phase.power));
  if (typeof power !== 'number' || !parts.every((part) => typeof part === 'number')) return null;
  const sum = parts.reduce((all, part) => all + part, 0);
  const size = parts.reduce((all, part) => all + Math.abs(part), 0);
  if (Math.abs(sum - power) > size * tolerance + toleranceW) return false;
  return Math.abs(power) < tellingW ? null : true;
}

/** Energies count from 0 on, and those of the phases do not stand still while the total grows. */
function energies(valueOf: ValueOf): Relation {
  const imported = valueOf(codes.imported);
  const exported = valueOf(codes.exported);
  if ((imported ?? 0) < 0 || (exported ?? 0) < 0) return false;
  const parts = phases.map((phase) => valueOf(phase.energy));
  if (!parts.every((part) => typeof part === 'number') || (imported ?? 0) < 1) return null;
  return parts.some((part) => part > 0);
}
