import { Buffer } from 'node:buffer';
import type { Duplex } from 'node:stream';
import type { Access } from './domain/access.js';
import { FrameGuard } from './domain/frame-guard.js';
import { Outbox } from './outbox.js';

/** What the broker counts when it turns something away; each is a counter of its health. */
export const refusals = [
  'connectionsFull',
  'connectTimeout',
  'protocolVersion',
  'clientId',
  'signInMissing',
  'signInWrong',
  'signInLimited',
  'signInBusy',
  'malformed',
  'oversize',
  'publishDenied',
  'subscribeDenied',
  'retainedFull',
  'slowDropped',
  'slowClosed',
] as const;
export type RefusalKind = (typeof refusals)[number];

/** The reason why a connection was ended by the broker. */
export class Refusal extends Error {
  readonly kind: RefusalKind;

  constructor(kind: RefusalKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** What went through all connections since the start. */
export interface Traffic {
  bytesReceived: number;
  bytesSent: number;
  messagesReceived: number;
  messagesSent: number;
}

/** Before it has signed in, a client may send packets of this size only: CONNECT and its will. */
export const CONNECT_BYTES_MAX = 64 * 1024;

const ACK_PASSED_MS = 1_000;

/** CONNACK return codes, MQTT 3.1.1 §3.2.2.3. */
export const connack = {
  protocolVersion: 1,
  identifierRejected: 2,
  serverUnavailable: 3,
  badCredentials: 4,
  notAuthorized: 5,
} as const;

export interface Origin {
  /** The address at the other end of the socket. */
  readonly address: string;
  /** The first address that a proxy says it speaks for; never a reason to allow more. */
  readonly forwardedFor: string | null;
  /** True where listener, address and web origin allow a client without a password. */
  readonly mayBeAnonymous: boolean;
}

/** One client's connection: its stream, with a size limit on reading and collected writing. */
export class Connection {
  readonly stream: Duplex;
  readonly origin: Origin;
  readonly outbox: Outbox;
  /** Filters that it has subscribed to. */
  readonly filters = new Set<string>();
  /** Its CONNECT has come; the password may still be looked at. */
  saidWho = false;
  user: string | null = null;
  access: Access | null = null;
  readonly #guard = new FrameGuard(CONNECT_BYTES_MAX);
  #ackPassedMs = -Infinity;

  constructor(stream: Duplex, origin: Origin, traffic: Traffic) {
    this.stream = stream;
    this.origin = origin;
    this.outbox = new Outbox(stream, (bytes) => (traffic.bytesSent += bytes));
    const read = stream.read.bind(stream);
    // The parser behind this would collect a packet of any size before it looks at it.
    stream.read = (size?: number): Buffer | null => {
      const chunk = read(size) as Buffer | null;
      if (chunk === null) return null;
      traffic.bytesReceived += chunk.length;
      const onlyAcks = this.#guard.atBoundary && isOnlyAcks(chunk);
      const fault = this.#guard.scan(chunk);
      if (fault === null) return onlyAcks && this.#spareAck() ? null : chunk;
      stream.destroy(
        fault.fault === 'oversize'
          ? new Refusal('oversize', `packet of ${fault.bytes} bytes, allowed ${fault.bytesMax}`)
          : new Refusal('malformed', fault.reason),
      );
      return null;
    };
  }

  get signedIn(): boolean {
    return this.access !== null;
  }

  signIn(user: string | null, access: Access, packetBytesMax: number): void {
    this.user = user;
    this.access = access;
    this.#guard.packetBytesMax = packetBytesMax;
  }

  /**
   * Nothing is kept until it is acknowledged, so an acknowledgement only shows that the client
   * lives: one a second is enough for its keepalive, and handling them all would be a fifth of the
   * broker's own work when ten subscribers get a message.
   */
  #spareAck(): boolean {
    const nowMs = performance.now();
    if (!this.signedIn || nowMs - this.#ackPassedMs >= ACK_PASSED_MS) {
      this.#ackPassedMs = nowMs;
      return false;
    }
    return true;
  }

  /** Sends a CONNACK that says no; the caller ends the connection after it. */
  sendRefusal(returnCode: number): void {
    this.outbox.write(Buffer.from([0x20, 2, 0, returnCode]));
    this.outbox.flush();
  }
}

/** PUBACK, MQTT 3.1.1 §3.4: always four bytes, of which two are the packet identifier. */
function isOnlyAcks(chunk: Uint8Array): boolean {
  if (chunk.length % 4 !== 0) return false;
  for (let at = 0; at < chunk.length; at += 4) {
    if (chunk[at] !== 0x40 || chunk[at + 1] !== 2) return false;
  }
  return true;
}
