import type { DataInformation } from './data-information.js';
import { electricityMedium } from './media.js';
import type { ValueInformation } from './value-information.js';

/** What a record states now of the meter as a whole, in codes of IEC 62056-6-1 and EN 13757-1. */
const groupOfMedium: Readonly<Record<number, number>> = {
  0x02: 1,
  0x03: 7,
  0x04: 6,
  0x06: 9,
  0x07: 8,
  0x0a: 5,
  0x0b: 5,
  0x0c: 6,
  0x0d: 6,
  0x12: 7,
  0x13: 7,
  0x15: 9,
  0x16: 8,
};

type Codes = Readonly<Record<string, string>>;

const thermal: Codes = {
  Energy: '1.0.0',
  Volume: '2.0.0',
  Power: '8.0.0',
  'Volume flow': '9.0.0',
  'Flow temperature': '10.0.0',
  'Return temperature': '11.0.0',
  'Temperature difference': '12.0.0',
};
const water: Codes = { Volume: '1.0.0', 'Volume flow': '2.0.0' };
const codesOfGroup: Readonly<Record<number, Codes>> = {
  5: thermal,
  6: thermal,
  7: { Volume: '3.0.0', 'Volume flow': '43.0.0' },
  8: water,
  9: water,
};

/** Code C of an electrical quantity: of all phases, and of L1; each further phase is 20 more. */
const electrical: Readonly<Record<string, { readonly total?: number; readonly first: number }>> = {
  Power: { total: 16, first: 36 },
  'Reactive power': { total: 3, first: 23 },
  'Apparent power': { total: 9, first: 29 },
  Voltage: { total: 12, first: 32 },
  Current: { total: 11, first: 31 },
  Frequency: { total: 14, first: 34 },
};
/** Energy by its remark, without which it is import. */
const energyCodes: Readonly<Record<string, number>> = { '': 1, positive: 1, negative: 2 };
const reactiveEnergyCodes: Readonly<Record<string, number>> = { '': 3, positive: 3, negative: 4 };
const phases = ['L1', 'L2', 'L3'];
const tariffMax = 9;

/**
 * The OBIS code of a record, or null. Only present values of storage 0 have one: history, extremes,
 * other parts of the meter and values with further remarks are told by their label.
 */
export function obisOf(
  medium: number,
  { valueFunction, storage, tariff, device }: DataInformation,
  kind: ValueInformation,
): string | null {
  if (valueFunction !== 'instantaneous' || storage !== 0 || device !== 0) return null;
  if (medium === electricityMedium) return electricityObis(kind, tariff);
  const group = groupOfMedium[medium];
  const isPlain = kind.remarks.length + kind.manufacturerCodes.length + tariff === 0;
  if (group === undefined || !isPlain) return null;
  const code = codesOfGroup[group]?.[kind.quantity];
  return code === undefined ? null : `${group}-0:${code}`;
}

function electricityObis(kind: ValueInformation, tariff: number): string | null {
  const { quantity } = kind;
  const [remark = '', ...others] = kind.remarks;
  if (quantity === 'Energy' || quantity === 'Reactive energy') {
    const codes = quantity === 'Energy' ? energyCodes : reactiveEnergyCodes;
    const c = codes[remark];
    const isWhole = others.length === 0 && phaseOf(kind) === 0 && tariff <= tariffMax;
    return c === undefined || !isWhole ? null : `1-0:${c}.8.${tariff}`;
  }
  const codes = electrical[quantity];
  const isPlain = remark === '' || phases.includes(remark);
  const phase = phaseOf(kind);
  if (!codes || !isPlain || others.length > 0 || phase === null || tariff !== 0) return null;
  const c = phase === 0 ? codes.total : codes.first + 20 * (phase - 1);
  return c === undefined ? null : `1-0:${c}.7.0`;
}

/**
 * 1 to 3, 0 for all of them, or null for something else. Meters from before table 16 of the
 * standard state the phase as a code of their own after VIFE FF.
 */
function phaseOf({ remarks, manufacturerCodes }: ValueInformation): number | null {
  const stated = remarks.map((remark) => phases.indexOf(remark) + 1).find((phase) => phase > 0);
  if (stated !== undefined) return stated;
  const [code = 0, ...others] = manufacturerCodes;
  return code <= phases.length && others.length === 0 ? code : null;
}
