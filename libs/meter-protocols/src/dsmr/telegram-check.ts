import { crc16Arc } from '../framing/crc16.js';

/** Whether the bytes are what the meter sent, and where among them its telegram begins. */
export interface Verdict {
  readonly start: number;
  readonly checksum: 'right' | 'wrong' | 'absent';
  readonly detail: string;
}

const slash = 0x2f;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Checks a telegram from `/` to `!`, both included, against the checksum printed behind it: four
 * hexadecimal digits, CRC-16/ARC (DSMR P1 5.0.2, §6.2). Some meters print it in lower case or
 * without leading zeros; before version 4.0 there is none.
 *
 * A telegram that was cut off leaves its beginning in front of the next one, so the last `/` is a
 * candidate as well: a telegram itself has a second `/` only in rare texts.
 */
export function checkTelegram(body: Uint8Array, stated: string): Verdict {
  const expected = /^[0-9A-Fa-f]{1,4}$/.test(stated) ? parseInt(stated, 16) : null;
  if (isRight(body, 0, expected)) return { start: 0, checksum: 'right', detail: '' };
  const last = body.lastIndexOf(slash);
  const fallback = last > 0 && body.subarray(0, last).includes(lineFeed) ? last : 0;
  if (stated === '') return { start: fallback, checksum: 'absent', detail: '' };
  if (last > 0 && isRight(body, last, expected)) {
    return { start: last, checksum: 'right', detail: '' };
  }
  const computed = crc16Arc(body, fallback).toString(16).toUpperCase().padStart(4, '0');
  const shown = stated.replace(/[^ -~]/g, '.');
  const detail = `checksum ${computed} computed, but the telegram says "${shown}"`;
  return { start: fallback, checksum: 'wrong', detail };
}

function isRight(body: Uint8Array, start: number, expected: number | null): boolean {
  if (expected === null) return false;
  if (crc16Arc(body, start) === expected) return true;
  // The meter computes over CR LF; bridges and text files that keep only LF change no content.
  if (body.includes(carriageReturn, start)) return false;
  return crc16Arc(withCarriageReturns(body.subarray(start))) === expected;
}

function withCarriageReturns(body: Uint8Array): Uint8Array {
  const restored = new Uint8Array(2 * body.length);
  let length = 0;
  for (const byte of body) {
    if (byte === lineFeed) restored[length++] = carriageReturn;
    restored[length++] = byte;
  }
  return restored.subarray(0, length);
}
