import { loadSite } from '@wattbus/analyzer';
import { Name } from '@wattbus/energy-model';
import { openStore } from '@wattbus/historian';
import { parseArgs } from 'node:util';
import { configFor } from '../backup/archive-arguments.js';
import type { Command } from '../command.js';
import { priceHistory, priceOptions, priceUsage } from '../history/price-history.js';
import { rerun as analyseAnew } from '../history/rerun.js';
import { reportFaults, UserFault } from './tariff-files.js';

const options = {
  meter: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  config: { type: 'string' },
  'data-dir': { type: 'string' },
  ...priceOptions,
} as const;

export const rerun: Command = {
  name: 'rerun',
  usage: `--from DATE [--to DATE] [--meter NAME] ${priceUsage} [--config FILE] [--data-dir DIR]`,
  about: 'analyse days of the past anew, for instance with another tariff; --to is exclusive',
  run: (args) =>
    reportFaults(async () => {
      const { values } = parseArgs({ args: [...args], options });
      const loaded = configFor(values.config, values['data-dir']);
      if (!loaded) throw new UserFault('the configuration has faults');
      const { config } = loaded;
      const site = await loadSite(config);
      const { calendar } = site;
      const startOf = (text: string | undefined, name: string): number => {
        const day = text === undefined ? null : calendar.dayNamed(text);
        if (!day) throw new UserFault(`${name} must be a day such as 2026-07-01, not "${text}"`);
        return day.startMs;
      };
      // Results of the open day are the running analyzer's.
      const todayMs = calendar.dayOf(Date.now()).startMs;
      const fromMs = startOf(values.from, '--from');
      const toMs = Math.min(
        todayMs,
        values.to === undefined ? todayMs : startOf(values.to, '--to'),
      );
      if (toMs <= fromMs) throw new UserFault('--from must be before --to and before today');
      const names =
        values.meter === undefined ? config.meters.map(({ name }) => name) : [values.meter];
      if (!names.every((name) => Name.safeParse(name).success)) {
        throw new UserFault(`--meter: there is no meter "${values.meter}"`);
      }
      const prices = priceHistory(values, config);
      const store = openStore(config);
      try {
        for (const meter of names) {
          const report = await analyseAnew(store, { meter, fromMs, toMs }, site, prices);
          const { readings, quarters, days, points } = report;
          const from = `${readings} readings and ${quarters} quarter-hours of files`;
          console.log(`${meter}: ${days} days from ${from}, ${points} results stored`);
        }
      } finally {
        await store.close();
      }
    }),
};
