/** One code with the texts in the parentheses that follow it. */
export interface DataSet {
  /** As printed; empty in the rows of a profile. */
  readonly address: string;
  readonly first: string;
  /** The texts of any further parentheses. */
  readonly more: readonly string[];
}

export interface DataBlock {
  readonly sets: readonly DataSet[];
  /** Parts of lines that could not be read. */
  readonly skipped: readonly string[];
}

const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const blank = 0x20;
const openParenthesis = 0x28;
const closeParenthesis = 0x29;
const none: readonly string[] = [];

/**
 * Splits a data block (IEC 62056-21, §6.5) into its data sets. A line may hold one, several or, in
 * a profile, a row of values only. What cannot be read costs the rest of its line.
 */
export function splitDataBlock(text: string): DataBlock {
  const sets: DataSet[] = [];
  const skipped: string[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('(', at);
    const start = lineStart(text, at, open < 0 ? text.length : open);
    note(skipped, text, at, start);
    const next = open < 0 ? null : readSet(text, start, open, sets);
    at = next ?? lineEnd(text, start);
    if (next === null) note(skipped, text, start, at);
  }
  return { sets, skipped };
}

/** Keeps what stands between two places, if it is more than blanks and line ends. */
function note(skipped: string[], text: string, start: number, end: number): void {
  let at = start;
  while (at < end && text.charCodeAt(at) <= blank) at += 1;
  if (at < end) skipped.push(text.slice(at, end).trim());
}

/** Where the last line begins that ends before `end`, but not before `at`. */
function lineStart(text: string, at: number, end: number): number {
  let start = end;
  while (start > at && !isLineEnd(text.charCodeAt(start - 1))) start -= 1;
  return start;
}

function lineEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && !isLineEnd(text.charCodeAt(end))) end += 1;
  return end;
}

const isLineEnd = (character: number): boolean =>
  character === lineFeed || character === carriageReturn;

/** Reads one data set and gives where it ends; null where it is damaged. */
function readSet(text: string, start: number, open: number, sets: DataSet[]): number | null {
  let close = closeOf(text, open);
  if (close < 0) return null;
  const first = text.slice(open + 1, close);
  let more: string[] | null = null;
  let at = afterBlanks(text, close + 1);
  while (text.charCodeAt(at) === openParenthesis) {
    close = closeOf(text, at);
    if (close < 0) return null;
    more ??= [];
    more.push(text.slice(at + 1, close));
    at = afterBlanks(text, close + 1);
  }
  sets.push({ address: text.slice(start, open).trim(), first, more: more ?? none });
  return at;
}

/** The parenthesis that closes the one at `open`, in the same line and without another one. */
function closeOf(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === closeParenthesis) return at;
    if (character === openParenthesis || isLineEnd(character)) return -1;
  }
  return -1;
}

function afterBlanks(text: string, at: number): number {
  let next = at;
  while (text.charCodeAt(next) === blank) next += 1;
  return next;
}
