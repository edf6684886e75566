import type { Buffer } from 'node:buffer';
import { Refusal, type Connection, type Traffic } from './connection.js';
import { filterMatches } from './domain/topic-filter.js';
import { PublishFrame } from './domain/publish-frame.js';

/** What the broker hands to a client for delivery. */
interface DeliveredPacket {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
}

type Deliver = (packet: DeliveredPacket, done: () => void) => void;

/** The two functions of an Aedes client that every subscription of it calls. */
export interface DeliveringClient {
  deliver0: Deliver;
  deliverQoS: Deliver;
  readonly subscriptions: Readonly<Record<string, { readonly qos: number }>>;
  readonly closed: boolean;
}

export interface DeliveryOptions {
  /** A subscriber this far behind is cut off; QoS 0 is dropped from half of it on. */
  readonly backlogBytesMax: number;
  readonly traffic: Traffic;
  /** Milliseconds of a clock that never steps. */
  readonly nowMs: () => number;
  readonly onDropped: () => void;
}

/** Retained messages are sent ahead of what the subscriber has taken by this much. */
const RETAINED_AHEAD_BYTES = 64 * 1024;
/** A subscriber that takes nothing for this long is cut off, whatever its QoS. */
const STALLED_MS_MAX = 30_000;

/**
 * Sends messages to subscribers, in place of Aedes' own delivery, for three of its properties:
 *
 * - Its writes wait for `drain` while they hold one of 100 slots that all deliveries share, so
 *   one frozen subscriber stops everybody for a minute. Here nothing waits: see `backlogBytesMax`.
 * - It drops what another message has overtaken as a duplicate, which loses every retained message
 *   that is published among plain ones. Here nothing is taken for a duplicate.
 * - It encodes a message once for each subscriber. Here it is encoded once.
 */
export class Delivery {
  readonly #options: DeliveryOptions;
  #latest: PublishFrame | null = null;
  #finished: (() => void)[] = [];

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** Takes over for a client that has no subscription yet. */
  attach(client: DeliveringClient, connection: Connection): void {
    if (typeof client.deliver0 !== 'function' || typeof client.deliverQoS !== 'function') {
      throw new Error('this version of aedes delivers in another way');
    }
    const state: Subscriber = { connection, client, packetId: 0, stalledSinceMs: null };
    client.deliver0 = (packet, done) => this.#deliver(state, packet, 0, done);
    client.deliverQoS = (packet, done) => {
      const qos = packet.qos < 2 ? packet.qos : grantedQos(client, packet.topic);
      this.#deliver(state, packet, qos, done);
    };
  }

  #deliver(to: Subscriber, packet: DeliveredPacket, qos: 0 | 1 | 2, done: () => void): void {
    const { stream, outbox } = to.connection;
    if (stream.destroyed || to.client.closed) return this.#finish(done);
    // The flag is set only on what a new subscription gets from the store (§3.3.1.3).
    if (packet.retain) return this.#deliverStored(to, packet, qos, done);
    const frame = this.#frame(packet, qos);
    const backlogBytes = outbox.backlogBytes;
    if (backlogBytes === 0 || backlogBytes + frame.bytes <= this.#backlogBytesMax(qos)) {
      this.#send(to, frame);
      to.stalledSinceMs = null;
    } else {
      this.#fallBehind(to, qos);
    }
    this.#finish(done);
  }

  /** Stored messages come one after the other, so they can wait for the subscriber. */
  #deliverStored(to: Subscriber, packet: DeliveredPacket, qos: 0 | 1 | 2, done: () => void): void {
    const { stream, outbox } = to.connection;
    if (outbox.backlogBytes <= RETAINED_AHEAD_BYTES) {
      this.#send(to, new PublishFrame(packet, qos));
      return done();
    }
    const again = (): void => this.#deliver(to, packet, qos, done);
    if (stream.writableNeedDrain) stream.once('drain', again);
    else setImmediate(again);
  }

  #send(to: Subscriber, frame: PublishFrame): void {
    if (frame.qos > 0) to.packetId = (to.packetId % 65_535) + 1;
    for (const piece of frame.pieces(to.packetId)) to.connection.outbox.write(piece);
    this.#options.traffic.messagesSent += 1;
  }

  #fallBehind(to: Subscriber, qos: 0 | 1 | 2): void {
    const nowMs = this.#options.nowMs();
    to.stalledSinceMs ??= nowMs;
    if (qos === 0 && nowMs - to.stalledSinceMs < STALLED_MS_MAX) {
      this.#options.onDropped();
      return;
    }
    const behind = `${to.connection.outbox.backlogBytes} bytes behind`;
    to.connection.stream.destroy(new Refusal('slowClosed', `subscriber too slow, ${behind}`));
  }

  /** A gap at QoS 0 is no fault: half of the room is left for what may have none. */
  #backlogBytesMax(qos: 0 | 1 | 2): number {
    const { backlogBytesMax } = this.#options;
    return qos === 0 ? backlogBytesMax / 2 : backlogBytesMax;
  }

  /** The subscribers of a message are served one after the other, so the latest frame is enough. */
  #frame(packet: DeliveredPacket, qos: 0 | 1 | 2): PublishFrame {
    if (this.#latest?.isOf(packet, qos) !== true) this.#latest = new PublishFrame(packet, qos);
    return this.#latest!;
  }

  /** Publishers go on in a later turn: the parser must not be entered again from within. */
  #finish(done: () => void): void {
    if (this.#finished.push(done) > 1) return;
    setImmediate(() => {
      const finished = this.#finished;
      this.#finished = [];
      for (const one of finished) one();
    });
  }
}

interface Subscriber {
  readonly connection: Connection;
  readonly client: DeliveringClient;
  packetId: number;
  stalledSinceMs: number | null;
}

/** §3.8.4: the highest QoS of the subscriptions that match; asked for QoS 2 messages only. */
function grantedQos({ subscriptions }: DeliveringClient, topic: string): 0 | 1 | 2 {
  const granted = Object.entries(subscriptions)
    .filter(([filter]) => filterMatches(filter, topic))
    .map(([, { qos }]) => qos);
  return Math.max(0, ...granted) as 0 | 1 | 2;
}
