import { Buffer } from 'node:buffer';
import type { Duplex } from 'node:stream';

/** A subscriber may be behind by this much before messages for it are dropped. */
export const BACKLOG_BYTES_MAX = 1024 * 1024;
/** Up to this many bytes are copied into one buffer; above, the pieces are written one by one. */
const JOINED_BYTES_MAX = 64 * 1024;

/**
 * Collects what is written to a connection in one turn of the event loop and writes it at once.
 *
 * Two thirds of a broker's time at fan-out is one system call for each delivery. All writes of the
 * connection go through here, so their order is kept. `write` answers as a stream does, false meaning
 * that `drain` will follow, but later: Aedes reads nothing more from a client while its SUBACK waits
 * for it, and MQTT.js reads nothing while it cannot write, so that both would wait for the other.
 */
export class Outbox {
  readonly #stream: Duplex;
  readonly #writeNow: (bytes: Uint8Array) => boolean;
  readonly #onFlush: (bytes: number) => void;
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  /** `onFlush` hears how many bytes go out. */
  constructor(stream: Duplex, onFlush: (bytes: number) => void) {
    this.#stream = stream;
    this.#onFlush = onFlush;
    const writeNow = stream.write.bind(stream) as (bytes: Uint8Array) => boolean;
    this.#writeNow = writeNow;
    stream.write = ((chunk: Uint8Array | string, encoding?: unknown) => {
      const bytes =
        typeof chunk === 'string' ? Buffer.from(chunk, encoding as BufferEncoding) : chunk;
      return this.write(bytes);
    }) as Duplex['write'];
  }

  /** Bytes that the peer has not taken yet. */
  get backlogBytes(): number {
    return this.#bytes + this.#stream.writableLength;
  }

  write(bytes: Uint8Array): boolean {
    if (this.#pieces.push(bytes) === 1) setImmediate(() => this.flush());
    this.#bytes += bytes.length;
    return this.backlogBytes < BACKLOG_BYTES_MAX;
  }

  /** Writes what has been collected; needed before a connection is destroyed on purpose. */
  flush(): void {
    const pieces = this.#pieces;
    if (pieces.length === 0) return;
    const bytes = this.#bytes;
    this.#pieces = [];
    this.#bytes = 0;
    if (!this.#stream.writable) return;
    this.#onFlush(bytes);
    if (pieces.length === 1) {
      this.#writeNow(pieces[0]!);
    } else if (bytes <= JOINED_BYTES_MAX) {
      this.#writeNow(Buffer.concat(pieces, bytes));
    } else {
      this.#stream.cork();
      for (const piece of pieces) this.#writeNow(piece);
      this.#stream.uncork();
    }
  }
}
