import { beforeEach, describe, expect, test } from '@jest/globals';
import { Duplex } from 'node:stream';
import { Connection, CONNECT_BYTES_MAX, type Refusal } from './connection.js';
import { Access } from './domain/access.js';

let stream: Duplex;
let connection: Connection;
const traffic = { bytesReceived: 0, bytesSent: 0, messagesReceived: 0, messagesSent: 0 };

beforeEach(() => {
  stream = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  const origin = { address: '127.0.0.1', forwardedFor: null, mayBeAnonymous: true };
  connection = new Connection(stream, origin, traffic);
});

/** What the broker reads after these bytes have come. */
function read(bytes: number[]): number[] | null {
  stream.push(Buffer.from(bytes));
  const chunk = stream.read() as Buffer | null;
  return chunk === null ? null : [...chunk];
}

const signIn = (): void =>
  connection.signIn(null, new Access({ publish: [], subscribe: [] }, 10), 1_000);
const puback = [0x40, 2, 0, 7];
const pingreq = [0xc0, 0];

describe('Connection', () => {
  test('passes on one of many acknowledgements, and every other packet', () => {
    signIn();
    expect(read(puback)).toEqual(puback);
    expect(read([...puback, ...puback])).toBeNull();
    expect(read(pingreq)).toEqual(pingreq);
    expect(read([...puback, ...pingreq])).toEqual([...puback, ...pingreq]);
    expect(read([0x30, 6, 0, 0])).toEqual([0x30, 6, 0, 0]);
    expect(read(puback)).toEqual(puback);
    expect(read(puback)).toBeNull();
  });

  test('allows a packet the size of a CONNECT first, and the usual size after signing in', () => {
    const header = (bytes: number): number[] => [0x10, (bytes & 0x7f) | 0x80, bytes >> 7];
    expect(CONNECT_BYTES_MAX).toBeGreaterThan(10_000);
    expect(read([...header(10_000), ...Array<number>(10_000).fill(0)])).not.toBeNull();
    signIn();
    const faults: Error[] = [];
    stream.on('error', (error) => faults.push(error));
    expect(read(header(10_000))).toBeNull();
    expect(stream.destroyed).toBe(true);
    return new Promise((resolve) => stream.once('close', resolve)).then(() => {
      expect((faults[0] as Refusal).kind).toBe('oversize');
    });
  });
});
