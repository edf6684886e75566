import type { Entry } from './entries.js';
import type { Quantity } from './obis-meaning.js';

/**
 * What a meter means by its numbers where the list states no scaler and unit: the powers of ten,
 * by quantity. Kamstrup and Kaifa publish them; for others they follow from the numbers.
 */
export type Scalers = Readonly<Partial<Record<Quantity, number>>>;

/** Kamstrup "HAN-NVE interface description": 10 Wh, 0.01 A, 1 V, power factor in hundredths. */
const kamstrup: Scalers = { energy: 1, power: 0, current: -2, voltage: 0, factor: -2 };
/** Kaifa "KFM_001 list": 1 Wh, 0.001 A, 0.1 V. */
const kaifa: Scalers = { energy: 0, power: 0, current: -3, voltage: -1 };

/**
 * The end of a Kamstrup type number is the country. In Sweden (090) and Switzerland (063) the
 * meters count in Wh, in Norway (040) and Denmark, whose lists carry no type number, in 10 Wh.
 */
const kamstrupWattHourCountries = /(?:090|063)$/;

/** The scalers for the values without one. `model` is the type number as the meter states it. */
export function scalersFor(
  entries: readonly Entry[],
  manufacturer: string | undefined,
  model: string | undefined,
): Scalers {
  const vendor =
    manufacturer === 'Kamstrup'
      ? kamstrupWattHourCountries.test(model ?? '')
        ? { ...kamstrup, energy: 0 }
        : kamstrup
      : manufacturer === 'Kaifa'
        ? kaifa
        : {};
  const raw = rawValues(entries);
  const scalers: Record<Quantity, number> = {
    energy: 0,
    power: 0,
    current: -2,
    voltage: decimals(raw.voltages, voltageMax),
    factor: decimals(raw.factors, 1),
    frequency: decimals(raw.frequencies, frequencyMax),
    unknown: 0,
    ...vendor,
  };
  if (currentsAreMilliampere(raw, scalers)) scalers.current = -3;
  return scalers;
}

/** No phase of a house exceeds this; 235.1 V arrives as 2351, 235 V as 235. */
const voltageMax = 600;
const frequencyMax = 100;
const decimalsMax = 3;

/** The power of ten that brings all values below `max`. */
function decimals(values: readonly number[], max: number): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  let scaler = 0;
  while (largest * 10 ** scaler > max && scaler > -decimalsMax) scaler -= 1;
  return scaler;
}

interface RawValues {
  readonly voltages: number[];
  readonly currents: number[];
  readonly factors: number[];
  readonly frequencies: number[];
  /** Sums over the phases: P and Q, in W and var. */
  active: number;
  reactive: number;
}

function rawValues(entries: readonly Entry[]): RawValues {
  const raw: RawValues = {
    voltages: [],
    currents: [],
    factors: [],
    frequencies: [],
    active: 0,
    reactive: 0,
  };
  for (const { code, item, scaler } of entries) {
    if (code === null || scaler !== null || Number.isNaN(item.number)) continue;
    if (code.quantity === 'voltage') raw.voltages.push(item.number);
    else if (code.quantity === 'current') raw.currents.push(item.number);
    else if (code.quantity === 'factor') raw.factors.push(item.number);
    else if (code.quantity === 'frequency') raw.frequencies.push(item.number);
    else if (code.sum !== null) raw[code.sum] += item.number;
  }
  return raw;
}

/** A directly connected household meter carries at most this. */
const directCurrentMaxA = 100;
/** Below this the currents of phases that import and export hide the scale. */
const apparentPowerMinVA = 3000;

/**
 * Kamstrup meters behind current transformers state milliampere in the list of the direct ones.
 * They give themselves away where 0.01 A would be more than a direct meter carries and only
 * 0.001 A agrees with the power.
 */
function currentsAreMilliampere(raw: RawValues, scalers: Record<Quantity, number>): boolean {
  if (scalers.current !== -2 || raw.currents.length !== raw.voltages.length) return false;
  const apparentVA = Math.hypot(raw.active, raw.reactive);
  if (apparentVA < apparentPowerMinVA || Math.max(...raw.currents) <= directCurrentMaxA * 100) {
    return false;
  }
  let sumVA = 0;
  raw.currents.forEach((current, index) => {
    sumVA += (current / 1000) * raw.voltages[index]! * 10 ** scalers.voltage;
  });
  return sumVA > 0.8 * apparentVA && sumVA < 2 * apparentVA;
}

const powersOfTen = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/** Division keeps decimals exact: 2337 / 10 is 233.7, 2337 × 0.1 is not. */
export function scaled(value: number, scaler: number): number {
  if (scaler === 0) return value;
  const factor = powersOfTen[Math.abs(scaler)] ?? 10 ** Math.abs(scaler);
  return scaler < 0 ? value / factor : value * factor;
}
