import { describeFaults, loadConfig } from '@wattbus/service-config';
import type { Command } from '../command.js';

export const checkConfig: Command = {
  name: 'check-config',
  usage: '[FILE]',
  about: 'check wattbus.yaml and the environment; lists every fault with its line',
  run: (args) => {
    const [file] = args;
    const loaded = loadConfig(file === undefined ? {} : { file });
    if (!loaded.ok) {
      console.error(describeFaults(loaded.faults));
      console.error(`${loaded.faults.length} fault(s)`);
      return Promise.resolve(1);
    }
    console.log(`${loaded.file ?? 'no file, defaults and environment'}: ok`);
    return Promise.resolve(0);
  },
};
