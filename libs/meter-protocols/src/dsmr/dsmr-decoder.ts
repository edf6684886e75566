import { Buffer } from 'node:buffer';
import type { Fault, FaultCode, Telegram } from '@wattbus/energy-model';
import { systemTitleBytes, type Keys } from '../framing/aes-gcm.js';
import { NoiseMeter } from '../framing/noise-meter.js';
import { ReceiveBuffer } from '../framing/receive-buffer.js';
import type { DecoderOptions, MeterDecoder } from '../meter-protocol.js';
import {
  decryptFrame,
  frameTag,
  readEncryptedFrame,
  type EncryptedFrame,
} from './encrypted-frame.js';
import { checkTelegram, type Verdict } from './telegram-check.js';
import { TelegramParser } from './telegram-parser.js';

/** The longest telegrams have a message of 2048 characters and stay below 6 KiB. */
export const telegramBytesMax = 16 * 1024;

const slash = 0x2f;
const bangByte = 0x21;
/** Tag and system title. */
const frameHeaderBytes = 2 + systemTitleBytes;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const lineEnd = Uint8Array.of(carriageReturn, lineFeed);
const checksumDigits = 4;
/** Versions from 4.0 on (DSMR P1 4.0, §5.2) end in a checksum. */
const checksumSinceVersion = 40;

/**
 * DSMR/ESMR P1: `/` identification, data lines, `!`, checksum; and the frames in which meters of
 * some countries wrap the same telegram encrypted.
 */
export class DsmrDecoder implements MeterDecoder {
  private readonly parser: TelegramParser;
  private readonly lenient: boolean;
  private readonly keys: Keys;
  private readonly buffer = new ReceiveBuffer(telegramBytesMax);
  private readonly noise = new NoiseMeter('dsmr');
  /** How far the telegram at the front of the buffer has been looked at; 0 outside of one. */
  private scanned = 0;
  private identified = false;

  constructor(options: DecoderOptions) {
    this.parser = new TelegramParser(options);
    this.lenient = options.lenient ?? false;
    this.keys = options;
  }

  push(bytes: Uint8Array): readonly (Telegram | Fault)[] {
    const results: (Telegram | Fault)[] = [];
    let taken = 0;
    while (taken < bytes.length) {
      taken += this.buffer.append(bytes, taken);
      while (this.advance(results));
    }
    return results;
  }

  /** The stream is over: a closing `!` without a line end behind it is one all the same. */
  end(): readonly (Telegram | Fault)[] {
    const results = [...this.push(lineEnd)];
    if (this.identified) this.finishCut(this.buffer.view(), results);
    else if (this.scanned > 0 && this.buffer.view()[0] === frameTag) {
      results.push(this.fault('truncated', 'the bytes end within a frame'));
    } else results.push(...this.noise.skip(this.buffer.view(), this.buffer.offset));
    this.leave(this.buffer.length);
    results.push(...this.noise.report());
    return results;
  }

  /** Takes one step; false when more bytes are needed. Leaves room in the buffer then. */
  private advance(results: (Telegram | Fault)[]): boolean {
    const held = this.buffer.view();
    if (this.scanned === 0) return this.findStart(held, results);
    if (held[0] === frameTag) return this.readFrame(held, results);
    if (!this.identified && !this.readIdentification(held, results)) return this.scanned === 0;
    const unseen = Math.max(1, this.scanned - 1);
    const end = this.findEnd(held);
    // Looked for in front of the end, too, so that it does not matter what came in one piece.
    const frame = frameStartIn(held.subarray(0, end?.next), unseen);
    if (end !== null && frame < 0) {
      const trailer = held.subarray(end.bang + 1, end.next);
      this.finish(held.subarray(0, end.bang + 1), trailer, false, results);
      this.leave(end.next);
      return true;
    }
    if (frame > 0) {
      results.push(this.fault('truncated', 'a telegram was cut off by the start of a frame'));
      this.leave(frame);
      return true;
    }
    if (held.length < telegramBytesMax) return false;
    results.push(this.fault('oversize', `no end of telegram within ${telegramBytesMax} bytes`));
    const restart = held.lastIndexOf(slash);
    this.leave(restart > 0 ? restart : held.length);
    return true;
  }

