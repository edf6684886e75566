import { Buffer } from 'node:buffer';
import {
  bang,
  blank,
  blockCheck,
  decides,
  del,
  eot,
  etx,
  isBeginning,
  isBlockEnd,
  isLineEnd,
  isOfCommand,
  nextMark,
  openParenthesis,
  sevenBits,
  slash,
  soh,
  stx,
} from './control-characters.js';

/** What stands at the front of the bytes held; `next` is where the following begins. */
export type Found =
  | { readonly kind: 'noise' | 'unanswered' | 'truncated' | 'oversize'; readonly next: number }
  | MessageBounds;

export interface MessageBounds {
  readonly kind: 'message';
  readonly next: number;
  /** The identification without its `/`, or null where the message has none. */
  readonly identification: string | null;
  /** The data block: from `start` up to but not including `end`. */
  readonly start: number;
  readonly end: number;
  /** `lost` is one that STX promised; messages without STX have none. */
  readonly check: 'right' | 'wrong' | 'lost' | 'none';
}

export interface ScannerOptions {
  readonly lenient: boolean;
  readonly bytesMax: number;
}

const identificationBytesMax = 64;
const leadBytesMax = 24;
const commandBytesMax = 128;
/** First lines that cannot be the rest of a longer code: without identification they may begin. */
const leadLine = /^(?:F\.F|0\.0(?:\.0)?|C\.1(?:\.0)?|\d-\d:[0-9C]+\.\d+\.\d+(?:\*255)?)\(/;
const leadBegun = /^[0-9CF:.*-]*$/;
const identificationLine = /^\/[A-Z]{2}[A-Za-z][^()*!]*$/;
const requestLine = /^\/\?[^()*]*!?$/;
/** Behind the closing `!` stands a line end, in the Netherlands a checksum. */
const behindBang = /^[\r\n\0 0-9A-F\x03\x04]$/;

/** Finds the messages of IEC 62056-21 (§6.3) in a stream; goes on where it stopped. */
export class MessageScanner {
  private readonly options: ScannerOptions;
  private state: 'idle' | 'identification' | 'lead' | 'data' | 'command' = 'idle';
  private at = 0;
  private identification: string | null = null;
  /** Where the data block begins: behind STX, or behind the identification. */
  private start = 0;
  private framed = false;
  /** Whether a parenthesis is open where it was last looked. */
  private open = false;
  private openSeen = 0;
  private bangAt = -1;

  constructor(options: ScannerOptions) {
    this.options = options;
  }

  /** `first` says that `held` begins where the stream began. */
  scan(held: Uint8Array, first: boolean): Found | 'more' {
    const found = this.step(held, first);
    if (found !== 'more') this.leave();
    return found;
  }

  leave(): void {
    this.state = 'idle';
    this.at = 0;
    this.identification = null;
    this.start = 0;
    this.framed = false;
    this.open = false;
    this.openSeen = 0;
    this.bangAt = -1;
  }

  /** What the bytes held are, now that no others will come. */
  atEnd(held: Uint8Array): Found {
    const next = held.length;
    if (this.state !== 'data') return { kind: 'noise', next };
    const last = next - 1;
    const ends = (held[last]! & sevenBits) === bang && !this.isOpenAt(held, last);
    if (ends || this.bangAt >= 0) return this.message(ends ? last : this.bangAt, next);
    return { kind: this.hasData(held, next) ? 'truncated' : 'unanswered', next };
  }

  private step(held: Uint8Array, first: boolean): Found | 'more' {
    let found: Found | 'more' | null = null;
    if (this.state === 'idle') found = this.findBeginning(held, first);
    if (this.state === 'lead') found ??= this.checkLead(held);
    if (this.state === 'identification') found ??= this.readIdentification(held);
    if (this.state === 'command') found ??= this.skipCommand(held);
    if (this.state === 'data') found ??= this.readData(held);
    if (found !== null && found !== 'more') return found;
    return held.length < this.options.bytesMax ? 'more' : { kind: 'oversize', next: held.length };
  }

  /** Null once the front is one of the beginnings of a message. */
  private findBeginning(held: Uint8Array, first: boolean): Found | null {
    if (!isBeginning(held[0]! & sevenBits)) {
      const index = held.findIndex((byte) => isBeginning(byte & sevenBits));
      const next = index < 0 ? held.length : index;
      if (!first || !leadBegun.test(textOf(held, 0, 1))) return { kind: 'noise', next };
      this.state = 'lead';
      return null;
    }
    const character = held[0]! & sevenBits;
    this.at = 1;
    this.start = 1;
    this.framed = character === stx;
    if (character === slash) this.state = 'identification';
    else this.state = character === soh ? 'command' : 'data';
    return null;
  }

  /** A read-out whose identification is missing, at the very beginning of a stream. */
  private checkLead(held: Uint8Array): Found | 'more' | null {
    const text = textOf(held, 0, Math.min(held.length, leadBytesMax));
    if (leadLine.test(text)) {
      this.state = 'data';
      return null;
    }
    return text.length < leadBytesMax && leadBegun.test(text) ? 'more' : { kind: 'noise', next: 1 };
  }

  /** One line of printable characters; with a `?` it is a request, perhaps the echo of ours. */
  private readIdentification(held: Uint8Array): Found | 'more' | null {
    const line = this.lineAt(held, 0);
    if (line === 'more') return 'more';
    if (line !== null && requestLine.test(line)) return { kind: 'unanswered', next: line.length };
    if (line === null || !identificationLine.test(line)) return { kind: 'noise', next: 1 };
    this.identification = line.slice(1);
    this.state = 'data';
    this.at = line.length;
    this.start = line.length;
    return null;
  }

  /** `SOH … ETX BCC`: a command of the programming mode, or its echo. */
  private skipCommand(held: Uint8Array): Found | 'more' {
    for (; this.at < held.length; this.at += 1) {
      const character = held[this.at]! & sevenBits;
      if (isBlockEnd(character)) {
        if (this.at + 1 === held.length) return 'more';
        return { kind: 'unanswered', next: this.checkOf(held).next };
      }
      if (!isOfCommand(character)) return { kind: 'noise', next: this.at };
    }
    return 'more';
  }

  private readData(held: Uint8Array): Found | 'more' | null {
    for (; this.at < held.length; this.at += 1) {
      if (this.bangAt < 0) this.at = nextMark(held, this.at);
      if (this.at === held.length) return null;
      const character = held[this.at]! & sevenBits;
      if (this.bangAt >= 0 && !isLineEnd(character) && !isBlockEnd(character)) {
        // Behind "!" and its line end nothing but ETX belongs to the message.
        return this.message(this.bangAt, this.at);
      }
      const found = this.judge(held, character);
      if (found !== null) return found;
    }
    return null;
  }

  /** What a mark means in the data; null if it is just a part of it. */
  private judge(held: Uint8Array, character: number): Found | 'more' | null {
    switch (character) {
      case stx:
        return this.beginBlock(held);
      case etx:
      case eot:
        return this.endBlock(held);
      case bang:
        return this.isOpenAt(held, this.at) ? null : this.closing(held);
      case slash:
        return this.beginsAnew(held);
      case soh:
        return this.passCommand(held);
      default:
        // Text without identification that holds other controls is no message.
        if (this.identification !== null || !this.framed || isLineEnd(character)) return null;
        return { kind: 'noise', next: this.at };
    }
  }

  /** In the programming mode commands stand between the identification and the first block. */
  private passCommand(held: Uint8Array): 'more' | null {
    if (this.framed || this.identification === null || this.hasData(held, this.at)) return null;
    const from = this.at + 1;
    let end = from;
    while (end < held.length && isOfCommand(held[end]! & sevenBits)) end += 1;
    if (end - from > commandBytesMax) return null;
    if (end + 1 >= held.length) return 'more';
    if (!isBlockEnd(held[end]! & sevenBits)) return null;
    if (blockCheck(held, from, end + 1) !== (held[end + 1]! & sevenBits)) return null;
    this.at = end + 1;
    this.start = end + 2;
    return null;
  }

  /** Whether a parenthesis is open before `at`; none reaches over a line's end. */
  private isOpenAt(held: Uint8Array, at: number): boolean {
    let index = at - 1;
    while (index >= this.openSeen && !decides(held[index]! & sevenBits)) index -= 1;
    if (index >= this.openSeen) this.open = (held[index]! & sevenBits) === openParenthesis;
    this.openSeen = at;
    return this.open;
  }

  private hasData(held: Uint8Array, end: number): boolean {
    for (let index = this.start; index < end; index += 1) {
      if ((held[index]! & sevenBits) === openParenthesis) return true;
    }
    return false;
  }

  private beginBlock(held: Uint8Array): Found | null {
    if (this.framed || this.hasData(held, this.at)) {
      return this.options.lenient ? null : { kind: 'truncated', next: this.at };
    }
    this.framed = true;
    this.start = this.at + 1;
    return null;
  }

  private endBlock(held: Uint8Array): Found | 'more' | null {
    if (!this.framed) return { kind: 'truncated', next: this.at + 1 };
    if (this.at + 1 === held.length) return 'more';
    const { check, next } = this.checkOf(held);
    return { ...this.message(this.bangAt < 0 ? this.at : this.bangAt, next), check };
  }

  /** Judges the character behind ETX. A slash in its place begins the next message. */
  private checkOf(held: Uint8Array): { check: 'right' | 'wrong'; next: number } {
    const checkAt = this.at + 1;
    const stated = held[checkAt]! & sevenBits;
    if (stated === blockCheck(held, this.start, checkAt)) {
      return { check: 'right', next: checkAt + 1 };
    }
    return { check: 'wrong', next: stated === slash ? checkAt : checkAt + 1 };
  }

  /** The `!` that ends the data. Only in a block it is followed by more. */
  private closing(held: Uint8Array): Found | 'more' | null {
    const next = this.at + 1;
    if (next === held.length) return 'more';
    if (!behindBang.test(textOf(held, next, next + 1))) return null;
    if (!this.framed) return this.message(this.at, next);
    this.bangAt = this.at;
    return null;
  }

  /** A `/` may be a part of a value or begin the next message, if this one was cut off. */
  private beginsAnew(held: Uint8Array): Found | 'more' | null {
    const line = this.lineAt(held, this.at);
    if (line === 'more') return 'more';
    const begins = line !== null && (identificationLine.test(line) || requestLine.test(line));
    if (!begins) return null;
    return { kind: this.hasData(held, this.at) ? 'truncated' : 'unanswered', next: this.at };
  }

  /** The printable characters from `from` on up to a line end; null where there is no such line. */
  private lineAt(held: Uint8Array, from: number): string | 'more' | null {
    const last = Math.min(held.length, from + identificationBytesMax);
    for (let index = from + 1; index < last; index += 1) {
      const character = held[index]! & sevenBits;
      if (isLineEnd(character) || character === stx) return textOf(held, from, index);
      if (character < blank || character === del || character === slash) return null;
    }
    return last === held.length && last < from + identificationBytesMax ? 'more' : null;
  }

  private message(end: number, next: number): MessageBounds {
    const { start, identification } = this;
    const check = this.framed ? 'lost' : 'none';
    return { kind: 'message', next, identification, start, end, check };
  }
}

/** Decoding as ASCII drops the eighth bit. */
export const textOf = (held: Uint8Array, start: number, end: number): string =>
  Buffer.from(held.buffer, held.byteOffset + start, end - start).toString('ascii');
