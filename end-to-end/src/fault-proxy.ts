import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What the network does to one connection. */
export type ConnectionFault =
  /** RST to both sides, in the middle of whatever was being said. */
  | { readonly kind: 'reset' }
  /** Both sides believe that it is open; nothing that they say arrives any more. */
  | { readonly kind: 'half-open' }
  /** What is said arrives so much later, in order, for a while. */
  | { readonly kind: 'delay'; readonly delayMs: number; readonly forMs: number };

export interface FaultProxy {
  readonly port: number;
  /** Of the connection that `chance` (0 to 1) picks; false where there is none. */
  inflict(fault: ConnectionFault, chance: number): boolean;
  close(): Promise<void>;
}

interface Connection {
  readonly sides: readonly [Socket, Socket];
  isHalfOpen: boolean;
  delayMs: number;
}

/** A TCP proxy between services and broker that can lose, cut and slow down what passes. */
export async function startFaultProxy(target: URL): Promise<FaultProxy> {
  const connections = new Set<Connection>();
  const server = createServer({ noDelay: true }, (client) => {
    const broker = connect({
      host: target.hostname,
      port: Number(target.port || 1883),
      noDelay: true,
    });
    const connection: Connection = { sides: [client, broker], isHalfOpen: false, delayMs: 0 };
    connections.add(connection);
    forward(connection, client, broker);
    forward(connection, broker, client);
    const end = (): void => {
      // The other side of a half-open connection is not told.
      if (connection.isHalfOpen && !(client.destroyed && broker.destroyed)) return;
      connections.delete(connection);
      client.destroy();
      broker.destroy();
    };
    client.on('close', end);
    broker.on('close', end);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    inflict: (fault, chance) => {
      const sound = [...connections].filter(({ isHalfOpen }) => !isHalfOpen);
      const picked = sound[Math.floor(chance * sound.length)];
      if (!picked) return false;
      inflictOn(picked, fault);
      return true;
    },
    close: async () => {
      for (const { sides } of connections) for (const side of sides) side.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function inflictOn(connection: Connection, fault: ConnectionFault): void {
  switch (fault.kind) {
    case 'reset':
      for (const side of connection.sides) side.resetAndDestroy();
      return;
    case 'half-open':
      connection.isHalfOpen = true;
      return;
    case 'delay':
      connection.delayMs = fault.delayMs;
      setTimeout(() => (connection.delayMs = 0), fault.forMs).unref();
  }
}

function forward(connection: Connection, from: Socket, to: Socket): void {
  /** Chunks on their way; one that is not delayed waits for those before it that are. */
  const underWay: Buffer[] = [];
  const send = (bytes: Buffer): void => {
    if (!connection.isHalfOpen && !to.destroyed) to.write(bytes);
  };
  let dueMs = 0;
  from.on('error', () => from.destroy());
  from.on('data', (bytes) => {
    if (connection.delayMs === 0 && underWay.length === 0) return send(bytes);
    dueMs = Math.max(dueMs, performance.now() + connection.delayMs);
    underWay.push(bytes);
    setTimeout(() => send(underWay.shift()!), dueMs - performance.now());
  });
}
