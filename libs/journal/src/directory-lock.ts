import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';

/** Longest path of a Unix socket that all systems take (`sun_path` has 104 bytes on some). */
const SOCKET_PATH_BYTES_MAX = 100;

/**
 * A lock that ends with its process however that ends: a Unix socket in the directory that somebody
 * listens on. A lock file with a process id would be left behind by kill -9, and in containers the
 * next process has the same id.
 *
 * Null where somebody else has it. A file system without sockets gives a lock that locks nothing.
 */
export async function lockDirectory(directory: string): Promise<(() => Promise<void>) | null> {
  const path = socketPath(resolve(directory));
  let server = await listen(path);
  if (server === 'taken') {
    if (await answers(path)) return null;
    await unlink(path).catch(() => undefined);
    server = await listen(path);
    if (server === 'taken') return null;
  }
  const held = server;
  return () => new Promise((done) => (held ? held.close(() => done()) : done()));
}

function socketPath(directory: string): string {
  const inside = join(directory, 'journal.lock');
  const shortest = [inside, relative(process.cwd(), inside)].sort(
    (a, b) => a.length - b.length,
  )[0]!;
  if (Buffer.byteLength(shortest) <= SOCKET_PATH_BYTES_MAX) return shortest;
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 16);
  return join(tmpdir(), `wattbus-journal-${name}.lock`);
}

const listen = (path: string): Promise<Server | 'taken' | null> =>
  new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy()).unref();
    server.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code === 'EADDRINUSE' ? 'taken' : null),
    );
    server.listen(path, () => resolve(server));
  });

const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
