import type { DataItem } from './data-types.js';
import { dataTag } from './data-types.js';
import { isDateTime } from './cosem-time.js';
import type { ObisCode } from './obis-code.js';
import { obisCodeOf } from './obis-code.js';
import { isObis, textOf } from './octets.js';

/**
 * Lists that carry values only: what stands where is known from the grid operator's or the
 * manufacturer's paper. A list is recognised by its shape, one letter a value:
 *
 * `s` text, `t` date-time, `u` 16-bit, `d` 32- or 64-bit number, `b` boolean, enumeration or
 * 8-bit number, `n` nothing, `o` OBIS code, `x` structure or array.
 */
interface PositionalList {
  readonly shape: RegExp;
  /** What the first text must look like, where shapes alone are ambiguous. */
  readonly firstText?: RegExp;
  readonly manufacturer?: string;
  /** Another list of the same meter has its number; this one leads with another number. */
  readonly isNumberless?: boolean;
  /** In order; null for a value that nobody explains. */
  readonly codes: Codes;
}

type Codes = readonly (ObisCode | null)[];

/** `C.D.E` stands for `1-0:C.D.E`, `-` for a value that nobody explains. */
const list = (codes: string): Codes =>
  codes.split(' ').map((code) => obisCodeOf(/^[\d.]+$/.test(code) ? `1-0:${code}` : code));

const identity = '1-1:0.2.129 0-0:96.1.0 0-0:96.1.7';
const powers = '1.7.0 2.7.0 3.7.0 4.7.0';
const energies = '1.8.0 2.8.0 3.8.0 4.8.0';
const currents = '31.7.0 51.7.0 71.7.0';
const voltages = '32.7.0 52.7.0 72.7.0';
const tariffs = '1.8.0 1.8.1 1.8.2 2.8.0 2.8.1 2.8.2';
const phasePowers = '21.7.0 41.7.0 61.7.0 22.7.0 42.7.0 62.7.0';
const clock = '0-0:1.0.0';
const device3 = '0-0:42.0.0 0-0:96.1.2';
const device4 = '0-0:42.0.0 0-0:96.1.3';

const positionalLists: readonly PositionalList[] = [
  // Kaifa in Norway and Sweden: list 1, lists 2 and 3 for one phase and for three.
  { shape: /^d$/, manufacturer: 'Kaifa', codes: list('1.7.0') },
  { shape: /^sssd{6}$/, codes: list(`${identity} ${powers} 31.7.0 32.7.0`) },
  { shape: /^sssd{10}$/, codes: list(`${identity} ${powers} ${currents} ${voltages}`) },
  {
    shape: /^sssd{6}td{4}$/,
    codes: list(`${identity} ${powers} 31.7.0 32.7.0 ${clock} ${energies}`),
  },
  {
    shape: /^sssd{10}td{4}$/,
    codes: list(`${identity} ${powers} ${currents} ${voltages} ${clock} ${energies}`),
  },
  // Landis+Gyr at Wiener Netze.
  { shape: /^td{8}$/, codes: list(`${clock} ${energies} ${powers}`) },
  // Landis+Gyr at Netz Burgenland; the meaning of three of the values is not published.
  {
    shape: /^u{6}d{4}s$/,
    codes: list(`${voltages} ${currents} 1.7.0 2.7.0 1.8.0 2.8.0 0-0:96.1.0`),
  },
  {
    shape: /^u{6}d{4}u{3}s$/,
    codes: list(`${voltages} ${currents} 1.7.0 2.7.0 1.8.0 2.8.0 - - - 0-0:96.1.0`),
  },
  // Landis+Gyr in Slovenia: totals and phases in turn, led by two different serial numbers.
  { shape: /^sd{8}$/, firstText: /^\d+$/, codes: list(`0-0:96.1.0 ${powers} ${energies}`) },
  {
    shape: /^su{7}d{6}$/,
    firstText: /^\d+$/,
    isNumberless: true,
    codes: list(`0-0:96.1.1 14.7.0 ${currents} ${voltages} ${phasePowers}`),
  },
  // Iskraemeco in Slovenia, each distribution company its own, led by the logical device name.
  { shape: /^sd{8}$/, codes: list(`0-0:42.0.0 1.7.0 2.7.0 ${tariffs}`) },
  {
    shape: /^ssd{4}u{6}d{6}$/,
    codes: list(`${device4} ${powers} ${voltages} ${currents} ${phasePowers}`),
  },
  {
    shape: /^ssb[sbudn]d{8}$/,
    codes: list(`${device4} 0-0:96.3.10 0-0:96.14.0 ${tariffs} 3.8.0 4.8.0`),
  },
  { shape: /^ssu{6}d{4}$/, codes: list(`${device3} ${voltages} ${currents} ${powers}`) },
  { shape: /^ssd{4}uud{2}$/, codes: list(`${device3} ${powers} 32.7.0 31.7.0 21.7.0 22.7.0`) },
  {
    shape: /^ssd{8}$/,
    codes: list(`${device4} 1.8.1 1.8.2 2.8.1 2.8.2 3.8.1 3.8.2 4.8.1 4.8.2`),
  },
  { shape: /^ssd{4}ud{2}$/, codes: list(`${device3} ${powers} 32.7.0 2.8.1 2.8.2`) },
  { shape: /^ssuud{4}$/, codes: list(`${device3} 32.7.0 31.7.0 ${powers}`) },
  { shape: /^ssdd$/, codes: list(`${device3} 1.8.0 2.8.0`) },
  {
    shape: /^sbdd$/,
    firstText: /^\d+$/,
    manufacturer: 'Iskraemeco',
    isNumberless: true,
    codes: list('0-0:96.1.2 - 1.8.0 2.8.0'),
  },
  // Iskraemeco in an IT grid: phase 2 is not measured.
  {
    shape: /^d{6}[sn]tddu{5}$/,
    manufacturer: 'Iskraemeco',
    codes: list(`${tariffs} - ${clock} 2.7.0 1.7.0 ${currents} 32.7.0 72.7.0`),
  },
];