  private findStart(held: Uint8Array, results: (Telegram | Fault)[]): boolean {
    let skipped = 0;
    while (skipped < held.length && !isStart(held[skipped]!)) skipped += 1;
    const isFound = skipped < held.length;
    if (skipped > 0) {
      results.push(...this.noise.skip(held.subarray(0, skipped), this.buffer.offset));
      this.buffer.discard(skipped);
    }
    if (isFound) this.scanned = 1;
    return isFound;
  }

  /**
   * An identification is one line of text. Bytes that are none show at once that the `/` was noise,
   * so that a wrong baud rate does not fill the buffer at every 47th of its bytes. Behind a maker's
   * letters they are what a gateway made of a backslash and digits, which a checksum fault tells.
   */
  private readIdentification(held: Uint8Array, results: (Telegram | Fault)[]): boolean {
    while (this.scanned < held.length) {
      const byte = held[this.scanned]!;
      if (byte === lineFeed) {
        this.identified = true;
        results.push(...this.noise.report());
        return true;
      }
      if (!isPrintable(byte) && !(byte >= 0x80 && namesMaker(held, this.scanned))) {
        results.push(...this.noise.skip(held.subarray(0, this.scanned), this.buffer.offset));
        this.leave(this.scanned);
        return false;
      }
      this.scanned += 1;
    }
    return held.length === telegramBytesMax;
  }

  /** The closing `!` at the start of a line and the end of its checksum, once both are there. */
  private findEnd(held: Uint8Array): { bang: number; next: number } | null {
    let index = indexOfByte(held, bangByte, this.scanned);
    while (index >= 0 && held[index - 1] !== lineFeed) {
      index = indexOfByte(held, bangByte, index + 1);
    }
    if (index < 0) {
      this.scanned = held.length;
      return null;
    }
    this.scanned = index;
    let next = index + 1;
    while (next <= index + checksumDigits && next < held.length && isTrailer(held[next]!))
      next += 1;
    return next > index + checksumDigits || next < held.length ? { bang: index, next } : null;
  }

  private readFrame(held: Uint8Array, results: (Telegram | Fault)[]): boolean {
    const frame = readEncryptedFrame(held, telegramBytesMax);
    if (frame === 'none') {
      results.push(...this.noise.skip(held.subarray(0, 1), this.buffer.offset));
      this.leave(1);
      return true;
    }
    // The next frame begins with the same title, which ciphered text does not hold by chance.
    const end = frame === 'incomplete' ? held.length : frame.bytes;
    const next = nextFrameIn(held.subarray(0, end), this.scanned);
    if (frame === 'incomplete' && next < 0) {
      this.scanned = Math.max(1, held.length - frameHeaderBytes);
      return false;
    }
    results.push(...this.noise.report());
    if (next > 0) {
      results.push(this.fault('truncated', 'a frame was cut off by the start of the next one'));
    } else if (frame !== 'incomplete') this.finishFrame(frame, results);
    this.leave(next > 0 ? next : end);
    return true;
  }

  private finishFrame(frame: EncryptedFrame, results: (Telegram | Fault)[]): void {
    const decrypted = decryptFrame(frame, this.keys);
    if ('fault' in decrypted) {
      results.push(this.fault(decrypted.fault, decrypted.detail));
      return;
    }
    const { plain, verified } = decrypted;
    const bang = plain.lastIndexOf(bangByte);
    if (bang < 0) {
      results.push(this.fault('malformed', 'the decrypted telegram has no end'));
      return;
    }
    this.finish(plain.subarray(0, bang + 1), plain.subarray(bang + 1), verified, results);
  }

