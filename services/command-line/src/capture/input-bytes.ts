import { isCapture, readCapture } from './capture-format.js';

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
    const read = bytesOfHex(textOf(bytes));
    return read === null ? { refused: 'it is not hexadecimal text' } : [read];
  }
  const guessed = bytes.length > guessedHexBytesMax ? null : bytesOfHex(textOf(bytes));
  return guessed === null ? [bytes] : [guessed, bytes];
}

/**
 * Bytes of a hexadecimal text: digits in pairs, with `0x`, blanks, commas, colons or dashes
 * between them and comments behind `#`; null where it is anything else.
 */
export function bytesOfHex(text: string): Uint8Array | null {
  const plain = text.replace(/^\uFEFF/, '').replaceAll(/#.*$/gm, '');
  const groups = plain.split(/[\s,:;-]+/).filter((group) => group !== '');
  const digits = groups.map((group) => group.replace(/^0x/i, '')).join('');
  if (digits === '' || digits.length % 2 !== 0 || !/^[0-9A-Fa-f]+$/.test(digits)) return null;
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}

export const joined = (chunks: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(Buffer.concat(chunks));

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
