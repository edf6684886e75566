import { parseObis } from '@wattbus/energy-model';
import { crc16Kermit, crc16X25 } from '../framing/crc16.js';
import { messageTag } from './message-reader.js';
import { encodeServerId } from './server-id.js';
import { tlvKind } from './tlv-reader.js';
import { escape, escapeBytes, isEscape } from './transport.js';
import { unitCode } from '../framing/physical-units.js';

/** What a simulated meter says; the defaults are those of most basic meters in Germany. */
export interface SmlTelegram {
  /** Identification number (`1EMH0010434630`), or the bytes of any other server id. */
  readonly serverId: string | Uint8Array;
  readonly entries: readonly SmlEntry[];
  /** Counts up by one with every message of the meter. */
  readonly transaction?: number;
  /** The sensor's time; absent by default. */
  readonly time?: SmlTimeForm;
  readonly crc?: 'x25' | 'kermit';
}

export interface SmlEntry {
  /** `A-B:C.D.E`, or with `*F` where F is not 255. */
  readonly obis: string;
  /** A number in `unit`; text or bytes become an octet string. */
  readonly value: number | string | Uint8Array;
  readonly unit?: string;
  /** Power of ten by which the meter counts; 0 by default. */
  readonly scaler?: number;
  readonly status?: number;
  readonly time?: SmlTimeForm;
  /** Width of the number, 1 to 8 bytes; as few as are needed by default. */
  readonly valueBytes?: number;
  readonly unsigned?: boolean;
}

/** The forms of SML_Time, among them the one of Holley meters that lacks the choice. */
export type SmlTimeForm =
  | { readonly secondsIndex: number }
  | { readonly bareSecondsIndex: number }
  | { readonly timestamp: number }
  | { readonly timestamp: number; readonly offsetMinutes: number; readonly seasonMinutes: number };

type Bytes = readonly number[];
const absent: Bytes = [0x01];
const version = [0x01, 0x01, 0x01, 0x01];
const endMark = 0x1a;
const alignment = 4;

/** A whole transport frame: open response, list of values and close response. */
export function encodeSml(telegram: SmlTelegram): Uint8Array {
  const { transaction = 1, crc = 'x25' } = telegram;
  const server = octets(serverBytes(telegram.serverId));
  const open = [absent, absent, octets(wide(transaction, 4)), server, absent, absent];
  const values = list(telegram.entries.map(encodeEntry));
  const time = encodeTime(telegram.time);
  const bodies: readonly (readonly [number, Bytes])[] = [
    [messageTag.openResponse, list(open)],
    [messageTag.listResponse, list([absent, server, absent, time, values, absent, absent])],
    [messageTag.closeResponse, list([absent])],
  ];
  const messages = bodies.flatMap(([tag, body], index) =>
    encodeMessage(transaction + index, tag, body, crc),
  );
  return encodeFrame(Uint8Array.from(messages), crc);
}

/** Messages in the transport of §8: escapes doubled, filled to a multiple of four, with CRC. */
export function encodeFrame(messages: Uint8Array, crc: 'x25' | 'kermit' = 'x25'): Uint8Array {
  const escapes = new Array<number>(escapeBytes).fill(escape);
  const doubled = doubleEscapes(messages);
  const fill = (alignment - (doubled.length % alignment)) % alignment;
  const frame = [...escapes, ...version, ...doubled];
  frame.push(...new Array<number>(fill).fill(0), ...escapes, endMark, fill);
  return Uint8Array.from([...frame, ...checksum(Uint8Array.from(frame), crc)]);
}

export function encodeMessage(
  transaction: number,
  tag: number,
  body: Bytes,
  crc: 'x25' | 'kermit' = 'x25',
): Bytes {
  const head = [
    field(tlvKind.list, 6),
    octets(wide(transaction, 4)),
    unsigned([0]),
    unsigned([0]),
    list([unsigned(wide(tag, 2)), body]),
  ].flat();
  return [...head, ...unsigned(checksum(Uint8Array.from(head), crc)), 0x00];
}

function encodeEntry(entry: SmlEntry): Bytes {
  const { obis, unit, scaler = 0, status } = entry;
  const isNumber = typeof entry.value === 'number';
  const code = unit === undefined ? undefined : unitCode(unit);
  return list([
    octets(obisBytes(obis)),
    status === undefined ? absent : unsigned(minimal(status, false)),
    encodeTime(entry.time),
    code === undefined ? absent : unsigned([code]),
    isNumber ? number(scaler, 1, false) : absent,
    isNumber ? encodeNumber(entry, entry.value as number, scaler) : octets(textBytes(entry.value)),
    absent,
  ]);
}

