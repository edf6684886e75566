import type { FaultCode } from '@wattbus/energy-model';
import { AxdrReader } from './axdr.js';
import { concatenate } from './octets.js';

/** What a part of an APDU led to. */
export type Reassembled =
  | { readonly kind: 'more' }
  | { readonly kind: 'whole'; readonly bytes: Uint8Array; readonly lostBefore: string | null }
  | { readonly kind: 'fault'; readonly fault: FaultCode; readonly detail: string };

export interface NumberedPart {
  readonly part: Uint8Array;
  /** Counted from 0. */
  readonly number: number;
  readonly isLast: boolean;
}

/** An APDU in parts never grows beyond this; a real one has some hundred bytes. */
export const apduBytesMax = 16 * 1024;

const more: Reassembled = { kind: 'more' };

/**
 * Puts numbered parts together. A missing part makes the rest useless: it is a fault once, and
 * collecting begins anew with the next first part.
 */
export class PartCollector {
  private parts: Uint8Array[] = [];
  private bytes = 0;
  private nextNumber = 0;

  /** `what` names the parts in faults. */
  constructor(private readonly what: string) {}

  get isEmpty(): boolean {
    return this.parts.length === 0;
  }

  /** The number of the next part, for parts that carry none themselves. */
  get expected(): number {
    return this.nextNumber;
  }

  reset(): void {
    this.parts = [];
    this.bytes = 0;
    this.nextNumber = 0;
  }

  /** The part is copied unless it is the whole. */
  add({ part, number, isLast }: NumberedPart): Reassembled {
    const lost = number === 0 && !this.isEmpty ? this.missing() : null;
    if (number === 0) {
      this.reset();
      if (isLast) return { kind: 'whole', bytes: part, lostBefore: lost };
    } else if (this.isEmpty || number !== this.nextNumber) {
      const detail = `${this.what} ${number + 1} without ${this.what} ${this.nextNumber + 1}`;
      this.reset();
      return { kind: 'fault', fault: 'truncated', detail };
    }
    if (this.bytes + part.length > apduBytesMax) {
      this.reset();
      return { kind: 'fault', fault: 'oversize', detail: `more than ${apduBytesMax} bytes` };
    }
    if (isLast) {
      const bytes = concatenate([...this.parts, part]);
      this.reset();
      return { kind: 'whole', bytes, lostBefore: null };
    }
    this.parts.push(part.slice());
    this.bytes += part.length;
    this.nextNumber = number + 1;
    return lost === null ? more : { kind: 'fault', fault: 'truncated', detail: lost };
  }

  private missing(): string {
    return `${this.what} ${this.nextNumber + 1} never came`;
  }
}

/** General block transfer (IEC 62056-5-3 §6.13): E0, control, block, acknowledged block, data. */
export const blockTransferTag = 0xe0;

export interface Block extends NumberedPart {
  readonly kind: 'block';
}

const lastBlockBit = 0x80;
const blockHeaderBytes = 6;

export function readBlock(
  bytes: Uint8Array,
  start: number,
  end: number,
): Block | { readonly kind: 'malformed' } {
  const reader = new AxdrReader(bytes, start + blockHeaderBytes, end);
  const length = reader.readLength();
  const number = (bytes[start + 2]! << 8) | bytes[start + 3]!;
  if (length === null || reader.position + length > end || number === 0) {
    return { kind: 'malformed' };
  }
  return {
    kind: 'block',
    // From 1 on the wire.
    number: number - 1,
    isLast: (bytes[start + 1]! & lastBlockBit) !== 0,
    part: bytes.subarray(reader.position, reader.position + length),
  };
}