/** Lists whose core is known while what leads it differs. */
interface LedList {
  readonly lead: RegExp;
  readonly core: RegExp;
  readonly manufacturer?: string;
  readonly codes: Codes;
}

const ledLists: readonly LedList[] = [
  // Iskraemeco and Siemens at Wiener Netze: the push object, the meter's number, time and date;
  // the last values may be empty.
  { lead: /^os[st]{0,2}$/, core: /[dn]{8}$/, codes: list(`${energies} ${powers}`) },
  // Siemens in Upper Austria: no reactive powers.
  { lead: /^os[st]{0,2}$/, core: /[dn]{6}$/, codes: list(`${energies} 1.7.0 2.7.0`) },
  // Iskraemeco in Croatia; behind the currents limiter, fuses and breaker.
  {
    lead: /^[stobn]{0,4}$/,
    core: /d{12}[du]d{6}u{6}/,
    manufacturer: 'Iskraemeco',
    codes: list(
      `${tariffs} 5.8.0 6.8.0 7.8.0 8.8.0 1.7.0 2.7.0 13.7.0 ${phasePowers} ${voltages} ${currents} ` +
        '0-0:17.0.0 31.4.0 51.4.0 71.4.0 0-0:96.3.10',
    ),
  },
];

export interface PositionalMatch {
  readonly codes: Codes;
  readonly firstText?: RegExp | undefined;
  readonly isNumberless?: boolean | undefined;
  readonly manufacturer?: string | undefined;
}

const shapesMax = 256;
const matchesByShape = new Map<string, readonly PositionalMatch[]>();

/** The codes of a list without OBIS codes, or null where no known list has this shape. */
export function matchPositionalList(
  bytes: Uint8Array,
  items: readonly DataItem[],
): PositionalMatch | null {
  let shape = '';
  for (const item of items) shape += shapeOf(bytes, item);
  let matches = matchesByShape.get(shape);
  if (matches === undefined) {
    matches = matchesOf(shape);
    // A meter sends few shapes; the cache is bounded against what is no meter.
    if (matchesByShape.size >= shapesMax) matchesByShape.clear();
    matchesByShape.set(shape, matches);
  }
  for (const match of matches) {
    if (!match.firstText || match.firstText.test(textOf(bytes, items[0]!))) return match;
  }
  return null;
}

function matchesOf(shape: string): PositionalMatch[] {
  const matches: PositionalMatch[] = positionalLists.filter((known) => known.shape.test(shape));
  for (const { lead, core, codes, manufacturer } of ledLists) {
    const found = core.exec(shape);
    const before = shape.slice(0, found?.index);
    if (found && lead.test(before)) {
      matches.push({ codes: [...leadCodes(before), ...codes], manufacturer });
    }
  }
  return matches;
}

/** The clock, and the meter's number, which is the first text. */
const leadCodes = (shapes: string): Codes =>
  Array.from(shapes, (letter, index) =>
    obisCodeOf(letter === 't' ? clock : shapes.indexOf('s') === index ? '0-0:96.1.0' : '-'),
  );

const shapeByTag = new Map<number, string>([
  [dataTag.nullData, 'n'],
  [dataTag.boolean, 'b'],
  [dataTag.enumeration, 'b'],
  [dataTag.integer, 'b'],
  [dataTag.unsigned, 'b'],
  [dataTag.long, 'u'],
  [dataTag.longUnsigned, 'u'],
  [dataTag.doubleLong, 'd'],
  [dataTag.doubleLongUnsigned, 'd'],
  [dataTag.long64, 'd'],
  [dataTag.long64Unsigned, 'd'],
  [dataTag.dateTime, 't'],
]);

function shapeOf(bytes: Uint8Array, item: DataItem): string {
  const letter = shapeByTag.get(item.tag);
  if (letter) return letter;
  if (item.tag === dataTag.octetString || item.tag === dataTag.visibleString) {
    if (item.start === item.end) return 'n';
    if (isDateTime(bytes, item)) return 't';
    return isObis(bytes, item) ? 'o' : 's';
  }
  return 'x';
}
