import type { DataItem } from './data-types.js';
import { dataTag } from './data-types.js';

/** The shortest form of a length. */
export function encodeLength(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  if (length < 0x100) return Uint8Array.of(0x81, length);
  return Uint8Array.of(0x82, length >> 8, length & 0xff);
}

export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join('');

/** Whether an octet string is an OBIS code: six bytes, of which a text could not consist. */
export function isObis(bytes: Uint8Array, item: DataItem): boolean {
  if (item.tag === dataTag.attributeDescriptor) return true;
  if (item.tag !== dataTag.octetString || item.end - item.start !== obisBytes) return false;
  if (bytes[item.end - 1] === 0xff) return true;
  // Billing values have a history number in the last group; the medium is a small number.
  return (
    bytes[item.start]! <= mediumMax &&
    bytes[item.end - 1]! <= historyMax &&
    (bytes[item.start + 2]! | bytes[item.start + 3]!) !== 0 &&
    !isPrintable(bytes, item.start, item.end)
  );
}

const obisBytes = 6;
const mediumMax = 15;
const historyMax = 126;

export function isPrintable(bytes: Uint8Array, start: number, end: number): boolean {
  for (let index = start; index < end; index += 1) {
    if (bytes[index]! < 0x20 || bytes[index]! > 0x7e) return false;
  }
  return true;
}

const utf8 = new TextDecoder();

/** Text without the NUL bytes and blanks that pad it; hexadecimal where it is no text. */
export function textOf(bytes: Uint8Array, item: DataItem): string {
  let { start, end } = item;
  while (end > start && (bytes[end - 1] === 0 || bytes[end - 1] === 0x20)) end -= 1;
  while (start < end && (bytes[start] === 0 || bytes[start] === 0x20)) start += 1;
  if (item.tag === dataTag.utf8String) return utf8.decode(bytes.subarray(start, end));
  if (!isPrintable(bytes, start, end)) return hex(bytes.subarray(item.start, item.end));
  let text = '';
  for (let index = start; index < end; index += 1) text += String.fromCharCode(bytes[index]!);
  return text;
}
