import { backUp } from '../backup/archive.js';
import { configFor, readArchiveArguments } from '../backup/archive-arguments.js';
import type { Command } from '../command.js';

export const backup: Command = {
  name: 'backup',
  usage: 'FILE.tar.gz [--config FILE] [--data-dir DIR]',
  about: 'save journal, SQLite store, retained messages and configuration; nothing need be stopped',
  run: async (args) => {
    const { archive, configFile, dataDir } = readArchiveArguments(args, 'write');
    const loaded = configFor(configFile, dataDir);
    if (!loaded) return 1;
    const { files, hasStore } = await backUp(loaded.config, loaded.file, archive);
    console.log(`${archive}: ${files} files${hasStore ? ', with the store' : ''}`);
    if (loaded.config.store.kind === 'influxdb') {
      console.log('InfluxDB is not in it: save it with influxd backup, see docs/operation.md');
    }
    return 0;
  },
};
