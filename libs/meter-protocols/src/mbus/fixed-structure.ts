import type { Register } from '@wattbus/energy-model';
import { Buffer } from 'node:buffer';

/** Counters 1 and 2 with their units (EN 13757-3 annex, CI 73): the oldest kind of telegram. */
export const fixedBytes = 16;

/** Header of the fixed structure: identification, access, status, two units, two counters. */
const statusAt = 5;
const unitsAt = 6;
const countersAt = 8;
const binaryBit = 0x80;
const historyBit = 0x40;
const sameButHistoric = 0x3e;

interface FixedUnit {
  readonly quantity: string;
  readonly unit?: string;
  /** The counter in tens, hundreds … of the unit. */
  readonly exponent: number;
}

/** Runs of codes, each ten times the one before: first code, quantity, unit, first exponent. */
const runs: readonly (readonly [number, number, string, string, number])[] = [
  [0x02, 0x04, 'Energy', 'Wh', 0],
  [0x05, 0x07, 'Energy', 'kWh', 0],
  [0x08, 0x0a, 'Energy', 'MWh', 0],
  [0x0b, 0x0d, 'Energy', 'kJ', 0],
  [0x0e, 0x10, 'Energy', 'MJ', 0],
  [0x11, 0x13, 'Energy', 'GJ', 0],
  [0x14, 0x16, 'Power', 'W', 0],
  [0x17, 0x19, 'Power', 'kW', 0],
  [0x1a, 0x1c, 'Power', 'MW', 0],
  [0x1d, 0x1f, 'Power', 'kJ/h', 0],
  [0x20, 0x22, 'Power', 'MJ/h', 0],
  [0x23, 0x25, 'Power', 'GJ/h', 0],
  [0x26, 0x28, 'Volume', 'ml', 0],
  [0x29, 0x2b, 'Volume', 'l', 0],
  [0x2c, 0x2e, 'Volume', 'm3', 0],
  [0x2f, 0x31, 'Volume flow', 'ml/h', 0],
  [0x32, 0x34, 'Volume flow', 'l/h', 0],
  [0x35, 0x37, 'Volume flow', 'm3/h', 0],
  [0x38, 0x38, 'Temperature', '°C', -3],
];

function unitOf(code: number): FixedUnit {
  const run = runs.find(([first, last]) => code >= first && code <= last);
  if (!run) return { quantity: code === 0x39 ? 'H.C.A.' : 'Counter', exponent: 0 };
  const [first, , quantity, unit, exponent] = run;
  return { quantity, unit, exponent: exponent + code - first };
}

/** The two counters; `obis` names those that count now. */
export function readFixed(
  bytes: Uint8Array,
  obis: (quantity: string) => string | null,
): readonly Register[] {
  const isBinary = (bytes[statusAt]! & binaryBit) !== 0;
  return [0, 1].map((index) => {
    const stated = bytes[unitsAt + index]! & 0x3f;
    const isHistory = stated === sameButHistoric;
    const unit = unitOf(isHistory ? bytes[unitsAt]! & 0x3f : stated);
    const counter = bytes.subarray(countersAt + 4 * index, countersAt + 4 * index + 4);
    const value = counterOf(counter, isBinary);
    const isNow = !isHistory && (bytes[statusAt]! & historyBit) === 0;
    const code = isNow ? obis(unit.quantity) : null;
    return {
      ...(code === null ? {} : { obis: code }),
      label: isHistory ? `${unit.quantity}, storage 1` : unit.quantity,
      value: typeof value === 'number' ? value * 10 ** unit.exponent : value,
      ...(unit.unit === undefined ? {} : { unit: unit.unit }),
    };
  });
}

function counterOf(bytes: Uint8Array, isBinary: boolean): number | string {
  const digits = Buffer.from(bytes).reverse().toString('hex').toUpperCase();
  if (isBinary) return parseInt(digits, 16);
  return /^\d+$/.test(digits) ? Number(digits) : digits;
}
