/** Reads a piece of bytes from its start to its end. */
export class ByteReader {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  /** Throws where nothing is left: a caller asks first. */
  byte(): number {
    if (this.left === 0) throw new RangeError('no byte left');
    return this.bytes[this.at++]!;
  }

  /** The next `count` bytes, or null where there are not as many. */
  take(count: number): Uint8Array | null {
    if (count > this.left) return null;
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  rest(): Uint8Array {
    return this.take(this.left)!;
  }
}
