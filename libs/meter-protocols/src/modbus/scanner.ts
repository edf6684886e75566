import type { Fault } from '@wattbus/energy-model';
import { NoiseMeter } from '../framing/noise-meter.js';
import { ReceiveBuffer } from '../framing/receive-buffer.js';
import type { Pdu } from './frames.js';

/** The longest frames have 256 bytes (RTU) and 260 (TCP). */
const bufferBytesMax = 1024;

/** What came on a line, in order. */
export type LineEvent =
  | {
      readonly kind: 'frame';
      readonly pdu: Pdu;
      readonly unit: number;
      /** Number that joins a request and its reply; always 0 on a serial line. */
      readonly transaction: number;
      readonly offset: number;
    }
  /** Bytes were lost or damaged: what follows may belong to another request. */
  | { readonly kind: 'gap' }
  | { readonly kind: 'fault'; readonly fault: Fault };

/** A frame at the start of some bytes, or why there is none. */
export type FrameScan =
  | {
      readonly kind: 'frame';
      readonly pdu: Pdu;
      readonly unit: number;
      readonly transaction: number;
      readonly bytes: number;
    }
  | { readonly kind: 'incomplete' | 'none' | 'check' };

export type ScanFrame = (held: Uint8Array) => FrameScan;

/** Cuts a stream into frames of one kind; both sides of the line are understood. */
export class LineScanner {
  private readonly buffer = new ReceiveBuffer(bufferBytesMax);
  private readonly noise = new NoiseMeter('modbus');
  /** A damaged stretch gives one checksum fault, however many of its bytes begin like a frame. */
  private isExplained = false;
  private isInGap = false;

  /** Data in an event are a view of the buffer: `take` copies what has to stay. */
  constructor(
    private readonly scanFrame: ScanFrame,
    private readonly take: (event: LineEvent) => void,
  ) {}

  push(bytes: Uint8Array): void {
    for (let taken = 0; taken < bytes.length;) {
      taken += this.buffer.append(bytes, taken);
      while (this.advance());
    }
  }

  /** Gives up a frame that has not become whole; another may stand within it. */
  abandon(): void {
    while (this.buffer.length > 0) if (!this.advance()) this.pass();
    this.reportNoise();
  }

  private advance(): boolean {
    const held = this.buffer.view();
    if (held.length === 0) return false;
    const scan = this.scanFrame(held);
    if (scan.kind === 'incomplete') return false;
    if (scan.kind === 'frame') {
      const { pdu, unit, transaction, bytes } = scan;
      // Noise before a request is told with the next reply, so that floods of requests stay quiet.
      if (pdu.kind !== 'request') this.reportNoise();
      this.take({ kind: 'frame', pdu, unit, transaction, offset: this.buffer.offset });
      this.isExplained = false;
      this.isInGap = false;
      this.buffer.discard(bytes);
      return true;
    }
    if (scan.kind === 'check' && !this.isExplained) {
      this.isExplained = true;
      this.reportNoise();
      const { offset } = this.buffer;
      const detail = 'the checksum of a reply is wrong';
      this.takeFault({ protocol: 'modbus', fault: 'checksum', offset, detail });
    }
    this.pass();
    return true;
  }

  private pass(): void {
    const skipped = this.buffer.view().subarray(0, 1);
    // A line that floats between frames reads as zeros.
    if (skipped[0] !== 0 && !this.isInGap) {
      this.isInGap = true;
      this.take({ kind: 'gap' });
    }
    for (const fault of this.noise.skip(skipped, this.buffer.offset)) this.takeFault(fault);
    this.buffer.discard(1);
  }

  private reportNoise(): void {
    for (const fault of this.noise.report()) this.takeFault(fault);
  }

  private takeFault(fault: Fault): void {
    this.take({ kind: 'fault', fault });
  }
}
