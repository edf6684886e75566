import type { DataItem } from './data-types.js';
import { dataTag } from './data-types.js';

/**
 * The date-time octets (IEC 62056-6-2 §4.1.6.1): year (2), month, day, weekday, hour, minute,
 * second, hundredths, deviation (2), clock status.
 */
export const dateTimeBytes = 12;

const deviationUnspecified = -0x8000;
const deviationMinutesMax = 720;
const daylightSavingBit = 0x80;
const statusUnspecified = 0xff;
const daylightSavingMinutes = 60;
const fractionUnspecified = 0xff;

/** Whether the item can be a date-time: the right length and fields in their ranges. */
export function isDateTime(bytes: Uint8Array, item: DataItem): boolean {
  return (
    (item.tag === dataTag.octetString || item.tag === dataTag.dateTime) &&
    item.end - item.start === dateTimeBytes &&
    isDateTimeAt(bytes, item.start)
  );
}

/** The same for twelve bytes at `at`. A wildcard (FF, FFFF) is in range. */
export function isDateTimeAt(bytes: Uint8Array, at: number): boolean {
  const year = (bytes[at]! << 8) | bytes[at + 1]!;
  return (
    ((year >= 1970 && year <= 2200) || year === 0xffff) &&
    inRange(bytes[at + 2]!, 1, 12) &&
    inRange(bytes[at + 3]!, 1, 31) &&
    inRange(bytes[at + 4]!, 0, 7) &&
    inRange(bytes[at + 5]!, 0, 23) &&
    inRange(bytes[at + 6]!, 0, 59) &&
    inRange(bytes[at + 7]!, 0, 59)
  );
}

/** FD, FE (summer time begins, ends; last day of the month) and FF (unspecified) are no numbers. */
const inRange = (value: number, min: number, max: number) =>
  (value >= min && value <= max) || value >= 0xfd;

/**
 * ISO 8601 with offset, or null where a field is unspecified.
 *
 * `deviation` is UTC − local in minutes. Where it is unspecified (8000, the Nordic meters) local
 * time is `standardOffsetMinutes`, plus an hour if the status says daylight saving; and likewise
 * where it is zero and `isZeroIdle`.
 */
export function formatDateTime(
  bytes: Uint8Array,
  at: number,
  standardOffsetMinutes: number,
  isZeroIdle = false,
): string | null {
  const year = (bytes[at]! << 8) | bytes[at + 1]!;
  const fields = [bytes[at + 2]!, bytes[at + 3]!, bytes[at + 5]!, bytes[at + 6]!] as const;
  const [month, day, hour, minute] = fields;
  if (year === 0xffff || fields.some((field) => field >= 0xfd)) return null;
  const second = bytes[at + 7]! >= 0xfd ? 0 : bytes[at + 7]!;
  const hundredths = bytes[at + 8]!;
  const fraction =
    hundredths === fractionUnspecified || hundredths === 0 || hundredths > 99
      ? ''
      : `.${two(hundredths)}`;
  const offset = formatOffset(offsetMinutes(bytes, at, standardOffsetMinutes, isZeroIdle));
  return (
    `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}` +
    `T${two(hour)}:${two(minute)}:${two(second)}${fraction}${offset}`
  );
}

function offsetMinutes(
  bytes: Uint8Array,
  at: number,
  standardOffsetMinutes: number,
  isZeroIdle: boolean,
): number {
  const deviation = ((bytes[at + 9]! << 24) >> 16) | bytes[at + 10]!;
  const status = bytes[at + 11]!;
  const daylightSaving = status !== statusUnspecified && (status & daylightSavingBit) !== 0;
  const standardWithSaving = standardOffsetMinutes + (daylightSaving ? daylightSavingMinutes : 0);
  const isUnspecified =
    deviation === deviationUnspecified ||
    Math.abs(deviation) > deviationMinutesMax ||
    (deviation === 0 && isZeroIdle);
  if (isUnspecified) {
    return standardWithSaving;
  }
  // By the standard the deviation includes daylight saving. Some Kaifa meters in Austria state
  // the winter deviation all year and only set the status bit.
  return -deviation === standardOffsetMinutes ? standardWithSaving : -deviation;
}

function formatOffset(minutes: number): string {
  const absolute = Math.abs(minutes);
  const sign = minutes < 0 ? '-' : '+';
  return `${sign}${two(Math.floor(absolute / 60))}:${two(absolute % 60)}`;
}

const two = (value: number) => (value < 10 ? `0${value}` : String(value));
