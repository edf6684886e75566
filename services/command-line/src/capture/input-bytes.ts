import { isCapture, readCapture } from './capture-format.js';
import { bytesOfDump, bytesOfHexLines, bytesOfLog, bytesOfStampedLines } from './hex-dump.js';

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
    const read = formsOfDigits(textOf(bytes));
    return read.length === 0 ? { refused: whyNoHex(textOf(bytes)) } : read;
  }
  if (bytes.length > guessedHexBytesMax) return [bytes];
  const text = textOf(bytes);
  const guesses = [...formsOfDigits(text), bytesOfBase64(text), bytesOfHexLines(text)];
  return [...guesses.filter((form) => form !== null), bytes];
}

/** Times in front of lines may pass for digits, so that a text has several readings. */
function formsOfDigits(text: string): readonly Uint8Array[] {
  const stamped = bytesOfStampedLines(text.replaceAll(fence, ''));
  return [stamped, bytesOfHexText(text), bytesOfNumbers(text)].filter((form) => form !== null);
}

/** RFC 4648, §4, which e-mail breaks into lines. Shorter texts may be words. */
const base64 = /^(?:[A-Za-z0-9+/]{4}){6,}(?:[A-Za-z0-9+/]{2}(?:==|[A-Za-z0-9+/]=))?$/;

function bytesOfBase64(text: string): Uint8Array | null {
  const plain = text.replaceAll(fence, '').replaceAll(/\s+/g, '');
  return base64.test(plain) ? Uint8Array.from(Buffer.from(plain, 'base64')) : null;
}

/** Lines that set code off from prose, and what Node.js prints around bytes. */
const fence = /^[ \t]*(?:```|~~~).*$|<Buffer\b|>\s*$/gm;

/** The text beside a dump may consist of digits, too. */
function bytesOfHexText(text: string): Uint8Array | null {
  const plain = text.replaceAll(fence, '');
  return bytesOfDump(plain) ?? bytesOfHex(plain) ?? bytesOfLog(plain) ?? bytesOfCutHex(plain);
}

/** A list of numbers from 0 to 255, as Python and JSON write bytes, or nothing but numbers. */
const numberList = /^[^[\]]*\[([\d,\s]+)\][^[\]]*$/;
const onlyNumbers = /^\s*\d{1,3}(?:[,;\s]+\d{1,3})*[,;\s]*$/;
/** Fewer are not worth a guess. */
const numbersMin = 8;

function bytesOfNumbers(text: string): Uint8Array | null {
  const plain = text.replaceAll(fence, '');
  const list =
    numberList.exec(plain)?.[1]?.split(',') ??
    (onlyNumbers.test(plain) ? plain.trim().split(/[,;\s]+/) : []);
  const numbers = list.map((part) => Number(part.trim() || NaN));
  const isBytes = numbers.every((number) => number >= 0 && number <= 255);
  return isBytes && numbers.length >= numbersMin ? Uint8Array.from(numbers) : null;
}

/** Names the first place that is no digit, so that it can be found in a long file. */
function whyNoHex(text: string): string {
  const lines = text.split(/\r?\n/).map((line) => withoutComments(line).trim());
  if (lines.every((line) => line === '')) return 'it is empty';
  const index = lines.findIndex((line) => foreign.test(line));
  if (index >= 0) {
    const from = Math.max(0, lines[index]!.search(foreign) - shownMax / 2);
    return `line ${index + 1} is not hexadecimal: "${lines[index]!.slice(from, from + shownMax)}"`;
  }
  const odd = lines.findIndex((line) => line.replaceAll(/[^0-9a-f]/gi, '').length % 2 !== 0);
  const place = lines.length > 1 ? ` (line ${odd + 1})` : '';
  return `it holds an odd number of hexadecimal digits${place}`;
}

const shownMax = 40;
const foreign = /[^0-9a-f\s,:;x\\{}()"'[\]-]/i;

/** Behind `#` and `//`; behind `;`, too, where it is more than digits. */
const withoutComments = (text: string): string =>
  text.replaceAll(/(?:#|\/\/).*$/gm, '').replaceAll(/;.*[^0-9a-fx\s,:;"'}\])].*$/gim, '');

/**
 * Bytes of a hexadecimal text: digits in pairs, with `0x` or `\x`, blanks, commas, colons, dashes,
 * quotes or braces between them and comments behind `#`, `//` or `;`; null where it is anything else.
 */
export function bytesOfHex(text: string): Uint8Array | null {
  const digits = digitGroups(text).join('');
  if (digits.length % 2 !== 0 || !/^[0-9A-Fa-f]+$/.test(digits)) return null;
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}

/** Fewer bytes are not worth a guess at what was cut off behind them. */
const cutBytesMin = 8;

/** Such a text whose last byte lost a digit, without that byte: the decoder will miss it. */
function bytesOfCutHex(text: string): Uint8Array | null {
  const groups = digitGroups(text);
  const isCut = groups.every(({ length }, index) => {
    return (length % 2 !== 0) === (index === groups.length - 1);
  });
  const digits = groups.join('').slice(0, -1);
  return isCut && digits.length >= 2 * cutBytesMin ? bytesOfHex(digits) : null;
}

const digitGroups = (text: string): readonly string[] =>
  withoutComments(text)
    .split(/[\s,:;{}[\]()"'\\-]+/)
    .filter((group) => group !== '')
    .map(digitsOf);

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
