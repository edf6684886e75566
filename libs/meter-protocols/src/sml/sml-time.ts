import { tlvKind, type TlvReader } from './tlv-reader.js';

/** Clocks that were never set count from 1970 or show their operating seconds as a timestamp. */
const unixTimeMin = 946_684_800;
const offsetMinutesMax = 14 * 60;

const secondsIndex = 1;
const timestamp = 2;
const localTimestamp = 3;

/** An SML_Time: ISO 8601 if the meter has a clock, else its seconds index. */
export type SmlTime = string | number | null;

/**
 * Reads an SML_Time (SML 1.04, §7.2.5): absent, a choice of seconds index, timestamp and local
 * timestamp, or, from Holley meters, a bare Unsigned32 without the choice. Anything else is passed
 * over and gives null.
 */
export function readTime(tlv: TlvReader): SmlTime {
  tlv.next();
  if (tlv.kind !== tlvKind.list) return tlv.isNumber() ? tlv.numberHere() : null;
  const members = tlv.size;
  if (members !== 2) {
    tlv.skip(members);
    return null;
  }
  const choice = tlv.number(0);
  if (choice === localTimestamp) return readLocalTime(tlv);
  tlv.next();
  if (tlv.kind === tlvKind.list) tlv.skip(tlv.size);
  else if (tlv.isNumber() && choice === timestamp) return isoTime(tlv.numberHere(), 0);
  else if (tlv.isNumber() && choice === secondsIndex) return tlv.numberHere();
  return null;
}

/** Timestamp in UTC, then the zone's offset and that of summer time, both in minutes. */
function readLocalTime(tlv: TlvReader): SmlTime {
  const members = tlv.list();
  if (members < 3) {
    tlv.skip(members);
    return null;
  }
  const seconds = tlv.number(0);
  const offsetMinutes = tlv.number(0) + tlv.number(0);
  tlv.skip(members - 3);
  return isoTime(seconds, Math.abs(offsetMinutes) > offsetMinutesMax ? 0 : offsetMinutes);
}

function isoTime(unixSeconds: number, offsetMinutes: number): string | null {
  if (unixSeconds < unixTimeMin || unixSeconds > 0xffffffff) return null;
  const local = new Date((unixSeconds + offsetMinutes * 60) * 1000).toISOString().slice(0, 19);
  if (offsetMinutes === 0) return `${local}Z`;
  const size = Math.abs(offsetMinutes);
  const two = (value: number): string => String(value).padStart(2, '0');
  const sign = offsetMinutes < 0 ? '-' : '+';
  return `${local}${sign}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
