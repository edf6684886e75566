import { crc16Modbus } from '../framing/crc16.js';
import type { Block } from './blocks.js';
import { requestWordsMax, type ReadFunction } from './register-map.js';

/** Who is asked, and in which kind of frame. */
export interface ModbusAddress {
  /** `rtu`: with a CRC, on a serial line; `tcp`: with the header of Modbus TCP. */
  readonly framing: 'rtu' | 'tcp';
  readonly unit: number;
}

const unitMax = 247;

/** `1` to `247`, or `tcp:1` for a Modbus TCP gateway or device; a sentence otherwise. */
export function readModbusAddress(text: string | undefined): ModbusAddress | string {
  const [, tcp, digits] = /^(tcp:)?(\d{1,3})$/.exec(text ?? '1') ?? [];
  const unit = Number(digits);
  if (digits === undefined || unit > 255 || (tcp === undefined && (unit < 1 || unit > unitMax))) {
    return `"${text}" is no Modbus address: 1 to ${unitMax}, or tcp:1 for Modbus TCP`;
  }
  return { framing: tcp === undefined ? 'rtu' : 'tcp', unit };
}

/** Protocol data unit: from the function on, without address and checksum. */
export type Pdu =
  | { readonly kind: 'request'; readonly block: Block }
  | { readonly kind: 'reply'; readonly function: ReadFunction; readonly data: Uint8Array }
  | { readonly kind: 'exception'; readonly function: ReadFunction; readonly code: number };

export const requestPduBytes = 5;
export const exceptionPduBytes = 2;
/** Function and byte count before the data of a reply. */
export const replyHeaderBytes = 2;
const exceptionBit = 0x80;
const exceptionCodeMax = 11;

export const isReadFunction = (code: number | undefined): code is ReadFunction =>
  code === 3 || code === 4;

/** The bytes that a reply with this byte count takes, or 0 where no reply has such a count. */
export const replyPduBytes = (count: number | undefined): number =>
  count === undefined || count === 0 || count % 2 !== 0 || count > 2 * requestWordsMax
    ? 0
    : replyHeaderBytes + count;

export function readRequestPdu(pdu: Uint8Array): Pdu | null {
  const code = pdu[0];
  const start = (pdu[1]! << 8) | pdu[2]!;
  const words = (pdu[3]! << 8) | pdu[4]!;
  if (!isReadFunction(code) || words < 1 || words > requestWordsMax) return null;
  return { kind: 'request', block: { function: code, start, words } };
}

/** The data are a view of the frame. */
export function readReplyPdu(pdu: Uint8Array): Pdu | null {
  const code = pdu[0];
  if (!isReadFunction(code) || replyPduBytes(pdu[1]) !== pdu.length) return null;
  return { kind: 'reply', function: code, data: pdu.subarray(replyHeaderBytes) };
}

export function readExceptionPdu(pdu: Uint8Array): Pdu | null {
  const code = pdu[0];
  const exception = pdu[1];
  const asked = code! & ~exceptionBit;
  const isException = (code! & exceptionBit) !== 0 && isReadFunction(asked);
  if (!isException || exception! < 1 || exception! > exceptionCodeMax) return null;
  return { kind: 'exception', function: asked, code: exception! };
}

/** Modbus application protocol, §7. */
const exceptions: Readonly<Record<number, string>> = {
  1: 'it does not know this function',
  2: 'it has no registers at these addresses',
  3: 'it does not give so many registers',
  4: 'it has failed',
  5: 'it needs more time',
  6: 'it is busy',
  8: 'its memory is damaged',
  10: 'the gateway has no path to it',
  11: 'it does not answer the gateway',
};
const passing: readonly number[] = [5, 6, 11];

export const exceptionText = (code: number): string => exceptions[code] ?? `exception ${code}`;
/** Another attempt may be answered. */
export const isPassing = (code: number): boolean => passing.includes(code);

export const requestPdu = ({ function: code, start, words }: Block): Uint8Array =>
  Uint8Array.of(code, start >> 8, start & 0xff, words >> 8, words & 0xff);

export const replyPdu = (code: ReadFunction, data: Uint8Array): Uint8Array =>
  Uint8Array.of(code, data.length, ...data);

export const exceptionPdu = (code: ReadFunction, exception: number): Uint8Array =>
  Uint8Array.of(code | exceptionBit, exception);

/** Modbus over serial line, §2.5.1: address, PDU, CRC with its low byte first. */
export function rtuFrame(unit: number, pdu: Uint8Array): Uint8Array {
  const frame = new Uint8Array(pdu.length + 3);
  frame[0] = unit;
  frame.set(pdu, 1);
  const crc = crc16Modbus(frame, 0, frame.length - 2);
  frame.set([crc & 0xff, crc >> 8], frame.length - 2);
  return frame;
}

/** Modbus messaging on TCP/IP, §3.1.3: transaction, protocol 0, length, unit, PDU. */
export function tcpFrame(transaction: number, unit: number, pdu: Uint8Array): Uint8Array {
  const length = pdu.length + 1;
  return Uint8Array.of(
    transaction >> 8,
    transaction & 0xff,
    0,
    0,
    length >> 8,
    length & 0xff,
    unit,
    ...pdu,
  );
}
