const initialBytes = 1024;

/**
 * Collects what a line delivers until a frame is whole. Holds at most `bytesMax` bytes and copies
 * every byte a constant number of times, however the stream is cut into chunks.
 */
export class ReceiveBuffer {
  readonly bytesMax: number;
  private storage = new Uint8Array(initialBytes);
  private start = 0;
  private end = 0;
  private discarded = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  get length(): number {
    return this.end - this.start;
  }

  /** Where the first byte held stands, counted in bytes from the start of the stream. */
  get offset(): number {
    return this.discarded;
  }

  /**
   * Copies `bytes` from index `from` on, as many as fit; returns how many were taken. A caller
   * loops: append, take out what is complete, append the rest. A full buffer takes 0.
   */
  append(bytes: Uint8Array, from = 0): number {
    const taken = Math.min(bytes.length - from, this.bytesMax - this.length);
    if (this.end + taken > this.storage.length) this.makeRoom(taken);
    this.storage.set(
      from === 0 && taken === bytes.length ? bytes : bytes.subarray(from, from + taken),
      this.end,
    );
    this.end += taken;
    return taken;
  }

  /** All bytes held, as a view that the next `append` invalidates: copy what has to stay. */
  view(): Uint8Array {
    return this.storage.subarray(this.start, this.end);
  }

  /** Drops the first `count` bytes; an open view stays valid. */
  discard(count: number): void {
    if (count < 0 || count > this.length) throw new RangeError(`cannot discard ${count} bytes`);
    this.start += count;
    this.discarded += count;
    if (this.start === this.end) {
      this.start = 0;
      this.end = 0;
    }
  }

  /**
   * The storage is twice what may be held, so that moving the bytes down always frees at least as
   * much as it moves: linear time, even for single bytes at the limit.
   */
  private makeRoom(count: number): void {
    const needed = this.length + count;
    let capacity = this.storage.length;
    while (capacity < 2 * needed && capacity < 2 * this.bytesMax) capacity *= 2;
    const target = capacity === this.storage.length ? this.storage : new Uint8Array(capacity);
    if (target === this.storage) target.copyWithin(0, this.start, this.end);
    else target.set(this.view());
    this.storage = target;
    this.end = this.length;
    this.start = 0;
  }
}
