import { mkdir, open, readFile, rename, type FileHandle } from 'node:fs/promises';

/** A file that only grows. */
export interface AppendedFile {
  append(bytes: Uint8Array): Promise<void>;
  /** Resolves when what was appended is on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** All that the retained store asks of a file system; every call may reject with an errno error. */
export interface RetainedFiles {
  makeDirectory(path: string): Promise<void>;
  /** Null where there is no such file. */
  read(path: string): Promise<Buffer | null>;
  /** Opens for appending: the file as it is, or an empty one. */
  open(path: string, content: 'kept' | 'emptied'): Promise<AppendedFile>;
  rename(from: string, to: string): Promise<void>;
  /** Makes a rename in the directory durable. */
  syncDirectory(path: string): Promise<void>;
}

export const diskFiles: RetainedFiles = {
  async makeDirectory(path) {
    await mkdir(path, { recursive: true });
  },

  async read(path) {
    try {
      return await readFile(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  },

  async open(path, content) {
    const handle = await open(path, content === 'kept' ? 'a' : 'w');
    return {
      append: (bytes) => handle.appendFile(bytes),
      sync: () => handle.datasync(),
      close: () => handle.close(),
    };
  },

  rename,

  async syncDirectory(path) {
    let directory: FileHandle | null = null;
    try {
      directory = await open(path, 'r');
      await directory.sync();
    } finally {
      await directory?.close();
    }
  },
};
