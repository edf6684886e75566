/** Why the bytes of a connection are no acceptable MQTT packets. */
export type FrameFault =
  | { readonly fault: 'oversize'; readonly bytes: number; readonly bytesMax: number }
  | { readonly fault: 'malformed'; readonly reason: string };

/** MQTT 3.1.1 §2.2.3: the remaining length has at most four bytes. */
const LENGTH_BYTES_MAX = 4;

/**
 * Follows the packet boundaries in a byte stream and finds a packet that is too large by its
 * header, before anything collects its body. It reads a few bytes a packet and keeps none.
 */
export class FrameGuard {
  /** The largest packet that is let through, fixed header not counted. */
  packetBytesMax: number;
  #inHeader = true;
  #lengthBytes = 0;
  #length = 0;
  #bodyLeft = 0;

  constructor(packetBytesMax: number) {
    this.packetBytesMax = packetBytesMax;
  }

  /** True where the next byte begins a packet. */
  get atBoundary(): boolean {
    return this.#inHeader && this.#bodyLeft === 0;
  }

  /** Takes the next bytes of the stream; after a fault the connection has to be closed. */
  scan(chunk: Uint8Array): FrameFault | null {
    let at = 0;
    while (at < chunk.length) {
      if (this.#bodyLeft > 0) {
        const taken = Math.min(this.#bodyLeft, chunk.length - at);
        this.#bodyLeft -= taken;
        at += taken;
      } else if (this.#inHeader) {
        this.#inHeader = false;
        this.#lengthBytes = 0;
        this.#length = 0;
        at += 1;
      } else {
        const fault = this.#takeLength(chunk[at]!);
        if (fault !== null) return fault;
        at += 1;
      }
    }
    return null;
  }

  #takeLength(byte: number): FrameFault | null {
    this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes;
    this.#lengthBytes += 1;
    if (byte >= 0x80) {
      return this.#lengthBytes < LENGTH_BYTES_MAX
        ? null
        : { fault: 'malformed', reason: 'remaining length longer than four bytes' };
    }
    if (this.#length > this.packetBytesMax) {
      return { fault: 'oversize', bytes: this.#length, bytesMax: this.packetBytesMax };
    }
    this.#inHeader = true;
    this.#bodyLeft = this.#length;
    return null;
  }
}
