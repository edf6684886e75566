import { describeFaults, loadConfig } from '@wattbus/service-config';
import { parseArgs } from 'node:util';
import { backUp } from '../backup/archive.js';
import type { Command } from '../command.js';

export const backup: Command = {
  name: 'backup',
  usage: 'FILE.tar.gz [--config FILE] [--data-dir DIR]',
  about: 'save journal, SQLite store, retained messages and configuration; nothing need be stopped',
  run: async (args) => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { config: { type: 'string' }, 'data-dir': { type: 'string' } },
    });
    const [archive, ...more] = positionals;
    if (archive === undefined || more.length > 0) throw new Error('name one file to write');
    const loaded = loadConfig({
      ...(values.config === undefined ? {} : { file: values.config }),
      ...(values['data-dir'] === undefined ? {} : { overrides: { dataDir: values['data-dir'] } }),
    });
    if (!loaded.ok) {
      console.error(describeFaults(loaded.faults));
      return 1;
    }
    const { files, hasStore } = await backUp(loaded.config, loaded.file, archive);
    console.log(`${archive}: ${files} files${hasStore ? ', with the store' : ''}`);
    if (loaded.config.store.kind === 'influxdb') {
      console.log('InfluxDB is not in it: save it with influxd backup, see docs/operation.md');
    }
    return 0;
  },
};
