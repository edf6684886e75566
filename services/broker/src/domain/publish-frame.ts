import { Buffer } from 'node:buffer';

/** MQTT 3.1.1 §2.2.3: seven bits a byte, lowest first, the high bit says that more follow. */
export function remainingLength(bytes: number): Buffer {
  const encoded: number[] = [];
  let left = bytes;
  do {
    const digit = left % 128;
    left = Math.floor(left / 128);
    encoded.push(left > 0 ? digit | 0x80 : digit);
  } while (left > 0);
  return Buffer.from(encoded);
}

export interface Message {
  readonly topic: string;
  readonly payload: Buffer;
  readonly retain: boolean;
}

/** Up to this size a PUBLISH is copied whole for each receiver; above, the payload is shared. */
const COPIED_BYTES_MAX = 4_096;

/**
 * A PUBLISH packet encoded once for all its receivers (§3.3). QoS 0 is the very same bytes for
 * everybody; above, receivers differ in the packet identifier only.
 */
export class PublishFrame {
  readonly message: Message;
  readonly qos: 0 | 1 | 2;
  /** Size on the wire. */
  readonly bytes: number;
  readonly #head: Buffer;
  readonly #idAt: number;

  constructor(message: Message, qos: 0 | 1 | 2) {
    this.message = message;
    this.qos = qos;
    const topicBytes = Buffer.byteLength(message.topic);
    const idBytes = qos > 0 ? 2 : 0;
    const length = remainingLength(2 + topicBytes + idBytes + message.payload.length);
    const headBytes = 1 + length.length + 2 + topicBytes + idBytes;
    this.bytes = headBytes + message.payload.length;
    const whole = this.bytes <= COPIED_BYTES_MAX;
    this.#idAt = headBytes - 2;
    this.#head = Buffer.allocUnsafe(whole ? this.bytes : headBytes);
    this.#head[0] = 0x30 | (qos << 1) | (message.retain ? 1 : 0);
    length.copy(this.#head, 1);
    this.#head.writeUInt16BE(topicBytes, 1 + length.length);
    this.#head.write(message.topic, 3 + length.length, 'utf8');
    if (whole) message.payload.copy(this.#head, headBytes);
  }

  isOf({ topic, payload, retain }: Message, qos: number): boolean {
    const own = this.message;
    return (
      own.payload === payload && own.topic === topic && own.retain === retain && this.qos === qos
    );
  }

  /** The bytes for one receiver; `packetId` (1–65535) counts above QoS 0 only. */
  pieces(packetId: number): readonly Buffer[] {
    let head = this.#head;
    if (this.qos > 0) {
      head = Buffer.from(head);
      head.writeUInt16BE(packetId, this.#idAt);
    }
    return this.bytes <= COPIED_BYTES_MAX ? [head] : [head, this.message.payload];
  }
}
