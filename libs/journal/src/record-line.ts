import { type Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';

/**
 * A line of a segment: `CRC32 JSON\n`, the CRC in eight hexadecimal digits over the bytes of the
 * JSON. People can read it, `grep` and `tail -f` work on it, and the line end finds the next record
 * after a damaged one: JSON never holds a raw line end.
 */
const CRC_DIGITS = 8;
const JSON_AT = CRC_DIGITS + 1;
export const LINE_END = 0x0a;
const BLANK = 0x20;
const BRACE = 0x7b;

/** No record is longer; what claims to be is damage. Index and head lines are not records. */
export const RECORD_BYTES_MAX = 65_536;
/** No record is shorter: bounds how many records a damaged stretch can have held. */
export const RECORD_BYTES_MIN = 100;

export function encodeLine(value: object): string {
  const json = JSON.stringify(value);
  return `${hex(crc32(json))} ${json}\n`;
}

/** The value of the line in `bytes[start, end)`, without its line end; null where it is damaged. */
export function decodeLine(bytes: Buffer, start: number, end: number): object | null {
  const json = start + JSON_AT;
  if (end <= json || bytes[json - 1] !== BLANK || bytes[json] !== BRACE) return null;
  const crc = bytes.toString('latin1', start, start + CRC_DIGITS);
  if (crc !== hex(crc32(bytes.subarray(json, end)))) return null;
  // The CRC is right, so the bytes are what this code once wrote.
  return JSON.parse(bytes.toString('utf8', json, end)) as object;
}

export interface ScannedLine {
  readonly start: number;
  /** After the line end. */
  readonly end: number;
  /** Null where the line is damaged. */
  readonly value: object | null;
}

/** The whole lines of `bytes[start, …)`; a last line without its end is not among them. */
export function* scanLines(bytes: Buffer, start: number): Generator<ScannedLine> {
  for (let at = start; at < bytes.length;) {
    const end = bytes.indexOf(LINE_END, at);
    if (end === -1) return;
    yield { start: at, end: end + 1, value: decodeLine(bytes, at, end) };
    at = end + 1;
  }
}

export const lineEndFrom = (bytes: Buffer, start: number): number => bytes.indexOf(LINE_END, start);

const hex = (crc: number): string => crc.toString(16).padStart(CRC_DIGITS, '0');
