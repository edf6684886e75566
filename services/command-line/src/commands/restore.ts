import { describeFaults, loadConfig } from '@wattbus/service-config';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readConfig, restoreData } from '../backup/archive.js';
import type { Command } from '../command.js';

export const restore: Command = {
  name: 'restore',
  usage: 'FILE.tar.gz [--config FILE] [--data-dir DIR]',
  about: 'put a backup in place, into a data directory with nothing in it',
  run: async (args) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { config: { type: 'string' }, 'data-dir': { type: 'string' } },
    });
    const [archive, ...more] = positionals;
    if (archive === undefined || more.length > 0) throw new Error('name one file to restore');
    const wanted = values.config ?? process.env['WATTBUS_CONFIG'] ?? 'wattbus.yaml';
    const configFile = putConfig(await readConfig(archive), wanted);
    const loaded = loadConfig({
      ...(existsSync(wanted) ? { file: wanted } : {}),
      ...(values['data-dir'] === undefined ? {} : { overrides: { dataDir: values['data-dir'] } }),
    });
    if (!loaded.ok) {
      console.error(describeFaults(loaded.faults));
      return 1;
    }
    await restoreData(archive, loaded.config);
    console.log(`${resolve(loaded.config.dataDir)}: as at the time of the backup`);
    if (configFile !== null) console.log(`${configFile}: the configuration of the backup`);
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
