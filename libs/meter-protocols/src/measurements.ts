import {
  quantities,
  type Measured,
  type Medium,
  type QuantityName,
  type Unit,
} from '@wattbus/energy-model';
import type { Register, Telegram } from '@wattbus/energy-model';
import {
  channelIdKeys,
  channelKinds,
  channelReadingKeys,
  demandPeakKey,
  deviceTypeKey,
  electricitySources,
  noLimitFrom,
  powerFailureLog,
  unitFactors,
  volumeMedia,
  type Source,
} from './measurement-table.js';
import { decodeEquipmentId } from './framing/equipment-id.js';
import { skippedLineWarning } from './framing/skipped-line.js';

/** The numbers that a telegram states about one meter, in the units of the energy model. */
export interface Measurement {
  /** The meter itself, or the gas, water or heat meter on M-Bus channel N behind it. */
  readonly subject: 'main' | `channel-${number}`;
  /** As that meter states it. */
  readonly meterId?: string;
  readonly medium: Medium;
  /** When the values were captured (ISO 8601 with offset), or null where no time is stated. */
  readonly at: string | null;
  readonly measured: Measured;
  readonly demandImportPeakMonthAt?: string;
}

/** A long power failure from the meter's own log. */
export interface PowerFailure {
  readonly endedAt: string;
  readonly durationS: number;
}

/**
 * Telegram → measurements, by OBIS code, or by label where a protocol names a quantity itself.
 * Registers without a known code, without a unit that fits or with a placeholder are left out:
 * unknown is absent, never 0. Subjects without any number do not appear. Pure.
 */
export function measurementsOf(telegram: Telegram): readonly Measurement[] {
  const { main, channels } = sorted(telegram.registers);
  const found = [
    mainMeasurement(telegram, main),
    ...[...channels].map(([channel, registers]) => channelMeasurement(channel, registers)),
  ];
  return found.filter((measurement) => measurement !== null);
}

const logDurationMaxS = 2_147_000_000;

/**
 * The failure log, oldest entry as the meter orders it. Entries of meters whose clock was not set
 * (the year 2000) and the largest 32-bit number are placeholders, not failures.
 */
export function powerFailuresOf(telegram: Telegram): readonly PowerFailure[] {
  const failures: PowerFailure[] = [];
  for (const { obis, value, unit, at } of telegram.registers) {
    if (obis !== powerFailureLog || typeof value !== 'number' || unit !== 's' || !at) continue;
    if (at.startsWith('2000') || value >= logDurationMaxS) continue;
    failures.push({ endedAt: at, durationS: value });
  }
  return failures;
}

/** By `A-C.D.E` for the meter itself and by `C.D.E` for a channel; the first one stated counts. */
type Registers = Map<string, Register>;

function sorted(registers: readonly Register[]): {
  main: Registers;
  channels: Map<number, Registers>;
} {
  const main: Registers = new Map();
  const channels = new Map<number, Registers>();
  for (const register of registers) {
    const { obis } = register;
    if (obis === undefined) {
      if (register.label !== undefined) setFirst(main, register.label, register);
      continue;
    }
    const { channel, key } = placeOf(obis);
    if (channel === 0) {
      setFirst(main, key, register);
      continue;
    }
    const known = channels.get(channel) ?? new Map<string, Register>();
    channels.set(channel, known);
    setFirst(known, key, register);
  }
  return { main, channels };
}

/** Which subject a code belongs to, and its key there. */
interface Place {
  readonly channel: number;
  readonly key: string;
}

/** Import, export and reactive energy and power (C 1 to 16) with D 7 or 8. */
const electricityCode = /^(?:[1-9]|1[0-6])\.[78]\.\d$/;

/** Meters repeat a few dozen codes for ever: taking them apart once is enough. */
const places = new Map<string, Place>();
const placesMax = 1024;

function placeOf(obis: string): Place {
  const known = places.get(obis);
  if (known) return known;
  const [dash, colon] = [obis.indexOf('-'), obis.indexOf(':')];
  const channel = obis.startsWith('0-') ? Number(obis.slice(dash + 1, colon)) : 0;
  // Tariff 255 means "not given", which is the total.
  const code = obis.slice(colon + 1).replace(/\.255$/, '.0');
  // Some meters state electricity as "no medium": 0-0:1.8.0.
  const abstract = obis.startsWith('0-0:') && electricityCode.test(code);
  const medium = abstract ? '1-' : obis.slice(0, dash + 1);
  const place = { channel, key: channel === 0 ? medium + code : code };
  if (places.size < placesMax) places.set(obis, place);
  return place;
}

function setFirst(registers: Registers, key: string, register: Register): void {
  if (!registers.has(key)) registers.set(key, register);
}

const electricityEntries = Object.entries(electricitySources) as [
  QuantityName,
  readonly Source[],
][];

