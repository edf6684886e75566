import type { Unreadable } from './axdr.js';
import type { DataItem } from './data-types.js';
import { AxdrReader } from './axdr.js';
import { dataTag } from './data-types.js';
import { dateTimeBytes, isDateTimeAt } from './cosem-time.js';

/** Services that a meter sends unasked (IEC 62056-5-3 §6.8, §6.9). */
export const notificationTag = { dataNotification: 0x0f, eventNotification: 0xc2 } as const;

export interface Notification {
  readonly kind: 'notification';
  /** Index of the twelve octets of its date-time, or −1. */
  readonly dateTimeAt: number;
  readonly body: DataItem;
  /** The index after the APDU. */
  readonly next: number;
  /** More bytes could still change what these mean. */
  readonly isUndecided: boolean;
  /** Values that the body counts but does not have. */
  readonly missing: number;
}

export const isNotification = (tag: number | undefined): boolean =>
  tag === notificationTag.dataNotification || tag === notificationTag.eventNotification;

/** Reads the notification that begins at `start`; `isWhole` if nothing can follow `end`. */
export function readNotification(
  bytes: Uint8Array,
  start: number,
  end: number,
  isWhole: boolean,
): Notification | Unreadable {
  return bytes[start] === notificationTag.eventNotification
    ? readEventNotification(bytes, start, end)
    : readDataNotification(bytes, start, end, isWhole);
}

/** Long-invoke-id-and-priority (4), date-time, notification body. */
function readDataNotification(
  bytes: Uint8Array,
  start: number,
  end: number,
  isWhole: boolean,
): Notification | Unreadable {
  let at = start + 5;
  if (at >= end) return { kind: 'incomplete' };
  let dateTimeAt = -1;
  // Kaifa and Kamstrup write the octet-string's tag 09 before its length, others do not; a tag 19
  // is a date-time without length.
  if (bytes[at] === dataTag.octetString) at += 1;
  if (at >= end) return { kind: 'incomplete' };
  const length = bytes[at] === dataTag.dateTime ? dateTimeBytes : bytes[at];
  at += 1;
  if (length === dateTimeBytes) {
    if (at + dateTimeBytes > end) return { kind: 'incomplete' };
    // A clock that was never set is no reason to drop the values.
    if (isDateTimeAt(bytes, at)) dateTimeAt = at;
    at += dateTimeBytes;
  } else if (length !== 0) return { kind: 'malformed' };
  const reader = new AxdrReader(bytes, at, end, isWhole);
  const body = reader.read();
  if (body === null) return { kind: reader.failure };
  const { position: next, isUndecided, missing } = reader;
  return { kind: 'notification', dateTimeAt, body, next, isUndecided, missing };
}

/** Optional time, cosem-attribute-descriptor (class, OBIS, attribute), value. */
function readEventNotification(
  bytes: Uint8Array,
  start: number,
  end: number,
): Notification | Unreadable {
  let at = start + 1;
  let dateTimeAt = -1;
  if (at >= end) return { kind: 'incomplete' };
  if (bytes[at] !== 0) {
    // 01, then the octet string with its length.
    if (at + 2 + dateTimeBytes > end) return { kind: 'incomplete' };
    if (bytes[at] !== 1 || bytes[at + 1] !== dateTimeBytes) return { kind: 'malformed' };
    if (isDateTimeAt(bytes, at + 2)) dateTimeAt = at + 2;
    at += 1 + dateTimeBytes;
  }
  at += 1;
  const obisAt = at + 2;
  const attributeAt = obisAt + 6;
  const reader = new AxdrReader(bytes, attributeAt + 1, end);
  const value = reader.read();
  if (value === null) return { kind: reader.failure };
  const descriptor: DataItem = {
    tag: dataTag.attributeDescriptor,
    number: bytes[attributeAt]!,
    start: obisAt,
    end: attributeAt,
    items: [],
  };
  const body: DataItem = {
    tag: dataTag.structure,
    number: NaN,
    start: obisAt,
    end: reader.position,
    items: [descriptor, value],
  };
  const { position: next, isUndecided, missing } = reader;
  return { kind: 'notification', dateTimeAt, body, next, isUndecided, missing };
}
