/** The text in one pair of parentheses: value and unit, as far as they can be told apart. */
export interface StatedValue {
  readonly text: string;
  /** Undefined where no unit is stated. */
  readonly unit: string | undefined;
  /** Null where the text is no number. */
  readonly number: number | null;
}

const numberAndUnit = /^([+-]?\d{1,100}(?:\.\d{1,100})?) +([A-Za-z][A-Za-z0-9/]*)$/;

/** `(000.82*kW)`, `( 000.03*kW)`, `(024562 kWh)`, `(013925.5*)`, `(V1.2)`. */
export function readValue(stated: string): StatedValue {
  const text = stated.trim();
  const star = text.lastIndexOf('*');
  if (star >= 0) {
    const number = toNumber(text, star);
    const unit = star === text.length - 1 ? undefined : text.slice(star + 1).trim();
    if (number !== null) return { text, unit, number };
  }
  const number = toNumber(text, text.length);
  if (number === null && text.includes(' ')) {
    const separated = numberAndUnit.exec(text);
    if (separated) return { text, unit: separated[2]!, number: Number(separated[1]) };
  }
  return { text, unit: undefined, number };
}

/** Heat meters state flow and return together: `(088*C&082*C)`. Otherwise the one text. */
export function splitParts(stated: string): readonly string[] {
  if (!stated.includes('&')) return [stated];
  const split = stated.split('&');
  return split.every((part) => readValue(part).unit !== undefined) ? split : [stated];
}

const blank = 0x20;
const plus = 0x2b;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;
/** So many digits make a whole number that is exact, and so does the power of ten. */
const exactDigitsMax = 15;
/** More are no number of a meter, and hundreds of them would be infinitely large. */
const digitsMax = 100;
const powersOfTen = Float64Array.from(
  { length: exactDigitsMax + 1 },
  (_, exponent) => 10 ** exponent,
);

/**
 * Reads digits with an optional sign and decimal point, which end at `end` or at blanks before it;
 * null where they are something else, the rest of what `Number` takes included.
 */
function toNumber(text: string, end: number): number | null {
  let last = end;
  while (last > 0 && text.charCodeAt(last - 1) === blank) last -= 1;
  const sign = text.charCodeAt(0);
  const first = sign === plus || sign === minus ? 1 : 0;
  let pointAt = -1;
  let value = 0;
  for (let at = first; at < last; at += 1) {
    const character = text.charCodeAt(at);
    if (character >= zero && character <= nine) value = value * 10 + (character - zero);
    else if (character === point && pointAt < 0 && at > first) pointAt = at;
    else return null;
  }
  if (last <= first || last - first > digitsMax || pointAt === last - 1) return null;
  if (last - first > exactDigitsMax) return Number(text.slice(0, last));
  // One division of exact numbers gives the nearest number to what is printed.
  const size = pointAt < 0 ? value : value / powersOfTen[last - 1 - pointAt]!;
  return sign === minus && size !== 0 ? -size : size;
}
