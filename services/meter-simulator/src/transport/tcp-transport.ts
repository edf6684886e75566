import type { Log } from '@wattbus/nest-mqtt';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Transport } from './transport.js';

const READERS_MAX = 16;

/** As ser2net does it: every connection gets the meter's bytes, from when it came. */
export async function openTcpTransport(url: URL, log: Log): Promise<Transport> {
  const readers = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    if (readers.size >= READERS_MAX) {
      log.limited('warn', 'readers', `more than ${READERS_MAX} readers; one was turned away`);
      socket.destroy();
      return;
    }
    readers.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => readers.delete(socket));
    socket.resume();
    server.emit('reader');
  });
  server.listen(Number(url.port), url.hostname);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `tcp://${url.hostname}:${port}`,
    write: async (bytes) => {
      const full = [...readers].filter((socket) => !socket.write(bytes));
      await Promise.all(full.map((socket) => drained(socket)));
    },
    reader: async () => {
      if (readers.size === 0) await once(server, 'reader');
    },
    close: async () => {
      for (const socket of readers) socket.destroy();
      server.close();
      await Promise.resolve();
    },
  };
}

/** A reader that went away has drained, too. */
const drained = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.destroyed || !socket.writableNeedDrain) return resolve();
    const done = (): void => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.on('drain', done);
    socket.on('close', done);
  });
