/** Where the digits of `name(-00123.456*kWh)` stand in their line. */
export interface NumberPlace {
  /** Behind the sign. */
  readonly from: number;
  readonly to: number;
  /** Index of the decimal point; `to` where there is none. */
  readonly point: number;
  readonly isNegative: boolean;
}

const closeParen = 0x29;
const star = 0x2a;
const minus = 0x2d;
const dot = 0x2e;
const zero = 0x30;
const nine = 0x39;

/** So many digits are exact in a double, and so is their quotient with a power of ten. */
const digitsMax = 15;
const powersOfTen = Array.from({ length: digitsMax + 1 }, (_, exponent) => 10 ** exponent);

/** The number that is all that stands in the only group of a line, but for its unit; or null. */
export function findNumber(text: string): NumberPlace | null {
  const open = text.indexOf('(');
  const isNegative = text.charCodeAt(open + 1) === minus;
  const from = open + (isNegative ? 2 : 1);
  let point = -1;
  let to = from;
  for (; to < text.length; to += 1) {
    const code = text.charCodeAt(to);
    if (code === dot && point < 0 && to > from) point = to;
    else if (code < zero || code > nine) break;
  }
  const end = text.charCodeAt(to);
  const isGroup = end === star || end === closeParen;
  if (!isGroup || to === from || to - from > digitsMax || point === to - 1) return null;
  return text.lastIndexOf('(') === open
    ? { from, to, point: point < 0 ? to : point, isNegative }
    : null;
}

/** The number at the same place of another line; null where its digits are none. */
export function readNumberAt(place: NumberPlace, bytes: Uint8Array, start: number): number | null {
  const { from, to, point, isNegative } = place;
  let mantissa = 0;
  for (let index = from; index < to; index += 1) {
    const code = bytes[start + index]!;
    if (code >= zero && code <= nine && index !== point) mantissa = mantissa * 10 + (code - zero);
    else if (code !== dot || index !== point) return null;
  }
  const decimals = point === to ? 0 : to - point - 1;
  const size = mantissa / powersOfTen[decimals]!;
  return isNegative && size !== 0 ? -size : size;
}
