import { VERSION } from '@wattbus/nest-mqtt';
import type { WattbusConfig } from '@wattbus/service-config';
import { copySqliteStore } from '@wattbus/time-series';
import { constants, existsSync } from 'node:fs';
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { create, extract, list } from 'tar';
import { z } from 'zod';

/** What is in an archive, and under which names. Raised when that changes. */
const FORMAT = 1;
const names = {
  manifest: 'manifest.json',
  config: 'wattbus.yaml',
  store: 'history.db',
  data: 'data',
} as const;

const Manifest = z.object({
  format: z.int().positive(),
  /** Of the program that made it. */
  version: z.string(),
  at: z.iso.datetime(),
});

/** The journal drops its oldest files when it likes; then the copy begins anew. */
const ATTEMPTS_MAX = 3;
/** SQLite's own files beside the database. */
const SQLITE_SUFFIXES = ['', '-wal', '-shm', '-journal'] as const;
/** In the data directory while it is filled. */
const UNPACKED = '.restoring';

export interface BackupReport {
  readonly files: number;
  readonly hasStore: boolean;
}

export const storeFileOf = ({ store, dataDir }: WattbusConfig): string =>
  resolve(store.sqliteFile ?? join(dataDir, 'history.db'));

/**
 * Writes everything on this machine that Wattbus needs to go on elsewhere into one archive. It may
 * run meanwhile: the store is copied first and the journal last, so every reading that the copied
 * store does not have is in the copied journal. A file that grows is copied as far as it was, and
 * what is torn at its end is repaired as after a power cut.
 */
export async function backUp(
  config: WattbusConfig,
  configFile: string | null,
  archive: string,
): Promise<BackupReport> {
  await mkdir(dirname(resolve(archive)), { recursive: true });
  const staging = await mkdtemp(join(dirname(resolve(archive)), '.wattbus-backup-'));
  try {
    const manifest = { format: FORMAT, version: VERSION, at: new Date().toISOString() };
    await writeFile(join(staging, names.manifest), `${JSON.stringify(manifest)}\n`);
    const first: string[] = [names.manifest];
    if (configFile !== null) {
      await writeFile(join(staging, names.config), await readFile(configFile));
      first.push(names.config);
    }
    const store = storeFileOf(config);
    const hasStore = config.store.kind === 'sqlite' && existsSync(store);
    if (hasStore) copySqliteStore(store, join(staging, names.store));
    if (hasStore) first.push(names.store);
    const files = [...first, ...(await copyData(config, join(staging, names.data)))];
    const partial = join(staging, 'archive.tar.gz');
    // Passwords may be in it.
    await create({ cwd: staging, file: partial, gzip: true, strict: true }, files);
    await chmod(partial, 0o600);
    await flush(partial);
    await rename(partial, archive);
    await flush(dirname(resolve(archive)));
    return { files: files.length, hasStore };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/**
 * Copies the data directory's files, each as far as it is at that moment: a file in an archive must
 * not grow while it is packed. Where the file system can, a copy takes no space.
 */
async function copyData(config: WattbusConfig, to: string): Promise<string[]> {
  for (let attempt = 1; ; attempt += 1) {
    await rm(to, { recursive: true, force: true });
    const files = await dataFiles(config);
    try {
      for (const file of files) {
        await mkdir(dirname(join(to, file)), { recursive: true });
        await copyFile(join(config.dataDir, file), join(to, file), constants.COPYFILE_FICLONE);
      }
      return files.map((file) => join(names.data, file));
    } catch (error) {
      const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (!isGone || attempt >= ATTEMPTS_MAX) throw error;
    }
  }
}

/** The data directory's files but the store's, those of the journal last. */
async function dataFiles(config: WattbusConfig): Promise<string[]> {
  const root = resolve(config.dataDir);
  const store = storeFileOf(config);
  const leftOut = new Set(SQLITE_SUFFIXES.map((suffix) => `${store}${suffix}`));
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))
    .filter((path) => !leftOut.has(path))
    .map((path) => relative(root, path))
    .toSorted();
  const isJournal = (path: string): boolean => path.startsWith(`journal${sep}`);
  return [...paths.filter((path) => !isJournal(path)), ...paths.filter(isJournal)];
}

/** The configuration in an archive; null where it has none. */
export async function readConfig(archive: string): Promise<string | null> {
  let text: string | null = null;
  await list({
    file: archive,
    strict: true,
    onReadEntry: (entry) => {
      if (entry.path !== names.config) return;
      text = '';
      entry.on('data', (chunk) => (text += chunk.toString()));
    },
  });
  return text;
}

/**
 * Puts an archive's data in their places, all of them or none: into a data directory with nothing
 * in it, so that no running process is overwritten. The configuration stays as it is.
 */
export async function restoreData(archive: string, config: WattbusConfig): Promise<void> {
  const root = resolve(config.dataDir);
  const store = storeFileOf(config);
  await mkdir(root, { recursive: true });
  if ((await readdir(root)).length > 0) {
    throw new Error(`${root} is not empty: stop Wattbus and move it away, then restore`);
  }
  if (config.store.kind === 'sqlite' && existsSync(store)) {
    throw new Error(`${store} is there already: stop Wattbus and move it away, then restore`);
  }
  await checkWhole(archive);
  const unpacked = join(root, UNPACKED);
  await mkdir(unpacked);
  try {
    const isPlain = (_path: string, entry: object): boolean =>
      'type' in entry && (entry.type === 'File' || entry.type === 'Directory');
    await extract({ file: archive, cwd: unpacked, strict: true, filter: isPlain });
    await checkManifest(unpacked);
    if (existsSync(join(unpacked, names.store))) {
      await mkdir(dirname(store), { recursive: true });
      await move(join(unpacked, names.store), store);
    }
    const data = join(unpacked, names.data);
    for (const name of existsSync(data) ? await readdir(data) : []) {
      await rename(join(data, name), join(root, name));
    }
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
}

/** Reads all of it before anything is written: what is unpacked by then would be in the way. */
async function checkWhole(archive: string): Promise<void> {
  try {
    await list({ file: archive, strict: true, onReadEntry: (entry) => void entry.resume() });
  } catch (error) {
    const reason = (error as Error).message;
    throw new Error(`${archive} is damaged or cut off, take another one: ${reason}`, {
      cause: error,
    });
  }
}

async function checkManifest(unpacked: string): Promise<void> {
  const text = await readFile(join(unpacked, names.manifest), 'utf8').catch(() => {
    throw new Error('this is no backup of Wattbus: it has no manifest');
  });
  const { format, version } = Manifest.parse(JSON.parse(text));
  if (format > FORMAT) {
    throw new Error(`this backup is of Wattbus ${version}, which is newer: update, then restore`);
  }
}

/** The store may be configured to lie on another file system. */
async function move(from: string, to: string): Promise<void> {
  await rename(from, to).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EXDEV') throw error;
    await copyFile(from, to);
  });
}

async function flush(file: string): Promise<void> {
  const handle = await open(file, 'r');
  await handle.sync();
  await handle.close();
}
