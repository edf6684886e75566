/** What the code in front of a value means. */
export interface Address {
  /** As the meter prints it. */
  readonly printed: string;
  /** Groups A to F; null where the meter's own code is no OBIS code. */
  readonly groups: Groups | null;
  /** Whether the meter prints groups A and B, too. */
  readonly full: boolean;
}

export interface Groups {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  /** Null where it is left out or 255. */
  readonly f: number | null;
}

/**
 * `A-B:C.D.E*F`, of which a reduced code leaves out A-B and often E and F (IEC 62056-61, annex, and
 * DIN 43863-3 "EDIS"). C may be a letter; F after `&` was reset by hand.
 */
const obis =
  /^(?:(\d{1,3})-(\d{1,3}):)?(\d{1,3}|[CFLP])\.(\d{1,3}|F)(?:\.(\d{1,3}))?(?:[*&](\d{1,3}))?$/;
/** Codes of the manufacturer: `F`, `12`, `3:171.0`, `0.5.1.2`, `T.1`. */
const other = /^(?:\d{1,3}:)?(?:[A-Z]|\d{1,3})(?:\.[A-Z]|\.\d{1,3}){0,4}(?:[*&]\d{1,3})?$/;

/** EDIS letters in the numbers of OBIS: service, error, list, data profile. */
const letters: Readonly<Record<string, number>> = { C: 96, F: 97, L: 98, P: 99 };
const notUsed = 255;

export type Medium = 1 | 6;
export const electricity: Medium = 1;
export const heat: Medium = 6;

/**
 * `medium` is group A of a code that does not say it. Null where the text is no code at all, as
 * after a lost or changed character.
 */
export function readAddress(printed: string, medium: Medium): Address | null {
  const match = obis.exec(printed);
  if (!match) return other.test(printed) ? { printed, groups: null, full: false } : null;
  const [, a, b, c, d, e, f] = match;
  const groups: Groups = {
    a: a === undefined ? (isNaN(Number(c)) ? electricity : medium) : Number(a),
    b: Number(b ?? 0),
    c: letters[c!] ?? Number(c),
    d: letters[d!] ?? Number(d),
    e: Number(e ?? 0),
    f: f === undefined || Number(f) === notUsed ? null : Number(f),
  };
  const fits = Object.values(groups).every((group) => group === null || group <= notUsed);
  return { printed, groups: fits ? groups : null, full: a !== undefined };
}

/** `A-B:C.D.E`, with `*F` for a value of history. */
export const formatGroups = ({ a, b, c, d, e, f }: Groups): string =>
  `${a}-${b}:${c}.${d}.${e}${f === null ? '' : `*${f}`}`;

/** Of the general codes 0.D.E: pulse constants, transformer ratios and demand counts. */
const generalNumbers = new Set([3, 4, 6, 7, 8]);

/**
 * Whether digits without unit and decimal point are a number: registers, ratios and counts are,
 * identification, dates, versions and states are text, of which leading zeros are a part.
 */
export function countsSomething(groups: Groups | null): boolean {
  if (!groups || groups.a !== electricity) return false;
  const { c, d, e } = groups;
  if (c === 0) return d === 1 ? e === 0 : generalNumbers.has(d);
  return c < letters['C']! || (c === letters['C'] && d === 7);
}

/** Versions look like numbers with a decimal point. */
export const isGeneral = (groups: Groups | null): boolean => groups?.c === 0 && groups.d <= 2;
