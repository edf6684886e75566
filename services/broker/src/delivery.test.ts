import { beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { Connection, type Refusal } from './connection.js';
import { Delivery, type DeliveringClient } from './delivery.js';

/** The other end of the connection takes what is written only when the test says so. */
class Peer extends Duplex {
  taken = 0;
  #pending: (() => void) | null = null;

  override _read(): void {
    // Says nothing.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.taken += chunk.length;
    this.#pending = done;
  }

  release(): void {
    this.#pending?.();
  }
}

let nowMs: number;
let dropped: number;
let peer: Peer;
let client: DeliveringClient;
beforeEach(() => {
  nowMs = 0;
  dropped = 0;
  peer = new Peer();
  const traffic = { bytesReceived: 0, bytesSent: 0, messagesReceived: 0, messagesSent: 0 };
  const origin = { address: '127.0.0.1', forwardedFor: null, mayBeAnonymous: true };
  const ignored = (): void => undefined;
  client = { deliver0: ignored, deliverQoS: ignored, subscriptions: {}, closed: false };
  new Delivery({
    backlogBytesMax: 100_000,
    traffic,
    nowMs: () => nowMs,
    onDropped: () => (dropped += 1),
  }).attach(client, new Connection(peer, origin, traffic));
});

const message = (bytes: number, qos: 0 | 1 = 0, retain = false) =>
  ({ topic: 'a', payload: Buffer.alloc(bytes), qos, retain }) as const;
const delivered = (bytes: number, qos: 0 | 1 = 0): Promise<void> =>
  new Promise((resolve) => client.deliverQoS(message(bytes, qos), resolve));

describe('Delivery', () => {
  test('never waits for the subscriber, and drops QoS 0 beyond half of the backlog', async () => {
    for (let i = 0; i < 30; i += 1) await delivered(10_000);
    expect(dropped).toBe(26);
    expect(peer.destroyed).toBe(false);
  });

  test('has room for QoS 1 where QoS 0 has none any more', async () => {
    for (let i = 0; i < 30; i += 1) await delivered(10_000);
    for (let i = 0; i < 5; i += 1) await delivered(10_000, 1);
    expect(peer.destroyed).toBe(false);
    expect(dropped).toBe(26);
  });

  test('hands on a message larger than the backlog to a subscriber that keeps up', async () => {
    await delivered(500_000);
    expect(dropped).toBe(0);
  });

  test('cuts off at QoS 1, because a gap must not go unnoticed', async () => {
    const failed = once(peer, 'error') as Promise<[Refusal]>;
    for (let i = 0; i < 30; i += 1) await delivered(10_000, 1);
    const [reason] = await failed;
    expect(reason).toMatchObject({ kind: 'slowClosed' });
    expect(reason.message).toMatch(/subscriber too slow, 9\d{4} bytes behind/);
  });

  test('cuts off at QoS 0 when nothing was taken for 30 s, and not a moment before', async () => {
    const failed = once(peer, 'error');
    for (let i = 0; i < 11; i += 1) await delivered(10_000);
    nowMs = 29_999;
    await delivered(10_000);
    expect(peer.destroyed).toBe(false);
    nowMs = 30_000;
    await delivered(10_000);
    await failed;
  });

  test('lets a stored message wait for a slow subscriber', async () => {
    let done = 0;
    const finish = (): void => {
      done += 1;
      if (done < 20) client.deliver0(message(10_000, 0, true), finish);
    };
    client.deliver0(message(10_000, 0, true), finish);
    while (done < 20) {
      await new Promise((resolve) => setImmediate(resolve));
      expect(peer.writableLength).toBeLessThan(100_000);
      peer.release();
    }
    expect(dropped).toBe(0);
  });
});
