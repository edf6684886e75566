import {
  backtest as replay,
  BACKTEST_SKIP_DAYS,
  type BacktestReport,
  type MethodScore,
} from '@wattbus/load-analysis';
import { createCalendar } from '@wattbus/tariffs';
import { parseArgs } from 'node:util';
import type { Command } from '../command.js';
import { readLoad, type LoadFile, type ReadLoad } from './load-csv.js';
import { reportFaults, UserFault } from './tariff-files.js';

const options = {
  time: { type: 'string' },
  energy: { type: 'string' },
  unit: { type: 'string', default: 'kWh' },
  zone: { type: 'string', default: 'UTC' },
  json: { type: 'boolean' },
} as const;

export const backtest: Command = {
  name: 'backtest',
  usage: 'FILE.csv --time COLUMN --energy COLUMN [--unit kWh|Wh] [--zone ZONE] [--json]',
  about: 'how good the forecast of the next day would have been over a load of the past',
  run: (args) =>
    reportFaults(async () => {
      const { values, positionals } = parseArgs({
        args: [...args],
        options,
        allowPositionals: true,
      });
      const file = fileOf(values, positionals);
      const load = await readLoad(file);
      const report = replay(load.quarters, createCalendar(file.zone));
      if (!report) {
        throw new UserFault(`${file.path}: needs more than ${BACKTEST_SKIP_DAYS} days of load`);
      }
      console.log(values.json ? asJson(load, report) : asText(load, report));
    }),
};

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];

function fileOf({ time, energy, unit, zone }: Values, [path, ...more]: string[]): LoadFile {
  if (path === undefined || more.length > 0) throw new UserFault('give one FILE.csv');
  if (time === undefined) throw new UserFault('--time COLUMN is missing');
  if (energy === undefined) throw new UserFault('--energy COLUMN is missing');
  if (unit !== 'kWh' && unit !== 'Wh') {
    throw new UserFault(`--unit must be kWh or Wh, not "${unit}"`);
  }
  return { path, timeColumn: time, energyColumn: energy, unit, zone: zone ?? 'UTC' };
}

/** Shares are shares here, not percent. */
const asJson = ({ rows, stepMinutes, ignored }: ReadLoad, report: BacktestReport): string =>
  JSON.stringify({ rows, stepMinutes, ignored, ...report });

function asText({ rows, stepMinutes, ignored }: ReadLoad, report: BacktestReport): string {
  const { days, hours, meanWhPerHour, candidates, naive, quantiles, chosen } = report;
  const methods: readonly (readonly [name: string, score: MethodScore])[] = [
    ['published: typical', report.typical],
    ['published: mean', report.mean],
    ['same hour, day before', naive.day],
    ['same hour, week before', naive.week],
    ['mean of seven days', candidates.weekMean],
    ['profile', candidates.profile],
    ['robust least squares', candidates.robust],
    ['logarithmic least squares', candidates.logarithmic],
  ];
  const taken = Object.entries(chosen).filter(([, count]) => count > 0);
  return [
    `${rows} rows of ${stepMinutes} min, ${ignored} ignored; ` +
      `${days} days tested, ${hours} hours, mean ${Math.round(meanWhPerHour)} Wh`,
    '',
    `${'forecast at midnight'.padEnd(28)}${'nMAE %'.padStart(8)}${'MASE'.padStart(8)}` +
      `${'bias %'.padStart(8)}`,
    ...methods.map(
      ([name, { nmae, mase, bias }]) =>
        `${name.padEnd(28)}${percent(nmae).padStart(8)}${mase.toFixed(3).padStart(8)}` +
        `${percent(bias).padStart(8)}`,
    ),
    '',
    `${'level'.padEnd(28)}${'pinball'.padStart(8)}${'below %'.padStart(8)}`,
    ...quantiles.map(
      ({ level, pinball, below }) =>
        `${`P${Math.round(level * 100)}`.padEnd(28)}${pinball.toFixed(3).padStart(8)}` +
        `${percent(below).padStart(8)}`,
    ),
    '',
    `days by model: ${taken.map(([name, count]) => `${name} ${count}`).join(', ')}`,
  ].join('\n');
}

const percent = (share: number): string => (100 * share).toFixed(1);
