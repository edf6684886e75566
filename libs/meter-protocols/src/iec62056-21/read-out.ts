import type { Register, Telegram } from '@wattbus/energy-model';
import { skippedLineWarning } from '../framing/skipped-line.js';
import {
  countsSomething,
  electricity,
  formatGroups,
  heat,
  isGeneral,
  readAddress,
  type Address,
} from './address.js';
import { splitDataBlock, type DataSet } from './data-block.js';
import { isProfileHeader, LoadProfile } from './load-profile.js';
import { readClock, readStamp } from './meter-time.js';
import { readValue, splitParts, type StatedValue } from './value-text.js';

/** What a data block says, before it is known whether a block check covered it. */
export type ReadOut = Pick<Telegram, 'at' | 'registers' | 'warnings'> & {
  readonly id: string | undefined;
};

const warningsMax = 8;
const warningTextMax = 40;
const heatEnergy = /^6\.8(?:\(|$)/;
const heatUnits = new Set(['MWh', 'GJ', 'MJ', 'kWh', 'Wh']);
/** Meters without a unit count in kWh (DIN 43863-3). */
const impliedUnit = 'kWh';

/** Serial number first, then the identification numbers of the owner. */
const idNames = ['96.1.0', '96.1.255', '0.0.0', '0.0.9', '0.0.1'];
const clockTime = '0.9.1';
const clockDate = '0.9.2';
/** Date and time in one register: DSMR, EDIS 0.9.4, heat meters. */
const clockNames = ['0-0:1.0.0', '1-0:0.9.4', '6-0:9.36.0'];

/** Data block of a read-out (text between the identification and the closing `!`). Pure. */
export function readReadOut(text: string, standardOffsetMinutes: number): ReadOut {
  const { sets, skipped } = splitDataBlock(text);
  const registers: Register[] = [];
  const unread = [...skipped];
  const medium = isHeatMeter(sets) ? heat : electricity;
  let profile: LoadProfile | null = null;
  for (const set of sets) {
    if (isProfileHeader(set)) {
      profile = new LoadProfile(set, standardOffsetMinutes);
      registers.push(profile.status());
      continue;
    }
    if (set.address !== '') profile = null;
    const address = readAddress(set.address, medium);
    const read =
      profile?.row(set) ?? (address ? registersOf(set, address, standardOffsetMinutes) : []);
    if (read.length === 0) unread.push(`${set.address}(${set.groups.join(')(')})`);
    registers.push(...read);
  }
  return {
    id: idOf(registers),
    at: clockOf(registers, standardOffsetMinutes),
    registers,
    warnings: unread
      .slice(0, warningsMax)
      .map((rest) => skippedLineWarning + rest.slice(0, warningTextMax)),
  };
}

/**
 * Registers of one data set. Of two groups one may be the time of the other: `(02.468*kW)(1703100930)`
 * or, at M-Bus channels, `(101209110000W)(12785.123*m3)`. Further groups keep the code as a label.
 */
function registersOf(
  { groups }: DataSet,
  address: Address,
  standardOffsetMinutes: number,
): readonly Register[] {
  const [first = '', second] = groups;
  if (groups.length === 2 && second !== undefined) {
    const timed =
      timedRegister(address, first, second, standardOffsetMinutes) ??
      timedRegister(address, second, first, standardOffsetMinutes);
    if (timed) return [timed];
  }
  return groups.flatMap((group, index) => {
    if (index > 0) return splitParts(group).map((part) => further(address, index, part));
    const [part = '', ...parts] = splitParts(group);
    const rest = parts.map((one, place) => further(address, place + 1, one));
    return [registerOf(address, readValue(part)), ...rest];
  });
}

function timedRegister(
  address: Address,
  stated: string,
  stamp: string,
  standardOffsetMinutes: number,
): Register | null {
  const value = readValue(stated);
  if (value.number === null || (value.unit === undefined && !stated.includes('.'))) return null;
  const at = readStamp(stamp.trim(), standardOffsetMinutes);
  return at === null ? null : { ...registerOf(address, value), at };
}

function registerOf(address: Address, stated: StatedValue): Register {
  const { printed, groups, full } = address;
  const value = valueOf(address, stated);
  const unit =
    stated.unit ?? (typeof value === 'number' && isEnergy(address) ? impliedUnit : undefined);
  const obis = groups === null ? undefined : formatGroups(groups);
  const named = groups === null || !full || isLettered(printed);
  return {
    ...(obis === undefined ? {} : { obis }),
    ...(named ? { label: printed } : {}),
    value,
    ...(unit === undefined ? {} : { unit }),
  };
}

function further(address: Address, index: number, part: string): Register {
  const { number, text, unit } = readValue(part);
  const label = `${address.printed}[${index}]`;
  if (number === null || unit === undefined) return { label, value: text };
  return { label, value: number, unit };
}

function valueOf({ groups }: Address, { text, unit, number }: StatedValue): number | string {
  if (number === null) return text;
  const measured = unit !== undefined || countsSomething(groups);
  return measured || (text.includes('.') && !isGeneral(groups)) ? number : text;
}

const isEnergy = ({ groups }: Address): boolean =>
  groups?.a === 1 && (groups.c === 1 || groups.c === 2) && groups.d === 8;

const isLettered = (printed: string): boolean => /[CFLP]/.test(printed);

/** Heat meters print reduced codes of medium 6: 6.8 is their energy, not reactive energy. */
function isHeatMeter(sets: readonly DataSet[]): boolean {
  const energy = sets.find(({ address }) => heatEnergy.test(address));
  return energy !== undefined && heatUnits.has(readValue(energy.groups[0]!).unit ?? '');
}

function idOf(registers: readonly Register[]): string | undefined {
  for (const name of idNames) {
    const found = registers.find(({ obis, value }) => obis?.endsWith(`-0:${name}`) && value !== '');
    if (found) return String(found.value);
  }
  return undefined;
}

function clockOf(registers: readonly Register[], standardOffsetMinutes: number): string | null {
  const textOf = (name: string): string | undefined => {
    const found = registers.find(({ obis }) => obis === name || obis?.endsWith(`-0:${name}`));
    return found && found.value !== '' ? String(found.value) : undefined;
  };
  for (const name of clockNames) {
    const stamp = textOf(name);
    const at = stamp === undefined ? null : readStamp(stamp, standardOffsetMinutes);
    if (at !== null) return at;
  }
  const [time, date] = [textOf(clockTime), textOf(clockDate)];
  return time && date ? readClock(time, date, standardOffsetMinutes) : null;
}
