import { loadConfig, type LoadedConfig } from '@wattbus/service-config';
import type { Command } from '../command.js';
import { fault, ok, type Check, type Finding } from '../doctor/finding.js';
import { checkClock, checkDataDir, checkMemoryLimits } from '../doctor/machine.js';
import {
  checkBroker,
  checkCertificates,
  checkMeters,
  checkPage,
  checkStore,
} from '../doctor/neighbours.js';
import { checkReadings } from '../doctor/readings.js';

/** In the order in which one would repair: what comes first may be the cause of what follows. */
const checks: readonly Check[] = [
  checkDataDir,
  checkClock,
  checkMemoryLimits,
  checkMeters,
  checkCertificates,
  checkBroker,
  checkStore,
  checkReadings,
  checkPage,
];

export const doctor: Command = {
  name: 'doctor',
  usage: '[FILE]',
  about: 'look at configuration, rights, disk, clock, broker and store, and say what to do',
  run: async ([file]) => {
    const findings = await examine(loadConfig(file === undefined ? {} : { file }));
    const width = Math.max(...findings.map(({ what }) => what.length));
    for (const { level, what, text } of findings) {
      console.log(`${level.padEnd(5)}  ${what.padEnd(width)}  ${text}`);
    }
    return findings.some(({ level }) => level === 'fault') ? 1 : 0;
  },
};

/** All findings; a configuration with faults cannot be examined further. */
export async function examine(loaded: LoadedConfig): Promise<Finding[]> {
  if (!loaded.ok) {
    return loaded.faults.map(({ where, path, message }) =>
      fault('configuration', `${where}: ${path}: ${message}`),
    );
  }
  const source = loaded.file ?? 'no file: defaults and environment';
  const found = await Promise.all(checks.map((check) => check(loaded.config)));
  return [ok('configuration', source), ...found.flat()];
}
