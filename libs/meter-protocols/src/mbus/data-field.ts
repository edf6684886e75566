import { Buffer } from 'node:buffer';
import { shortestFloat32 } from '../framing/float32.js';
import type { ByteReader } from './byte-reader.js';
import type { Coding } from './data-information.js';
import { readTimePoint } from './time-point.js';
import type { ValueInformation } from './value-information.js';

/**
 * The data of a record, scaled: a number in the unit of its kind, or a text. Null where the record
 * has none.
 */
export type FieldValue = number | string | null;

/** LVAR, the length byte of variable data (EN 13757-3 §6.3.4). */
const textMax = 0xbf;
const negativeBcd = 0xd0;
const binary = 0xe0;
const longBinary = 0xf0;
const longBinaryMax = 0xf4;
/** Numbers of more digits are identifications. */
const numberBytesMax = 8;
const bcdDigitsMax = 15;

/** Reads the data at the reader's place; null where the record ends within them. */
export function readField(
  reader: ByteReader,
  coding: Coding,
  { kind, msbFirst }: { readonly kind: ValueInformation; readonly msbFirst: boolean },
): { readonly value: FieldValue } | null {
  if (coding.kind === 'none') return { value: null };
  if (coding.kind === 'variable') return readVariable(reader, kind);
  const taken = reader.take(coding.bytes);
  if (taken === null) return null;
  const bytes = msbFirst ? Uint8Array.from(taken).reverse() : taken;
  if (coding.kind === 'bcd') return { value: bcdValue(bytes, kind) };
  if (coding.kind === 'float') {
    const float = new DataView(bytes.buffer, bytes.byteOffset, coding.bytes).getFloat32(0, true);
    // IEEE 754 has numbers that are none, with which a meter says that it has no value.
    return { value: Number.isFinite(float) ? scaled(shortestFloat32(float), kind) : null };
  }
  if (kind.form !== 'number') return { value: readTimePoint(bytes) ?? hexOf(bytes) };
  return { value: scaled(integerOf(bytes), kind) };
}

function readVariable(
  reader: ByteReader,
  kind: ValueInformation,
): { readonly value: FieldValue } | null {
  if (reader.left === 0) return null;
  const length = reader.byte();
  if (length <= textMax) {
    const text = reader.take(length);
    return text && { value: Buffer.from(text).reverse().toString('latin1') };
  }
  if (length < binary) {
    const digits = reader.take(length & 0x0f);
    if (digits === null) return null;
    const value = bcdValue(digits, kind);
    return { value: length >= negativeBcd && typeof value === 'number' ? -value : value };
  }
  if (length > longBinaryMax) return null;
  const bytes = reader.take(length >= longBinary ? 4 * (length - longBinary + 4) : length - binary);
  if (bytes === null) return null;
  const isNumber = bytes.length > 0 && bytes.length <= numberBytesMax && kind.form === 'number';
  return { value: isNumber ? scaled(integerOf(bytes), kind) : hexOf(bytes) };
}

/** Type B: two's complement, least significant byte first. */
function integerOf(bytes: Uint8Array): number {
  let value = 0;
  for (let index = 0; index < bytes.length; index += 1) value += bytes[index]! * 256 ** index;
  if (bytes.length > 6) return exactInteger(bytes);
  return value >= 2 ** (8 * bytes.length - 1) ? value - 2 ** (8 * bytes.length) : value;
}

/** Beyond 48 bits a sum of floats would be rounded before its sign is known. */
function exactInteger(bytes: Uint8Array): number {
  const digits = Buffer.from(bytes).reverse().toString('hex');
  return Number(BigInt.asIntN(8 * bytes.length, BigInt(`0x${digits}`)));
}

/**
 * Type A. The first digit F is a minus sign (§6.3.3, annex C); other digits beyond 9 are what
 * meters show on their display where they have no value, and stay text.
 */
function bcdValue(bytes: Uint8Array, kind: ValueInformation): FieldValue {
  const digits = Buffer.from(bytes).reverse().toString('hex').toUpperCase();
  const isNegative = digits.startsWith('F');
  const size = isNegative ? digits.slice(1) : digits;
  if (!/^\d+$/.test(size) || size.length > bcdDigitsMax) return digits;
  const value = scaled(Number(size), kind);
  return isNegative && value !== 0 ? -value : value;
}

/** Divides by powers of ten, which are exact, instead of multiplying by ones that are not. */
export function scaled(raw: number, { exponent, factor }: ValueInformation): number {
  const value = exponent < 0 ? raw / 10 ** -exponent : raw * 10 ** exponent;
  return factor === undefined ? value : value * factor;
}

/** Bytes as text, the most significant one first. */
const hexOf = (bytes: Uint8Array): string => hexText(Buffer.from(bytes).reverse());

export const hexText = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' ');
