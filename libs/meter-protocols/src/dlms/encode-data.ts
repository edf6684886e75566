import { parseObis } from '@wattbus/energy-model';
import { notificationTag } from './apdu.js';
import { dataTag } from './data-types.js';
import { concatenate, encodeLength } from './octets.js';
import { unitCode } from '../framing/physical-units.js';

/** Encoders of COSEM data (A-XDR, IEC 61334-6): each gives one value with its tag. */
export const encodeNull = (): Uint8Array => Uint8Array.of(dataTag.nullData);

const tagged = (tag: number, octets: Uint8Array | readonly number[]): Uint8Array =>
  Uint8Array.of(tag, ...octets);

export const encodeStructure = (...members: readonly Uint8Array[]): Uint8Array =>
  concatenate([Uint8Array.of(dataTag.structure, ...encodeLength(members.length)), ...members]);

export const encodeArray = (...members: readonly Uint8Array[]): Uint8Array =>
  concatenate([Uint8Array.of(dataTag.array, ...encodeLength(members.length)), ...members]);

export const encodeOctets = (octets: Uint8Array): Uint8Array =>
  tagged(dataTag.octetString, [...encodeLength(octets.length), ...octets]);

const utf8 = new TextEncoder();

/** Text as meters write it: an octet string (Kaifa, Iskraemeco) or a visible string (others). */
export const encodeText = (text: string, tag: 9 | 10 = dataTag.visibleString): Uint8Array => {
  const octets = utf8.encode(text);
  return tagged(tag, [...encodeLength(octets.length), ...octets]);
};

type IntegerTag = 'integer' | 'long' | 'longUnsigned' | 'doubleLong' | 'doubleLongUnsigned';

const integerBytes: Readonly<Record<IntegerTag, number>> = {
  integer: 1,
  long: 2,
  longUnsigned: 2,
  doubleLong: 4,
  doubleLongUnsigned: 4,
};

export function encodeInteger(value: number, type: IntegerTag): Uint8Array {
  const octets: number[] = [];
  for (let index = integerBytes[type] - 1; index >= 0; index -= 1) {
    octets.push((value >> (8 * index)) & 0xff);
  }
  return tagged(dataTag[type], octets);
}

export const encodeEnumeration = (value: number): Uint8Array =>
  Uint8Array.of(dataTag.enumeration, value);

/** Throws where `text` is no OBIS code. */
export function encodeObis(text: string): Uint8Array {
  const code = parseObis(text);
  if (!code) throw new RangeError(`${text} is no OBIS code`);
  return encodeOctets(Uint8Array.of(code.a, code.b, code.c, code.d, code.e, 0xff));
}

/** The unit by its name; throws where DLMS has no code for it. */
export function encodeScalerUnit(scaler: number, unit: string): Uint8Array {
  const code = unitCode(unit);
  if (code === undefined) throw new RangeError(`no DLMS unit ${unit}`);
  return encodeStructure(encodeInteger(scaler, 'integer'), encodeEnumeration(code));
}

const dateTimePattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:(Z)|([+-])(\d\d):(\d\d))?$/;
const unspecified = 0xff;

/** ISO 8601 as the twelve octets; without offset the deviation is unspecified, as in the North. */
export function encodeDateTime(text: string): Uint8Array {
  const match = dateTimePattern.exec(text);
  if (!match) throw new RangeError(`${text} is no date and time`);
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const weekday = new Date(Date.UTC(year, month - 1, day)).getUTCDay() || 7;
  const hasOffset = match[7] !== undefined || match[8] !== undefined;
  const offset =
    (Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0)) * (match[8] === '-' ? -1 : 1);
  // The deviation is UTC − local, the opposite of an offset.
  const deviation = hasOffset ? -offset : -0x8000;
  return Uint8Array.of(
    year >> 8,
    year & 0xff,
    month,
    day,
    weekday,
    hour,
    minute,
    second,
    unspecified,
    (deviation >> 8) & 0xff,
    deviation & 0xff,
    0,
  );
}

export interface NotificationParts {
  readonly invokeId: number;
  /** ISO 8601; null for a list that carries its own clock or none. */
  readonly at: string | null;
  /** Kaifa and Kamstrup put the tag of an octet string before the date-time. */
  readonly isTimeTagged?: boolean;
  readonly body: Uint8Array;
}

/** A data-notification APDU (IEC 62056-5-3 §6.9). */
export function encodeDataNotification(parts: NotificationParts): Uint8Array {
  const head = new Uint8Array(5);
  head[0] = notificationTag.dataNotification;
  new DataView(head.buffer).setUint32(1, parts.invokeId);
  const time = parts.at === null ? new Uint8Array(0) : encodeDateTime(parts.at);
  return concatenate([
    head,
    Uint8Array.of(...(parts.isTimeTagged ? [dataTag.octetString] : []), time.length),
    time,
    parts.body,
  ]);
}
