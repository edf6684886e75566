import type { Device } from '@wattbus/load-analysis';
import { topics, type ApplianceAnalysis } from '@wattbus/mqtt-contract';
import { explained, instant, rounded, type Insight } from './insight.js';
import { reasonsOf } from './texts.js';

/** Where readings come often enough for steps to be seen. */
export const appliance: Insight<ApplianceAnalysis> = {
  topic: topics.applianceAnalysis,
  parts: ({ appliances, ledger }) => [appliances?.devices, ledger.books!.day.name],
  version: ({ appliances, ledger }) => {
    if (!appliances || appliances.devices.length === 0) return null;
    const runs = appliances.devices.map(({ id, runs, runsToday }) => `${id}:${runs}:${runsToday}`);
    return `${ledger.books!.day.name} ${runs.join(' ')}`;
  },
  make: (subject) => {
    const { appliances, ledger } = subject.state.analysis;
    const { startMs, endMs } = ledger.books!.day;
    const { devices } = appliances!;
    return {
      ...explained(subject, {
        fromMs: startMs,
        toMs: endMs,
        coverage: ledger.closedDay
          ? ledger.closedDay.coveredMs / (ledger.closedDay.endMs - ledger.closedDay.startMs)
          : 0,
        reasons: reasonOf(devices),
      }),
      devices: devices.map((device) => ({
        device: device.id,
        powerW: rounded(device.powerW),
        durationS: rounded(device.durationMs / 1000),
        runs: device.runs,
        runsToday: device.runsToday,
        runsPerDay: device.runsPerDay === null ? null : rounded(device.runsPerDay, 2),
        lastAt: instant(device.lastAtMs),
      })),
    };
  },
};

function reasonOf(devices: readonly Device[]): ReturnType<typeof reasonsOf> {
  const busiest = [...devices].sort((a, b) => b.runsToday - a.runsToday || b.runs - a.runs)[0];
  if (!busiest) return reasonsOf('noAppliance');
  const { powerW, runsToday } = busiest;
  return reasonsOf('appliance', {
    count: devices.length,
    powerW: rounded(powerW),
    runs: runsToday,
  });
}
