import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { readConfig, restoreData } from '../backup/archive.js';
import { configFor, readArchiveArguments } from '../backup/archive-arguments.js';
import type { Command } from '../command.js';

export const restore: Command = {
  name: 'restore',
  usage: 'FILE.tar.gz [--config FILE] [--data-dir DIR]',
  about: 'put a backup in place, into a data directory with nothing in it',
  run: async (args) => {
    const { archive, configFile, dataDir } = readArchiveArguments(args, 'restore');
    const wanted = configFile ?? process.env['WATTBUS_CONFIG'] ?? 'wattbus.yaml';
    const restored = putConfig(await readConfig(archive), wanted);
    const loaded = configFor(existsSync(wanted) ? wanted : undefined, dataDir);
    if (!loaded) return 1;
    await restoreData(archive, loaded.config);
    console.log(`${resolve(loaded.config.dataDir)}: as at the time of the backup`);
    if (restored !== null) console.log(`${restored}: the configuration of the backup`);
    return 0;
  },
};

/** A configuration that is there stays; one that differs is put beside it. */
function putConfig(text: string | null, wanted: string): string | null {
  if (text === null) return null;
  const present = existsSync(wanted) ? readFileSync(wanted, 'utf8') : null;
  if (present === text) return null;
  const file = present === null ? wanted : `${wanted}.restored`;
  mkdirSync(dirname(resolve(file)), { recursive: true });
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}
