import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** All that making secrets asks of a disk, so that a test can put one under it that fails. */
export interface SecretFiles {
  makeDirectory(path: string): Promise<void>;
  /** Null where there is no such file. */
  read(path: string): Promise<Buffer | null>;
  open(path: string, content: 'emptied', permissions: number): Promise<OpenFile>;
  rename(from: string, to: string): Promise<void>;
  /** Makes a rename in the directory durable. */
  syncDirectory(path: string): Promise<void>;
}

interface OpenFile {
  append(bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export const diskFiles: SecretFiles = {
  makeDirectory: async (path) => {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
  read: (path) =>
    readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    }),
  open: async (path, _content, permissions) => {
    const handle = await open(path, 'w', permissions);
    return {
      append: (bytes) => handle.appendFile(bytes),
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },
  rename,
  syncDirectory: async (path) => {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

/** The file has the new text, or it is as it was: whatever happens meanwhile. */
export async function writeWhole(
  files: SecretFiles,
  path: string,
  text: string,
  permissions: number,
): Promise<void> {
  const beside = `${path}.new`;
  const file = await files.open(beside, 'emptied', permissions);
  try {
    await file.append(Buffer.from(text));
    await file.sync();
  } finally {
    await file.close();
  }
  await files.rename(beside, path);
  await files.syncDirectory(dirname(path));
}

export const readText = async (files: SecretFiles, path: string): Promise<string | null> =>
  (await files.read(path))?.toString('utf8') ?? null;