function encodeNumber(entry: SmlEntry, value: number, scaler: number): Bytes {
  const raw = Math.round(scaler < 0 ? value * 10 ** -scaler : value / 10 ** scaler);
  return number(raw, entry.valueBytes, entry.unsigned ?? false);
}

function number(raw: number, width: number | undefined, isUnsigned: boolean): Bytes {
  const bytes = width === undefined ? minimal(raw, !isUnsigned) : wide(raw, width);
  return [...field(isUnsigned ? tlvKind.unsigned : tlvKind.integer, bytes.length), ...bytes];
}

function encodeTime(time: SmlTimeForm | undefined): Bytes {
  if (time === undefined) return absent;
  if ('bareSecondsIndex' in time) return unsigned(wide(time.bareSecondsIndex, 4));
  if ('secondsIndex' in time) return choice(1, unsigned(wide(time.secondsIndex, 4)));
  if (!('offsetMinutes' in time)) return choice(2, unsigned(wide(time.timestamp, 4)));
  const { timestamp, offsetMinutes, seasonMinutes } = time;
  const offsets = [number(offsetMinutes, 2, false), number(seasonMinutes, 2, false)];
  return choice(3, list([unsigned(wide(timestamp, 4)), ...offsets]));
}

const choice = (which: number, element: Bytes): Bytes => list([unsigned([which]), element]);
const list = (members: readonly Bytes[]): Bytes => [
  ...field(tlvKind.list, members.length),
  ...members.flat(),
];
const octets = (bytes: Bytes): Bytes => [...field(tlvKind.octets, bytes.length), ...bytes];
const unsigned = (bytes: Bytes): Bytes => [...field(tlvKind.unsigned, bytes.length), ...bytes];

/** Type and length: the length counts the field itself, except in lists (§6.2.1). */
function field(kind: number, size: number): Bytes {
  for (let bytes = 1; ; bytes += 1) {
    const length = kind === tlvKind.list ? size : size + bytes;
    if (length >= 16 ** bytes) continue;
    return Array.from({ length: bytes }, (_, index) => {
      const nibble = Math.floor(length / 16 ** (bytes - 1 - index)) % 16;
      const more = index < bytes - 1 ? 0x80 : 0;
      return more | (index === 0 ? kind << 4 : 0) | nibble;
    });
  }
}

/** Two's complement, big-endian. */
function wide(value: number, bytes: number): Bytes {
  const all = BigInt.asUintN(64, BigInt(value));
  return Array.from({ length: bytes }, (_, index) =>
    Number((all >> BigInt(8 * (bytes - 1 - index))) & 0xffn),
  );
}

function minimal(value: number, signed: boolean): Bytes {
  let bytes = 1;
  const fits = (): boolean => {
    const limit = 2 ** (8 * bytes - (signed ? 1 : 0));
    return value < limit && value >= (signed ? -limit : 0);
  };
  while (bytes < 8 && !fits()) bytes += 1;
  return wide(value, bytes);
}

function checksum(bytes: Uint8Array, crc: 'x25' | 'kermit'): Bytes {
  if (crc === 'kermit') return wide(crc16Kermit(bytes), 2);
  const value = crc16X25(bytes);
  return [value & 0xff, value >> 8];
}

function doubleEscapes(messages: Uint8Array): number[] {
  const doubled: number[] = [];
  for (let at = 0; at < messages.length; at += 1) {
    if (!isEscape(messages, at)) {
      doubled.push(messages[at]!);
      continue;
    }
    doubled.push(...new Array<number>(2 * escapeBytes).fill(escape));
    at += escapeBytes - 1;
  }
  return doubled;
}

function obisBytes(obis: string): Bytes {
  const [name, history] = obis.split('*');
  const parsed = parseObis(name!);
  if (!parsed) throw new RangeError(`no OBIS code: ${obis}`);
  const { a, b, c, d, e } = parsed;
  return [a, b, c, d, e, history === undefined ? 255 : Number(history)];
}

function serverBytes(id: string | Uint8Array): Bytes {
  const bytes = typeof id === 'string' ? encodeServerId(id) : id;
  if (!bytes) throw new RangeError(`no identification number: ${id}`);
  return [...bytes];
}

const textBytes = (value: SmlEntry['value']): Bytes =>
  typeof value === 'string'
    ? [...value].map((letter) => letter.charCodeAt(0))
    : [...(value as Uint8Array)];
