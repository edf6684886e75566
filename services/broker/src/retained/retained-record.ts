import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';

/** A retained message as it is kept on disk. */
export interface RetainedMessage {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1 | 2;
}

export type RetainedRecord =
  | { readonly kind: 'message'; readonly message: RetainedMessage }
  | { readonly kind: 'removed'; readonly topic: string };

/** What a log file holds, last value of each topic, and what in it could not be read. */
export type RetainedLog =
  | {
      readonly kind: 'log';
      readonly messages: ReadonlyMap<string, RetainedMessage>;
      /** Whole records whose checksum is wrong; the others are used. */
      readonly damagedRecords: number;
      /** Bytes behind the last whole record: a write that the power cut, or garbage. */
      readonly tornBytes: number;
    }
  | { readonly kind: 'foreign'; readonly reason: string }
  | { readonly kind: 'newer'; readonly version: number };

/**
 * The file is a header and records, all numbers big-endian:
 * header `WBRT`, u16 version, u16 zero; record u32 bytes of body, u32 CRC-32 of body, body;
 * body u8 flags (bits 0–1 QoS, bit 2 removed), u16 bytes of topic, topic, payload.
 */
const MAGIC = 'WBRT';
export const VERSION = 1;
const HEADER_BYTES = 8;
const PREFIX_BYTES = 8;
const BODY_HEAD_BYTES = 3;
const REMOVED = 0b100;
/** After damage the next record is looked for so far; a record is rarely longer. */
const SEARCHED_BYTES_MAX = 1 << 20;

export function encodeHeader(): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(MAGIC, 'latin1');
  header.writeUInt16BE(VERSION, 4);
  return header;
}

export function encodeRecord(record: RetainedRecord): Buffer {
  const { topic, payload, qos } =
    record.kind === 'message'
      ? record.message
      : { topic: record.topic, payload: Buffer.alloc(0), qos: 0 };
  const topicBytes = Buffer.byteLength(topic);
  const bodyBytes = BODY_HEAD_BYTES + topicBytes + payload.length;
  const bytes = Buffer.alloc(PREFIX_BYTES + bodyBytes);
  const body = bytes.subarray(PREFIX_BYTES);
  body[0] = qos | (record.kind === 'removed' ? REMOVED : 0);
  body.writeUInt16BE(topicBytes, 1);
  body.write(topic, BODY_HEAD_BYTES, 'utf8');
  payload.copy(body, BODY_HEAD_BYTES + topicBytes);
  bytes.writeUInt32BE(bodyBytes, 0);
  bytes.writeUInt32BE(crc32(body), 4);
  return bytes;
}

/** Reads a whole file; never throws, whatever the bytes are. */
export function decodeLog(bytes: Buffer): RetainedLog {
  if (bytes.length < HEADER_BYTES) {
    return { kind: 'log', messages: new Map(), damagedRecords: 0, tornBytes: bytes.length };
  }
  if (bytes.toString('latin1', 0, 4) !== MAGIC) {
    return { kind: 'foreign', reason: 'it is no file of retained messages' };
  }
  const version = bytes.readUInt16BE(4);
  if (version > VERSION) return { kind: 'newer', version };
  if (version !== VERSION) {
    return { kind: 'foreign', reason: `its version is ${version}, this program knows ${VERSION}` };
  }
  const messages = new Map<string, RetainedMessage>();
  let damagedRecords = 0;
  let at = HEADER_BYTES;
  while (at < bytes.length) {
    const found = recordAt(bytes, at);
    const next = found?.record ? found.end : nextRecord(bytes, at, found?.end ?? null);
    if (next === null) break;
    if (!found?.record) damagedRecords += 1;
    else if (found.record.kind === 'removed') messages.delete(found.record.topic);
    else messages.set(found.record.message.topic, found.record.message);
    at = next;
  }
  return { kind: 'log', messages, damagedRecords, tornBytes: bytes.length - at };
}

interface FoundRecord {
  /** Null where its checksum is wrong. */
  readonly record: RetainedRecord | null;
  readonly end: number;
}

/** Null where no record can be there. */
function recordAt(bytes: Buffer, at: number): FoundRecord | null {
  if (at + PREFIX_BYTES > bytes.length) return null;
  const bodyBytes = bytes.readUInt32BE(at);
  const end = at + PREFIX_BYTES + bodyBytes;
  if (bodyBytes < BODY_HEAD_BYTES || end > bytes.length) return null;
  const body = bytes.subarray(at + PREFIX_BYTES, end);
  return { record: decodeBody(body, bytes.readUInt32BE(at + 4)), end };
}

/**
 * Where to go on after damage: at the next record that is whole. The damaged one's own length is
 * believed only where none is found, since a wrong length can end at a later record as well.
 */
function nextRecord(bytes: Buffer, damagedAt: number, end: number | null): number | null {
  const untilBytes = Math.min(bytes.length, damagedAt + SEARCHED_BYTES_MAX);
  for (let at = damagedAt + 1; at < untilBytes; at += 1) {
    const isShort = at + 4 <= bytes.length && bytes.readUInt32BE(at) <= SEARCHED_BYTES_MAX;
    if (isShort && recordAt(bytes, at)?.record) return at;
  }
  const isRight = end !== null && (end === bytes.length || recordAt(bytes, end)?.record);
  return isRight ? end : null;
}

function decodeBody(body: Buffer, checksum: number): RetainedRecord | null {
  if (body.length < BODY_HEAD_BYTES || crc32(body) !== checksum) return null;
  const payloadAt = BODY_HEAD_BYTES + body.readUInt16BE(1);
  const flags = body[0]!;
  const qos = flags & 0b11;
  if (payloadAt > body.length || qos === 3) return null;
  const topic = body.toString('utf8', BODY_HEAD_BYTES, payloadAt);
  if ((flags & REMOVED) !== 0) return { kind: 'removed', topic };
  const payload = ownCopy(body.subarray(payloadAt));
  return { kind: 'message', message: { topic, payload, qos: qos as 0 | 1 | 2 } };
}

/** A slice would keep the whole buffer that it was cut from in memory. */
export function ownCopy(bytes: Uint8Array): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}
