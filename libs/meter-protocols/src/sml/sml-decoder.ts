import type { Fault, FaultCode, Telegram } from '@wattbus/energy-model';
import { crc16Kermit, crc16X25 } from '../framing/crc16.js';
import { NoiseMeter } from '../framing/noise-meter.js';
import { ReceiveBuffer } from '../framing/receive-buffer.js';
import type { DecoderOptions, MeterDecoder } from '../meter-protocol.js';
import { BareListFinder } from './bare-list.js';
import type { ListContent } from './list-reader.js';
import { MessageReader, messageTag, type Message } from './message-reader.js';
import {
  escape,
  escapeBytes,
  findStart,
  FrameScanner,
  isStart,
  startBytes,
  trailerBytes,
  unescape,
  type FrameBounds,
  type Scan,
} from './transport.js';

/** The longest frames of household meters have some 700 bytes; those of load profiles some KiB. */
export const frameBytesMax = 16 * 1024;
const heldBytesMax = 2 * frameBytesMax;
/** Where the end of the longest frame begins: one that begins here is wholly below the limit. */
const endAtMax = frameBytesMax - 2 * startBytes;
/** The shortest message is SML_PublicClose.Res without anything optional. */
const messageBytesMin = 16;
const none: readonly string[] = [];
const wrongMessageCrc = 'the CRC of the message is wrong';
const wrongCrc = 'the CRC of the frame is wrong';

type Results = (Telegram | Fault)[];
type Crc = 'x25' | 'kermit' | 'wrong';

/** SML 1.04 over its transport: start sequence, messages, end sequence and CRC. */
export class SmlDecoder implements MeterDecoder {
  private readonly lenient: boolean;
  private readonly buffer = new ReceiveBuffer(heldBytesMax);
  private readonly noise = new NoiseMeter('sml');
  private readonly scanner = new FrameScanner();
  private readonly messages = new MessageReader();
  private readonly bareLists: BareListFinder;
  private inFrame = false;

  constructor(options: DecoderOptions) {
    this.lenient = options.lenient ?? false;
    this.bareLists = new BareListFinder(this.messages, this.lenient);
  }

  push(bytes: Uint8Array): readonly (Telegram | Fault)[] {
    const results: Results = [];
    let taken = 0;
    while (taken < bytes.length) {
      taken += this.buffer.append(bytes, taken);
      while (this.buffer.length > 0 && this.advance(results));
    }
    return results;
  }

  /** The stream is over: what is held will not be completed. */
  end(): readonly (Telegram | Fault)[] {
    const results: Results = [];
    if (this.inFrame)
      results.push(...this.noise.report(), this.fault('truncated', 'the bytes end within a frame'));
    else results.push(...this.noise.skip(this.buffer.view(), this.buffer.offset));
    this.leave(this.buffer.length);
    results.push(...this.noise.report());
    return results;
  }

  /** Takes one step; false when more bytes are needed. */
  private advance(results: Results): boolean {
    const held = this.buffer.view();
    if (!this.inFrame) {
      // Most frames follow one another without a gap.
      if (!isStart(held, 0)) return this.findFrame(held, results);
      this.inFrame = true;
    }
    const scan = this.scanner.scan(held);
    if (isOversize(held, scan)) {
      results.push(this.fault('oversize', `no end of frame within ${frameBytesMax} bytes`));
      this.leave(endAtMax);
      return true;
    }
    if (scan === 'more') return false;
    if ('startsAgainAt' in scan) {
      this.cutOff(held, scan.startsAgainAt, results);
      this.leave(scan.startsAgainAt);
    } else {
      this.leave(this.finish(held, scan, results));
    }
    return true;
  }

  /** A start sequence without even one message behind it is noise like any other. */
  private cutOff(held: Uint8Array, count: number, results: Results): void {
    if (count < startBytes + messageBytesMin) this.skipNoise(held, count, results);
    else results.push(this.fault('truncated', 'a frame was cut off by the start of the next one'));
  }

  private findFrame(held: Uint8Array, results: Results): boolean {
    const start = findStart(held);
    const limit = start < 0 ? held.length : start;
    const list = this.bareLists.find(held, limit);
    this.skipNoise(held, list.start, results);
    if (list.message) {
      const { content } = list.message;
      const checked = this.messages.checksumOf(list.message) === 'x25';
      results.push(...this.noise.report());
      results.push(telegram(content!, checked, checked ? none : [wrongMessageCrc]));
      this.leave(list.end);
      return true;
    }
    this.buffer.discard(list.start);
    return start >= 0;
  }

