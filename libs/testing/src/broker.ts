import { Aedes } from 'aedes';
import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface TestBroker {
  readonly url: string;
  readonly port: number;
  /** Cuts every connection and stops listening; retained messages are gone, as with a kill. */
  stop(): Promise<void>;
}

/** A real Aedes on a real socket in this process, without accounts; `port` 0 takes a free one. */
export async function startTestBroker(port = 0): Promise<TestBroker> {
  const aedes = await Aedes.createBroker();
  // Aedes drops retained messages that a plain one overtakes; readers here are idempotent.
  aedes.on('client', (client) => {
    Object.assign(client, { duplicates: new Proxy({}, { get: () => -1, set: () => true }) });
  });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    aedes.handle(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const actual = (server.address() as AddressInfo).port;
  return {
    url: `mqtt://127.0.0.1:${actual}`,
    port: actual,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
    },
  };
}
