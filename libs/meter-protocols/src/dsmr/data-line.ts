import type { Register } from '@wattbus/energy-model';
import type { ObjectName } from './object-names.js';
import { isTimeShaped, p1Instant, type P1Clock } from './p1-time.js';

/** The registers of one data line, or null where the line breaks the grammar of its object. */
export type LineReader = (line: DataLine, clock: P1Clock) => readonly Register[] | null;

/** A logical line of a telegram: `name(group)(group)…`, possibly broken over several lines. */
export interface DataLine {
  readonly text: string;
  readonly name: ObjectName;
  /** Index of the first `(`, and one past the last `)`. */
  readonly start: number;
  readonly end: number;
}

const openParen = 0x28;
const closeParen = 0x29;
const star = 0x2a;

const groupsMax = 1024;

/** The content of each group; null where something stands between or inside them. */
export function groupsOf({ text, start, end }: DataLine): readonly string[] | null {
  const groups: string[] = [];
  let index = start;
  while (index < end) {
    const code = text.charCodeAt(index);
    if (code === 0x0d || code === 0x0a) {
      index += 1;
      continue;
    }
    const close = text.indexOf(')', index);
    if (code !== openParen || close < 0 || close >= end || groups.length === groupsMax) return null;
    const content = text.slice(index + 1, close);
    if (content.includes('(')) return null;
    groups.push(content);
    index = close + 1;
  }
  return groups;
}

/** Early Fluvius meters leave out the `*`; only units are taken, lest a status word become a number. */
const unmarked = /^(-?\d+(?:\.\d+)?) ?([kMG]?(?:Wh?|VA(?:rh?)?|varh?|V|A|J)|Hz|m3|s)$/;

/** A number with an optional unit as `{ value, unit }`; null where the text is no number. */
export function quantityOf(content: string): { value: number; unit?: string } | null {
  const at = content.indexOf('*');
  const [, digits = content.slice(0, at < 0 ? undefined : at), written] =
    (at < 0 ? unmarked.exec(content) : null) ?? [];
  const value = decimalOf(digits, 0, digits.length);
  if (Number.isNaN(value)) return null;
  if (written !== undefined) return { value, unit: written };
  if (at < 0) return { value };
  const unit = content.slice(at + 1);
  return unit === '' ? null : { value, unit };
}

/**
 * `name(000123.456*kWh)`, the bulk of every telegram, without intermediate strings. Null where
 * the line has another form.
 */
export function readPlainQuantity(line: DataLine): Register | null {
  const { text, start, end } = line;
  const last = end - 1;
  let stop = start + 1;
  while (stop < last && text.charCodeAt(stop) !== star) {
    if (text.charCodeAt(stop) === closeParen) return null;
    stop += 1;
  }
  const value = decimalOf(text, start + 1, stop);
  if (Number.isNaN(value) || !line.name.obis) return null;
  if (stop === last) return { obis: line.name.obis, value };
  const unit = text.slice(stop + 1, last);
  if (unit === '' || unit.includes(')')) return null;
  return { obis: line.name.obis, value, unit };
}

export const readNumber: LineReader = (line, clock) => {
  const plain = readPlainQuantity(line);
  if (plain) return [plain];
  const groups = groupsOf(line);
  if (!groups) return null;
  if (groups.length === 1) return readGroup(line.name, groups[0]!);
  if (groups.length === 2 && isTimeShaped(groups[0]!)) {
    return readGroup(line.name, groups[1]!, p1Instant(groups[0]!, clock));
  }
  // Iskraemeco in Belgium states the peak before its time.
  if (groups.length === 2 && groups[0]!.includes('*') && isTimeShaped(groups[1]!)) {
    return readGroup(line.name, groups[0]!, p1Instant(groups[1]!, clock));
  }
  if (groups.length === 2 && groups[1]!.includes('*')) return readLimits(line.name, groups);
  // An object that this table does not know: nothing of it is lost, nothing is interpreted.
  return [named(line.name, { value: line.text.slice(line.start, line.end) })];
};

export const readText: LineReader = ({ text, name, start, end }) => [
  named(name, { value: text.slice(start + 1, end - 1).replace(/[\r\n]/g, '') }),
];

export const readTime: LineReader = (line, clock) => {
  const value = line.text.slice(line.start + 1, line.end - 1);
  if (!isTimeShaped(value)) return null;
  const at = p1Instant(value, clock);
  return [named(line.name, { value, at })];
};

/** AMR profile status, bit 3: daylight saving time was active (DSMR P3, extended register). */
const daylightSaving = 0x08;

/**
 * DSMR 2 and 3: `0-n:24.3.0(time)(status)(period)(count)(object)(unit)(value)`, the value usually
 * on a line of its own.
 */
export const readGas: LineReader = (line, clock) => {
  const groups = groupsOf(line);
  if (groups?.length !== 7 || !isTimeShaped(groups[0]!)) return null;
  const [time, status, , , , unit, content] = groups as [string, string, ...string[]];
  const value = decimalOf(content!, 0, content!.length);
  if (Number.isNaN(value) || unit === '') return null;
  const summer = (parseInt(status, 16) & daylightSaving) !== 0;
  const at = p1Instant(time, clock, summer);
  return [named(line.name, { value, unit, at })];
};

/** Luxembourg states its thresholds for import and for export: `1-1:31.4.0(040*A)(-040*A)`. */
function readLimits(name: ObjectName, groups: readonly string[]): readonly Register[] | null {
  const [first, second] = groups.map(quantityOf);
  if (!first?.unit || first.unit !== second?.unit) return null;
  return [named(name, first), { label: `${name.obis ?? name.label!}[2]`, ...second }];
}

interface Content {
  readonly value: number | string;
  readonly unit?: string | undefined;
  readonly at?: string | null;
}

/** As one literal, since a property that is added later gets a place in memory of its own. */
export function named({ obis, label }: ObjectName, { value, unit, at }: Content): Register {
  const isTimed = typeof at === 'string';
  if (obis === undefined) {
    return { label: label!, value, ...(unit !== undefined && { unit }), ...(isTimed && { at }) };
  }
  if (unit === undefined) return isTimed ? { obis, value, at } : { obis, value };
  return isTimed ? { obis, value, unit, at } : { obis, value, unit };
}

function readGroup(
  name: ObjectName,
  content: string,
  at: string | null = null,
): readonly Register[] | null {
  const quantity = quantityOf(content);
  if (!quantity && content.includes('*')) return null;
  return [named(name, { value: quantity?.value ?? content, unit: quantity?.unit, at })];
}

const powersOfTen = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

/**
 * The number written at `start`…`end`, or NaN. Up to 2⁵³ and 22 decimals mantissa and power of ten
 * are exact, so that one division gives the double nearest to what the meter wrote.
 */
function decimalOf(text: string, start: number, end: number): number {
  const negative = text.charCodeAt(start) === 0x2d;
  let mantissa = 0;
  let point = -1;
  const first = negative ? start + 1 : start;
  for (let index = first; index < end; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 0x30 && code <= 0x39) mantissa = mantissa * 10 + (code - 0x30);
    else if (code === 0x2e && point < 0 && index > first) point = index;
    else return NaN;
  }
  const decimals = point < 0 ? 0 : end - point - 1;
  if (first >= end || point === end - 1) return NaN;
  const exact = mantissa <= Number.MAX_SAFE_INTEGER && decimals < powersOfTen.length;
  const size = exact ? mantissa / powersOfTen[decimals]! : Number(text.slice(first, end));
  // Hundreds of digits are no number that a meter has.
  if (size === Infinity) return NaN;
  return negative && size !== 0 ? -size : size;
}
