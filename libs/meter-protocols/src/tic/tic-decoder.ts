import { Buffer } from 'node:buffer';
import type { Fault, FaultCode, Telegram } from '@wattbus/energy-model';
import { NoiseMeter } from '../framing/noise-meter.js';
import { ReceiveBuffer } from '../framing/receive-buffer.js';
import type { DecoderOptions, MeterDecoder } from '../meter-protocol.js';
import { FrameReader } from './frame.js';

/** A standard frame with every group of a three-phase producer stays below 2 KiB. */
export const frameBytesMax = 4096;

/** STX begins a frame, ETX (03) ends it, EOT breaks it off to serve the meter's other port. */
const startOfText = 0x02;
const endOfTransmission = 0x04;
const sevenBits = 0x7f;

/** Télé-information client: `STX`, groups in lines, `ETX`; historique and standard alike. */
export class TicDecoder implements MeterDecoder {
  private readonly reader: FrameReader;
  private readonly buffer = new ReceiveBuffer(frameBytesMax);
  private readonly noise = new NoiseMeter('tic');
  /** How far the frame at the front of the buffer has been looked at; 0 outside of one. */
  private scanned = 0;

  constructor(options: DecoderOptions) {
    this.reader = new FrameReader(options);
  }

  push(bytes: Uint8Array): readonly (Telegram | Fault)[] {
    const results: (Telegram | Fault)[] = [];
    const characters = withoutParity(bytes);
    let taken = 0;
    while (taken < characters.length) {
      taken += this.buffer.append(characters, taken);
      while (this.advance(results));
    }
    return results;
  }

  end(): readonly (Telegram | Fault)[] {
    const results: (Telegram | Fault)[] = [];
    const { length } = this.buffer;
    if (this.scanned > 0 && this.reader.read(this.text(length)).groups > 0) {
      this.report('truncated', 'the last frame has no end', results);
      this.leave(length);
    } else this.skip(length, results);
    this.scanned = 0;
    return [...results, ...this.noise.report()];
  }

  /** Takes one step; false when more bytes are needed. Leaves room in the buffer then. */
  private advance(results: (Telegram | Fault)[]): boolean {
    const held = this.buffer.view();
    if (this.scanned === 0) return this.findStart(held, results);
    while (this.scanned < held.length) {
      const byte = held[this.scanned]!;
      if (byte >= startOfText && byte <= endOfTransmission) {
        this.endFrame(byte, results);
        return true;
      }
      this.scanned += 1;
    }
    if (held.length < frameBytesMax) return false;
    this.report('oversize', `no end of frame within ${frameBytesMax} bytes`, results);
    this.leave(held.length);
    return true;
  }

  private findStart(held: Uint8Array, results: (Telegram | Fault)[]): boolean {
    const start = held.indexOf(startOfText);
    const skipped = start < 0 ? held.length : start;
    if (skipped > 0) this.skip(skipped, results);
    if (start >= 0) this.scanned = 1;
    return start >= 0;
  }

  private endFrame(byte: number, results: (Telegram | Fault)[]): void {
    const end = this.scanned;
    const { telegram, groups, wrongChecksums } = this.reader.read(this.text(end));
    if (groups === 0) this.skip(byte === startOfText ? end : end + 1, results);
    else {
      if (byte === startOfText) {
        this.report('truncated', 'a frame was cut off by the start of the next one', results);
      } else if (byte === endOfTransmission) {
        this.report('truncated', 'the meter broke the frame off', results);
      } else if (telegram) results.push(...this.noise.report(), telegram);
      else this.report('checksum', `${wrongChecksums} groups, none is right`, results);
      this.leave(byte === startOfText ? end : end + 1);
    }
    this.scanned = 0;
  }

  private text(end: number): string {
    const held = this.buffer.view();
    return Buffer.from(held.buffer, held.byteOffset, held.length).toString('latin1', 1, end);
  }

  private skip(count: number, results: (Telegram | Fault)[]): void {
    results.push(...this.noise.skip(this.buffer.view().subarray(0, count), this.buffer.offset));
    this.buffer.discard(count);
  }

  private leave(count: number): void {
    this.buffer.discard(count);
    this.scanned = 0;
  }

  private report(fault: FaultCode, detail: string, results: (Telegram | Fault)[]): void {
    const { offset } = this.buffer;
    results.push(...this.noise.report(), { protocol: 'tic', fault, offset, detail });
  }
}

/** An adapter that is set to eight bits delivers the parity of the seven as the highest one. */
function withoutParity(bytes: Uint8Array): Uint8Array {
  return bytes.some((byte) => byte > sevenBits) ? bytes.map((byte) => byte & sevenBits) : bytes;
}