  private skipNoise(held: Uint8Array, count: number, results: Results): void {
    if (count > 0) results.push(...this.noise.skip(held.subarray(0, count), this.buffer.offset));
  }

  /** Judges a whole frame; gives how many bytes are done with. */
  private finish(held: Uint8Array, frame: FrameBounds, results: Results): number {
    const next = frame.end + escapeBytes + trailerBytes;
    const crc = crcOf(held, next);
    for (const noise of this.noise.report()) results.push(noise);
    if ((crc !== 'wrong' || this.lenient) && this.readFrame(held, frame, crc, results)) return next;
    results.push(this.fault('checksum', wrongCrc));
    if (frame.restart !== null) return frame.restart;
    // The frame may have been cut off within its own end, so that what was taken for the CRC is the
    // start of the next frame.
    const trailer = held.subarray(frame.end + escapeBytes, next).indexOf(escape);
    return trailer < 0 ? next : frame.end + escapeBytes + trailer;
  }

  /** Reads the messages; false if they contradict what the CRC of the frame says. */
  private readFrame(held: Uint8Array, frame: FrameBounds, crc: Crc, results: Results): boolean {
    // The zeros that fill the frame need no counting: DZG meters state up to four of them.
    const { end } = frame;
    const plain = frame.escaped ? unescape(held, startBytes, end) : held;
    this.messages.open(plain, frame.escaped ? 0 : startBytes, frame.escaped ? plain.length : end);
    const messages = this.readMessages();
    if (crc !== 'wrong' && this.contradicts(crc, messages)) {
      if (!this.lenient) return false;
      crc = 'wrong';
    }
    const warnings = crc === 'wrong' ? [wrongCrc] : none;
    const before = results.length;
    for (const { content } of messages) {
      if (content !== null) results.push(telegram(content, crc !== 'wrong', warnings));
    }
    if (results.length === before) results.push(this.withoutList(messages));
    return true;
  }

  /**
   * Both CRCs have one polynomial, so for some lengths a single wrong bit turns one into the other.
   * Meters that use Kermit use it for every message, too, and no meter mixes them: the frame is
   * damaged. A message that is merely wrong in a right frame is the meter's own fault (some eBZ).
   */
  private contradicts(crc: 'x25' | 'kermit', messages: readonly Message[]): boolean {
    if (crc === 'x25') {
      return messages.length > 0 && this.messages.checksumOf(messages[0]!) === 'kermit';
    }
    return messages.some((message) => this.messages.checksumOf(message) !== 'kermit');
  }

  private readMessages(): Message[] {
    const messages: Message[] = [];
    while (this.messages.more()) {
      const message = this.messages.read();
      if (message === null) break;
      messages.push(message);
    }
    return messages;
  }

  private withoutList(messages: readonly Message[]): Fault {
    if (this.messages.state !== 'whole') {
      return this.fault('malformed', 'the messages of the frame cannot be read');
    }
    if (messages.some(({ tag }) => tag === messageTag.attention)) {
      return this.fault('unsupported', 'the meter refuses a request (SML_Attention.Res)');
    }
    const tags = messages.map(({ tag }) => `0x${tag.toString(16).padStart(4, '0')}`).join(', ');
    return this.fault('unsupported', `the frame holds no list of values (messages: ${tags})`);
  }

  /** Ends the frame at the front, whatever became of it. */
  private leave(count: number): void {
    this.buffer.discard(count);
    this.scanner.reset();
    this.inFrame = false;
  }

  private fault(fault: FaultCode, detail: string): Fault {
    return { protocol: 'sml', fault, offset: this.buffer.offset, detail };
  }
}

/** What is decided must not depend on how much more was held when it was. */
function isOversize(held: Uint8Array, scan: Scan): boolean {
  if (scan === 'more') return held.length > frameBytesMax;
  return ('startsAgainAt' in scan ? scan.startsAgainAt : scan.end) > endAtMax;
}

/** The CRC covers everything before it, from the start sequence to the number of fill bytes. */
function crcOf(held: Uint8Array, next: number): Crc {
  const first = held[next - 2]!;
  const second = held[next - 1]!;
  const covered = next - 2;
  if (crc16X25(held, 0, covered) === (first | (second << 8))) return 'x25';
  return crc16Kermit(held, 0, covered) === ((first << 8) | second) ? 'kermit' : 'wrong';
}

function telegram(content: ListContent, checked: boolean, more: readonly string[]): Telegram {
  const { meter, at, registers } = content;
  const warnings = more.length === 0 ? content.warnings : [...content.warnings, ...more];
  return { protocol: 'sml', meter, at, registers, checked, warnings };
}