  /** Text copied from a terminal often lacks its last line; those before it are whole. */
  private finishCut(body: Uint8Array, results: (Telegram | Fault)[]): void {
    const content = this.parser.parse(body.subarray(1, body.lastIndexOf(lineFeed) + 1));
    const { version, meter, at, registers } = content;
    const isWhole = version === null || version < checksumSinceVersion;
    if (registers.length === 0 || (!isWhole && !this.lenient)) {
      const what = isWhole ? 'its end' : 'its end with the checksum';
      results.push(this.fault('truncated', `the bytes end within a telegram: ${what} is missing`));
      return;
    }
    const warnings = [...content.warnings, 'the end of the telegram is missing'];
    results.push({ protocol: 'dsmr', meter, at, registers, checked: false, warnings });
  }

  private finish(
    body: Uint8Array,
    trailer: Uint8Array,
    verified: boolean,
    results: (Telegram | Fault)[],
  ): void {
    const verdict = checkTelegram(body, latin1(trailer).trim());
    if (verdict.start > 0) {
      results.push(this.fault('truncated', 'a telegram was cut off by the start of the next one'));
    }
    const content = this.parser.parse(body.subarray(verdict.start + 1, body.length - 1));
    const refusal = refusalOf(verdict, verified ? null : content.version);
    // The tag of a frame vouches for every byte, more than a checksum can.
    if (refusal !== null && !verified && !this.lenient) {
      results.push(this.fault('checksum', refusal, verdict.start));
      return;
    }
    const checked = verified || (refusal === null && verdict.checksum === 'right');
    if (content.registers.length === 0 && !checked) {
      results.push(this.fault('malformed', 'no data line can be read', verdict.start));
      return;
    }
    const { meter, at, registers } = content;
    const warnings = refusal === null ? content.warnings : [...content.warnings, refusal];
    results.push({ protocol: 'dsmr', meter, at, registers, checked, warnings });
  }

  /** Ends the telegram at the front, whatever became of it. */
  private leave(count: number): void {
    this.buffer.discard(count);
    this.scanned = 0;
    this.identified = false;
  }

  private fault(fault: FaultCode, detail: string, start = 0): Fault {
    return { protocol: 'dsmr', fault, offset: this.buffer.offset + start, detail };
  }
}

/** Why a telegram is not to be believed, or null. */
function refusalOf({ checksum, detail }: Verdict, version: number | null): string | null {
  if (checksum === 'wrong') return detail;
  if (checksum === 'right' || version === null || version < checksumSinceVersion) return null;
  const name = (version / 10).toFixed(1);
  return `the checksum is missing, which version ${name} of the protocol prescribes`;
}

/** Where the first bytes of a frame, tag and system title, stand again. */
function nextFrameIn(held: Uint8Array, from: number): number {
  let index = frameStartIn(held, from);
  while (index >= 0 && !startsAlike(held, index)) index = frameStartIn(held, index + 1);
  return index;
}

function startsAlike(held: Uint8Array, index: number): boolean {
  if (held.length < index + frameHeaderBytes) return false;
  return held.subarray(0, frameHeaderBytes).every((byte, at) => held[index + at] === byte);
}

/** P1 is seven-bit text, so that a frame's first two bytes cannot stand in a telegram. */
function frameStartIn(held: Uint8Array, from: number): number {
  let index = indexOfByte(held, frameTag, from);
  while (index >= 0 && held[index + 1] !== systemTitleBytes) {
    index = indexOfByte(held, frameTag, index + 1);
  }
  return index;
}

/** Ten times faster than that of a plain array, which looks at one byte after the other. */
const indexOfByte = (held: Uint8Array, byte: number, from: number): number =>
  Buffer.prototype.indexOf.call(held, byte, from);

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

const isStart = (byte: number): boolean => byte === slash || byte === frameTag;

/** A control character may stand for `\2` where a gateway forgot to escape it. */
const isPrintable = (byte: number): boolean => byte !== 0 && byte < 0x7f;

/** `/`, three letters and a digit (IEC 62056-21, §6.3.2), which noise hardly has. */
const namesMaker = (held: Uint8Array, end: number): boolean =>
  end >= 5 && /^\/[A-Za-z]{3}\d/.test(String.fromCharCode(...held.subarray(0, 5)));

const isTrailer = (byte: number): boolean =>
  byte !== carriageReturn && byte !== lineFeed && byte !== slash;
