import { shippedTariffs } from '@wattbus/service-config';
import type { Command } from '../command.js';
import { reportFaults } from './tariff-files.js';

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
