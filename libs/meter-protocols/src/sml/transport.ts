/**
 * The transport of SML 1.04, §8: `1B1B1B1B 01010101`, messages, `1B1B1B1B 1A`, number of fill
 * bytes, CRC. An escape sequence in the messages is doubled.
 */
export const escape = 0x1b;
export const escapeBytes = 4;
export const startBytes = 8;
export const trailerBytes = 4;
const endMark = 0x1a;
const startMark = 0x01;

/** A whole frame at the front of the bytes held. */
export interface FrameBounds {
  /** Where the escape sequence of the end begins. */
  readonly end: number;
  /** Whether the messages hold doubled escape sequences. */
  readonly escaped: boolean;
  /** A start sequence that a doubled one may really be, if the frame turns out wrong. */
  readonly restart: number | null;
}

export type Scan = 'more' | FrameBounds | { readonly startsAgainAt: number };

/** Looks for the end of the frame at the front; goes on where it stopped when more has come. */
export class FrameScanner {
  /** No escape sequence begins before. */
  private from = startBytes;
  private escaped = false;
  private restart: number | null = null;

  reset(): void {
    this.from = startBytes;
    this.escaped = false;
    this.restart = null;
  }

  /**
   * Every run of four has a byte at an index that is 3 modulo 4: only those are looked at.
   */
  scan(bytes: Uint8Array): Scan {
    const { length } = bytes;
    let index = this.from | 3;
    while (index < length) {
      if (bytes[index] !== escape) {
        index += 4;
        continue;
      }
      const first = this.runStart(bytes, index);
      if (first + startBytes > length) {
        this.from = first;
        return 'more';
      }
      if (!isEscape(bytes, first)) {
        index += 4;
        continue;
      }
      const found = this.judge(bytes, first);
      if (found !== null) return found;
      index = this.from | 3;
    }
    this.from = Math.max(this.from, index - 3);
    return 'more';
  }

  private runStart(bytes: Uint8Array, index: number): number {
    let first = index;
    while (first > this.from && bytes[first - 1] === escape) first -= 1;
    return first;
  }

  /** What the escape sequence at `at` means; null if it belongs to the messages. */
  private judge(bytes: Uint8Array, at: number): Scan | null {
    const mark = bytes[at + escapeBytes]!;
    if (mark === endMark) return { end: at, escaped: this.escaped, restart: this.restart };
    if (isStart(bytes, at)) return { startsAgainAt: at };
    if (isEscape(bytes, at + escapeBytes)) {
      if (at + escapeBytes + startBytes > bytes.length) {
        this.from = at;
        return 'more';
      }
      if (isStart(bytes, at + escapeBytes)) this.restart ??= at + escapeBytes;
      this.escaped = true;
      this.from = at + 2 * escapeBytes;
      return null;
    }
    // No such sequence: the first byte belongs to the message, and the run begins one later.
    this.from = at + 1;
    return null;
  }
}

export const isEscape = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === escape &&
  bytes[at + 1] === escape &&
  bytes[at + 2] === escape &&
  bytes[at + 3] === escape;

export const isStart = (bytes: Uint8Array, at: number): boolean =>
  isEscape(bytes, at) &&
  bytes[at + 4] === startMark &&
  bytes[at + 5] === startMark &&
  bytes[at + 6] === startMark &&
  bytes[at + 7] === startMark;

/** Where a start sequence begins, or −1. */
export function findStart(bytes: Uint8Array): number {
  let at = bytes.indexOf(escape);
  while (at >= 0 && !isStart(bytes, at)) at = bytes.indexOf(escape, at + 1);
  return at;
}

/** The messages of a frame, with doubled escape sequences made single. */
export function unescape(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const plain = new Uint8Array(end - start);
  let length = 0;
  for (let at = start; at < end; at += 1) {
    if (at + 2 * escapeBytes <= end && isEscape(bytes, at) && isEscape(bytes, at + escapeBytes)) {
      plain.set(bytes.subarray(at, at + escapeBytes), length);
      length += escapeBytes;
      at += 2 * escapeBytes - 1;
    } else {
      plain[length] = bytes[at]!;
      length += 1;
    }
  }
  return plain.subarray(0, length);
}
