import { isCapture, readCapture } from './capture-format.js';
import { bytesOfDump, bytesOfLog } from './hex-dump.js';

/** What the bytes of a file may mean, the likeliest first, or why it means nothing. */
export type InputForms = readonly Uint8Array[] | { readonly refused: string };

/** A hexadecimal text of this size at most is looked for in files that do not say they are one. */
const guessedHexBytesMax = 4 * 1024 * 1024;

/**
 * The forms in which a file of telegrams may be stored: a capture of ours, hexadecimal text (by
 * its name, or because it holds nothing else), or the meter's own bytes. Text of digits alone may
 * be either, so that both are given.
 */
export function inputForms(name: string, bytes: Uint8Array): InputForms {
  if (isCapture(bytes)) {
    const capture = readCapture(textOf(bytes));
    return 'refused' in capture ? capture : [joined(capture.chunks.map((chunk) => chunk.bytes))];
  }
  if (/\.hex$/i.test(name)) {
    const read = bytesOfHexText(textOf(bytes)) ?? bytesOfNumbers(textOf(bytes));
    return read === null ? { refused: whyNoHex(textOf(bytes)) } : [read];
  }
  if (bytes.length > guessedHexBytesMax) return [bytes];
  const text = textOf(bytes);
  const guesses = [bytesOfHexText(text), bytesOfNumbers(text)].filter((form) => form !== null);
  return [...guesses, bytes];
}

/** Lines that set code off from prose, and what Node.js prints around bytes. */
const fence = /^[ \t]*(?:```|~~~).*$|<Buffer\b|>\s*$/gm;

/** The text beside a dump may consist of digits, too. */
function bytesOfHexText(text: string): Uint8Array | null {
  const plain = text.replaceAll(fence, '');
  return bytesOfDump(plain) ?? bytesOfHex(plain) ?? bytesOfLog(plain);
}

/** A list of numbers from 0 to 255, as Python and JSON write bytes. */
const numberList = /^[^[\]]*\[([\d,\s]+)\][^[\]]*$/;
/** Fewer are not worth a guess. */
const numbersMin = 8;

function bytesOfNumbers(text: string): Uint8Array | null {
  const list = numberList.exec(text.replaceAll(fence, ''))?.[1];
  const numbers = (list ?? '').split(',').map((part) => Number(part.trim() || NaN));
  const isBytes = numbers.every((number) => number >= 0 && number <= 255);
  return isBytes && numbers.length >= numbersMin ? Uint8Array.from(numbers) : null;
}

/** Names the first place that is no digit, so that it can be found in a long file. */
function whyNoHex(text: string): string {
  const lines = text.split(/\r?\n/);
  if (lines.every((line) => line.trim() === '')) return 'it is empty';
  const index = lines.findIndex((line) => /[^0-9a-f\s,:;-]/i.test(line));
  if (index < 0) return 'it holds an odd number of hexadecimal digits';
  return `line ${index + 1} is not hexadecimal: "${lines[index]!.trim().slice(0, shownMax)}"`;
}

const shownMax = 40;

/**
 * Bytes of a hexadecimal text: digits in pairs, with `0x` or `\\x`, blanks, commas, colons, dashes,
 * quotes or braces between them and comments behind `#`; null where it is anything else.
 */
export function bytesOfHex(text: string): Uint8Array | null {
  const plain = text.replaceAll(/#.*$/gm, '');
  const groups = plain.split(/[\s,:;{}[\]()"'\\-]+/).filter((group) => group !== '');
  const digits = groups.map(digitsOf).join('');
  if (digits === '' || digits.length % 2 !== 0 || !/^[0-9A-Fa-f]+$/.test(digits)) return null;
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}

/** `0x7` is a byte, too. */
function digitsOf(group: string): string {
  const digits = group.replace(/^0?x/i, '');
  return digits.length === 1 && digits !== group ? `0${digits}` : digits;
}

export const joined = (chunks: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(Buffer.concat(chunks));

/** Windows writes texts with a mark in front, some of its programs with two bytes a character. */
function textOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return Buffer.from(bytes).toString('utf16le', 2);
  const isMarked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return Buffer.from(bytes).toString('latin1', isMarked ? 3 : 0);
}
