import { close, constants, fdatasync, fstat, ftruncate, open, read, write } from 'node:fs';
import { mkdir, open as openHandle, readdir, rename, unlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { lockDirectory } from './directory-lock.js';

/**
 * All that the journal asks of a disk, so that a test can put a layer under it that fails, tears
 * or forgets writes. Every function rejects with an `Error` whose `code` is that of node:fs.
 */
export interface JournalFiles {
  makeDirectory(path: string): Promise<void>;
  /** Null where another process has the directory; else what gives it free again. */
  lock(directory: string): Promise<(() => Promise<void>) | null>;
  list(directory: string): Promise<readonly string[]>;
  /** `create` makes the file or empties it, `kept` makes it or leaves it, `existing` leaves it. */
  open(path: string, mode: 'create' | 'kept' | 'existing'): Promise<JournalFile>;
  remove(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Makes the creation, removal and renaming of files durable. */
  syncDirectory(path: string): Promise<void>;
}

export interface JournalFile {
  size(): Promise<number>;
  /** How many bytes were there to read; fewer than asked for only at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** Writes all bytes or rejects; after a rejection some of them may be in the file. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  truncate(bytes: number): Promise<void>;
  /** fdatasync: what was written before survives a power cut once this resolves. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

const openFd = promisify(open);
const closeFd = promisify(close);
const syncFd = promisify(fdatasync);
const truncateFd = promisify(ftruncate);
const statFd = promisify(fstat);
const modes = {
  create: 'w+',
  // Not 'a+': its writes go to the end, wherever they are told to.
  kept: constants.O_RDWR | constants.O_CREAT,
  existing: 'r+',
} as const;

/** The real disk. Callback functions, since a page of a replay may be hundreds of small reads. */
export const diskFiles: JournalFiles = {
  makeDirectory: async (path) => {
    await mkdir(path, { recursive: true });
  },
  lock: lockDirectory,
  list: (directory) => readdir(directory),
  open: async (path, mode) => fileOf(await openFd(path, modes[mode])),
  remove: (path) => unlink(path),
  rename,
  syncDirectory: async (path) => {
    const handle = await openHandle(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

const fileOf = (fd: number): JournalFile => ({
  size: async () => (await statFd(fd)).size,
  read: async (into, position) => {
    let done = 0;
    while (done < into.length) {
      const bytes = await readSome(fd, into, done, position + done);
      if (bytes === 0) break;
      done += bytes;
    }
    return done;
  },
  write: async (bytes, position) => {
    let done = 0;
    while (done < bytes.length) done += await writeSome(fd, bytes, done, position + done);
  },
  truncate: (bytes) => truncateFd(fd, bytes),
  sync: () => syncFd(fd),
  close: () => closeFd(fd),
});

const readSome = (fd: number, into: Uint8Array, from: number, position: number): Promise<number> =>
  new Promise((resolve, reject) => {
    read(fd, into, from, into.length - from, position, (error, bytes) =>
      error ? reject(error) : resolve(bytes),
    );
  });

const writeSome = (fd: number, out: Uint8Array, from: number, position: number): Promise<number> =>
  new Promise((resolve, reject) => {
    write(fd, out, from, out.length - from, position, (error, bytes) =>
      error ? reject(error) : resolve(bytes),
    );
  });
