import { clockLabel, dottedLabels, groupForms, type GroupForm } from './labels.js';

/** One line of a frame: `label [time] data checksum`. */
export interface Group {
  readonly label: string;
  /** As written, `E200811150447`; absent where the group has none. */
  readonly horodate?: string;
  readonly value: number | string;
  readonly form: GroupForm | undefined;
}

export interface RefusedGroup {
  readonly refused: 'form' | 'checksum' | 'unknown';
  readonly detail: string;
}

const blank = 0x20;
const tab = 0x09;
const quotedMax = 24;
const labelForm = /^[A-Z0-9][A-Z0-9+-]{2,8}$/;
const horodateForm = /^[EeHh ]\d{12}$/;
/**
 * The checksum has six bits: a changed bit 6 passes it. Capitals, digits and signs do not hold a
 * pair of characters that differ in that bit alone, so that it shows all the same.
 */
const dataForms: Readonly<Record<GroupForm['kind'], RegExp>> = {
  number: /^\d{1,20}$/,
  code: /^[\x21-\x5f]*$/,
  words: /^[\x20-\x5f]*$/,
  text: /^[\x20-\x5fa-z]*$/,
};

/**
 * Reads a line without its line ends. With `lenient` a wrong checksum is no reason to refuse it.
 *
 * Historique separates by blanks, which data may hold too; standard by tabs, and only there a
 * group may have a time. The checksum may itself be a blank.
 *
 * A label that no meter is known to send is taken with `lenient` only: where bytes get lost, the
 * beginning of one label and the rest of another group pass a checksum of six bits rather often.
 */
export function readGroup(line: string, lenient: boolean): Group | RefusedGroup {
  const end = line.length - 2;
  const separator = line.charCodeAt(end);
  if (end < 0 || (separator !== blank && separator !== tab)) {
    return { refused: 'form', detail: `"${short(line)}" is no group` };
  }
  const fields = fieldsOf(line, end, separator);
  if (fields === null) return { refused: 'form', detail: `"${short(line)}" is no group` };
  const { label, horodate, data } = fields;
  // §5.3.6: the separator before the checksum counts in the standard mode only.
  const expected = checksum(line, separator === tab ? end + 1 : end);
  if (line.charCodeAt(end + 1) !== expected && !lenient) {
    return { refused: 'checksum', detail: `group ${label}: the checksum is wrong` };
  }
  const form = groupForms.get(label);
  if (form === undefined && !lenient) {
    return { refused: 'unknown', detail: `group ${label} is unknown` };
  }
  const value = valueOf(label, form, data);
  if (value === null) return { refused: 'form', detail: `group ${label}: "${short(data)}"` };
  return { label, value, form, ...(horodate === undefined ? {} : { horodate }) };
}

/** Sum of the characters, six bits of it, made printable. */
export function checksum(line: string, end: number): number {
  let sum = 0;
  for (let index = 0; index < end; index += 1) sum += line.charCodeAt(index);
  return (sum & 0x3f) + blank;
}

interface Fields {
  readonly label: string;
  readonly horodate?: string;
  readonly data: string;
}

function fieldsOf(line: string, end: number, separator: number): Fields | null {
  const between = separator === tab ? '\t' : ' ';
  const labelEnd = line.indexOf(between);
  const label = line.slice(0, labelEnd);
  if (labelEnd >= end || !labelForm.test(label)) return null;
  const rest = line.slice(labelEnd + 1, end);
  if (separator === blank) return { label, data: rest };
  // Some meters leave out the tab between the clock's time and its empty data.
  const timed = label === clockLabel && !rest.includes('\t') ? `${rest}\t` : rest;
  const timeEnd = timed.indexOf('\t');
  if (timeEnd < 0) return { label, data: timed };
  const horodate = timed.slice(0, timeEnd);
  const data = timed.slice(timeEnd + 1);
  return horodateForm.test(horodate) && !data.includes('\t') ? { label, horodate, data } : null;
}

function valueOf(label: string, form: GroupForm | undefined, data: string): number | string | null {
  if (form?.characters !== undefined && data.length !== form.characters) return null;
  if (!dataForms[form?.kind ?? 'words'].test(data)) return null;
  if (form?.kind === 'number') return Number(data);
  const words = data.trim().replaceAll(/ +/g, ' ');
  return dottedLabels.includes(label) ? words.replace(/\.+$/, '') : words;
}

const short = (text: string): string =>
  (text.length > quotedMax ? `${text.slice(0, quotedMax)}…` : text).replaceAll(
    /[^\x20-\x7e]/g,
    '?',
  );
