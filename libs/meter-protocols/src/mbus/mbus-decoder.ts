import type { Fault, FaultCode, Telegram } from '@wattbus/energy-model';
import { NoiseMeter } from '../framing/noise-meter.js';
import { ReceiveBuffer } from '../framing/receive-buffer.js';
import { longFrameStart, readLongFrame, type LongFrame } from '../framing/wired-mbus-frame.js';
import type { MeterDecoder } from '../meter-protocol.js';
import { readApplication, type Answer } from './application.js';
import {
  acknowledge,
  isFromMaster,
  isShortFrame,
  shortFrameBytes,
  shortFrameStart,
} from './link.js';

/** The longest frame has 263 bytes. */
const bufferBytesMax = 512;

interface Place {
  readonly address: number;
  readonly offset: number;
}

/** What came, for a decoder or for a conversation. */
export type LinkEvent =
  | { readonly kind: 'acknowledge' }
  | ({ readonly kind: 'answer'; readonly answer: Answer } & Place)
  | { readonly kind: 'request'; readonly offset: number }
  | { readonly kind: 'fault'; readonly fault: Fault };

/** Bytes to frames of meters. What the master sends, and its echo, is known and passed over. */
export class MbusScanner {
  private readonly buffer = new ReceiveBuffer(bufferBytesMax);
  private readonly noise = new NoiseMeter('mbus');
  /** A damaged stretch gives one checksum fault, however many of its bytes begin like a frame. */
  private isExplained = false;

  push(bytes: Uint8Array): readonly LinkEvent[] {
    const events: LinkEvent[] = [];
    for (let taken = 0; taken < bytes.length;) {
      taken += this.buffer.append(bytes, taken);
      while (this.advance(events));
    }
    return events;
  }

  /** Gives up a frame that has not become whole; another may stand within it. */
  abandon(): readonly LinkEvent[] {
    const events: LinkEvent[] = [];
    if (this.buffer.view()[0] === longFrameStart) {
      this.report('truncated', 'a frame has begun and does not end', events);
    }
    while (this.buffer.length > 0) if (!this.advance(events)) this.pass(1, events);
    return [...events, ...faults(this.noise.report())];
  }

  private advance(events: LinkEvent[]): boolean {
    const held = this.buffer.view();
    if (held.length === 0) return false;
    if (held[0] === longFrameStart) return this.readLong(held, events);
    if (held[0] === shortFrameStart) return this.readShort(held, events);
    if (held[0] === acknowledge) {
      events.push({ kind: 'acknowledge' });
      this.buffer.discard(1);
    } else this.pass(nextStart(held), events);
    return true;
  }

  private readLong(held: Uint8Array, events: LinkEvent[]): boolean {
    const scan = readLongFrame(held, 0);
    if (scan.kind === 'incomplete') return false;
    if (scan.kind === 'frame') {
      this.takeFrame(held, scan, events);
      return true;
    }
    if (scan.kind === 'check' && !this.isExplained) {
      this.isExplained = true;
      this.report('checksum', 'the checksum or the end of a frame is wrong', events);
    }
    this.pass(1, events);
    return true;
  }

  private readShort(held: Uint8Array, events: LinkEvent[]): boolean {
    if (held.length < shortFrameBytes) return false;
    if (isShortFrame(held)) this.buffer.discard(shortFrameBytes);
    else this.pass(1, events);
    return true;
  }

  private takeFrame(held: Uint8Array, frame: LongFrame, events: LinkEvent[]): void {
    this.isExplained = false;
    if (isFromMaster(frame.control)) {
      events.push(...faults(this.noise.report()), { kind: 'request', offset: this.buffer.offset });
    } else {
      const read = readApplication(held, frame);
      if ('fault' in read) this.report(read.fault, read.detail, events);
      else {
        const place = { address: frame.address, offset: this.buffer.offset };
        events.push(...faults(this.noise.report()), { kind: 'answer', answer: read, ...place });
      }
    }
    this.buffer.discard(frame.next);
  }

  private pass(count: number, events: LinkEvent[]): void {
    const skipped = this.buffer.view().subarray(0, count);
    events.push(...faults(this.noise.skip(skipped, this.buffer.offset)));
    this.buffer.discard(count);
  }

  private report(fault: FaultCode, detail: string, events: LinkEvent[]): void {
    const { offset } = this.buffer;
    const found: Fault = { protocol: 'mbus', fault, offset, detail };
    events.push(...faults([...this.noise.report(), found]));
  }
}

/** Where the next frame may begin, or the end of the bytes. */
function nextStart(held: Uint8Array): number {
  const start = held.findIndex(
    (byte, index) =>
      index > 0 && (byte === longFrameStart || byte === shortFrameStart || byte === acknowledge),
  );
  return start < 0 ? held.length : start;
}

const faults = (found: readonly Fault[]): readonly LinkEvent[] =>
  found.map((fault) => ({ kind: 'fault', fault }));

/** Wired M-Bus: telegrams of meters, one for each frame. */
export class MbusDecoder implements MeterDecoder {
  private readonly scanner = new MbusScanner();

  push(bytes: Uint8Array): readonly (Telegram | Fault)[] {
    return this.scanner.push(bytes).flatMap(resultsOf);
  }

  end(): readonly (Telegram | Fault)[] {
    return this.scanner.abandon().flatMap(resultsOf);
  }
}

function resultsOf(event: LinkEvent): readonly (Telegram | Fault)[] {
  if (event.kind === 'answer') {
    const { telegram, moreFollow } = event.answer;
    const isEmpty = moreFollow && telegram.registers.length === 1;
    const detail = 'no values but those of the manufacturer, and more in another telegram';
    return [isEmpty ? { ...unread, offset: event.offset, detail } : telegram];
  }
  if (event.kind === 'fault') return [event.fault];
  if (event.kind === 'acknowledge') return [];
  const detail = 'a frame of the master, which states no values';
  return [{ ...unread, offset: event.offset, detail }];
}

const unread = { protocol: 'mbus', fault: 'unsupported' } as const;