function mainMeasurement(telegram: Telegram, registers: Registers): Measurement | null {
  const measured: Measured = {};
  // A line lost from an unchecked telegram may have been a tariff, and the sum would fall.
  const sums =
    telegram.checked || !telegram.warnings.some((text) => text.startsWith(skippedLineWarning));
  for (const [quantity, sources] of electricityEntries) {
    const value = firstStated(quantity, sources, registers, sums);
    if (value !== null) measured[quantity] = value;
  }
  for (const [label, register] of registers) {
    if (register.obis !== undefined || !Object.hasOwn(quantities, label)) continue;
    const value = valueOf(label as QuantityName, register);
    if (value !== null) measured[label as QuantityName] = value;
  }
  if (Object.keys(measured).length === 0) return null;
  signCurrents(measured);
  const peakAt = registers.get(demandPeakKey)?.at;
  return {
    subject: 'main',
    ...(telegram.meter.id === undefined ? {} : { meterId: telegram.meter.id }),
    medium: mediumOf(measured, registers),
    at: telegram.at,
    measured,
    ...(peakAt === undefined || measured.demandImportPeakMonthW === undefined
      ? {}
      : { demandImportPeakMonthAt: peakAt }),
  };
}

function channelMeasurement(channel: number, registers: Registers): Measurement | null {
  const kind = channelKinds[Number(registers.get(deviceTypeKey)?.value ?? NaN)];
  if (!kind) return null;
  const reading = firstOf(registers, channelReadingKeys);
  const value = reading ? valueOf(kind.quantity, reading) : null;
  if (value === null) return null;
  const id = firstOf(registers, channelIdKeys)?.value;
  return {
    subject: `channel-${channel}`,
    ...(id === undefined || id === '' ? {} : { meterId: decodeEquipmentId(String(id)) }),
    medium: kind.medium,
    at: reading?.at ?? null,
    measured: { [kind.quantity]: value },
  };
}

function firstOf(registers: Registers, keys: readonly string[]): Register | undefined {
  const key = keys.find((candidate) => (registers.get(candidate)?.value ?? '') !== '');
  return key === undefined ? undefined : registers.get(key);
}

function firstStated(
  quantity: QuantityName,
  sources: readonly Source[],
  registers: Registers,
  sums: boolean,
): number | null {
  for (const { plus, minus = [] } of sources) {
    if (plus.length > 1 && !sums) continue;
    const added = sumOf(quantity, plus, registers);
    const subtracted = sumOf(quantity, minus, registers);
    if (added !== null || subtracted !== null) {
      return rounded(quantity, (added ?? 0) - (subtracted ?? 0));
    }
  }
  return null;
}

function sumOf(
  quantity: QuantityName,
  keys: readonly string[],
  registers: Registers,
): number | null {
  let sum: number | null = null;
  for (const key of keys) {
    const register = registers.get(key);
    const value = register ? valueOf(quantity, register) : null;
    if (value !== null) sum = (sum ?? 0) + value;
  }
  return sum;
}

/** The register in the quantity's unit; null where it is no number or of another unit. */
function valueOf(quantity: QuantityName, { value, unit }: Register): number | null {
  const expected = quantities[quantity].unit;
  const factor = expected === '' ? unitlessFactor(unit) : factorOf(expected, unit);
  const stated = typeof value === 'number' ? value : numberIn(value);
  if (factor === undefined || stated === null) return null;
  const result = rounded(quantity, stated * factor);
  return isPlausible(quantity, result) ? result : null;
}

/** Meters write kvarh, kVArh and kVAr for the same units. */
function factorOf(expected: Unit, unit: string | undefined): number | undefined {
  const factors = unitFactors[expected];
  return unit === undefined ? undefined : (factors?.[unit] ?? factors?.[unit.toLowerCase()]);
}

const unitlessFactor = (unit: string | undefined): number | undefined =>
  unit === undefined || unit === '' ? 1 : undefined;

const numberIn = (text: string): number | null => (/^\d{1,15}$/.test(text) ? Number(text) : null);

/** Decimals beyond the millionth are left over from binary fractions, not stated by a meter. */
function rounded(quantity: QuantityName, value: number): number {
  return quantities[quantity].integer ? Math.round(value) : Math.round(value * 1e6) / 1e6;
}

function isPlausible(quantity: QuantityName, value: number): boolean {
  if (quantity === 'powerFactor') return Math.abs(value) <= 1;
  if (quantity in noLimitFrom) return value < noLimitFrom[quantity as keyof typeof noLimitFrom];
  const { kind, integer } = quantities[quantity];
  if (integer && !Number.isSafeInteger(value)) return false;
  return kind === 'gauge' || value >= 0;
}

const phases = [
  ['currentL1A', 'powerL1W'],
  ['currentL2A', 'powerL2W'],
  ['currentL3A', 'powerL3W'],
] as const;

/** Meters state the size of a current; its direction is that of the phase's power. */
function signCurrents(measured: Measured): void {
  for (const [current, power] of phases) {
    const value = measured[current] ?? 0;
    if (value > 0 && (measured[power] ?? 0) < 0) measured[current] = -value;
  }
}

/** A volume is water unless its code says otherwise: meters that name quantities have none. */
function mediumOf(measured: Measured, registers: Registers): Medium {
  if (measured.heatJ !== undefined) return 'heat';
  if (measured.coolingJ !== undefined) return 'cooling';
  if (measured.volumeL === undefined) return 'electricity';
  return volumeMedia.find(([key]) => registers.has(key))?.[1] ?? 'water';
}
