const two = (value: number): string => String(value).padStart(2, '0');

/**
 * Local time as the meter states it, by the number of bytes (EN 13757-3 annex A): type G, a date;
 * type J, a time; type F, date and time to the minute; type I, to the second. Null for another
 * number of bytes. No offset is given: few meters keep their daylight-saving flag.
 */
export function readTimePoint(bytes: Uint8Array): string | null {
  const at = (index: number): number => bytes[index]!;
  if (bytes.length === 2) return date(at(0), at(1), 0);
  if (bytes.length === 3) return time(at(2), at(1), at(0));
  if (bytes.length === 4) {
    const text = `${date(at(2), at(3), (at(1) >> 5) & 0b11)}T${time(at(1), at(0), 0)}`;
    return text + (at(0) & invalidBit ? invalidMark : '');
  }
  if (bytes.length === 6) {
    const text = `${date(at(3), at(4), 0)}T${time(at(2), at(1), at(0))}`;
    return text + (at(1) & invalidBit ? invalidMark : '');
  }
  return null;
}

/** In the byte of the minutes: the meter does not vouch for its clock. */
const invalidBit = 0x80;
const invalidMark = ' (invalid)';

/** The year is split over both bytes. Without a century, 81 to 99 are of the last one. */
function date(dayByte: number, monthByte: number, century: number): string {
  const yearOfCentury = (dayByte >> 5) | ((monthByte & 0xf0) >> 1);
  const base = century > 0 ? 1900 + 100 * century : yearOfCentury > 80 ? 1900 : 2000;
  return `${base + yearOfCentury}-${two(monthByte & 0x0f)}-${two(dayByte & 0x1f)}`;
}

const time = (hour: number, minute: number, second: number): string =>
  `${two(hour & 0x1f)}:${two(minute & 0x3f)}:${two(second & 0x3f)}`;
