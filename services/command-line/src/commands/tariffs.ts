import type { Command } from '../command.js';
import { reportFaults, shippedTariffs } from './tariff-files.js';

export const tariffs: Command = {
  name: 'tariffs',
  usage: '',
  about: 'list the shipped tariffs; docs/tariffs.md says what each needs',
  run: () =>
    reportFaults(() => {
      console.log([...shippedTariffs().keys()].join('\n'));
      return Promise.resolve();
    }),
};
