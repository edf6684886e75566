import { startMosquitto, startNatsCluster } from '@wattbus/testing';
import { parseArgs } from 'node:util';
import type { GivenBroker } from './rig.js';
import { runChaos, type ChaosReport } from './run.js';

/** Those that are not ours and can be started for a run. */
const brokers = { mosquitto: startMosquitto, nats: startNatsCluster } as const;

const usage = `npm run chaos -- [--seconds S] [--seed N] [--store influxdb|sqlite] [--broker URL|NAME]

Kills, freezes and cuts off broker, ingest, historian, analyzers and store at random for S seconds
(default 120) while four simulated meters talk, and compares what is left with what was said. Many
lives of a service end at a place in its own code: at its n-th write, sync, rename or message.
The same seed (default 1) makes the same faults. A broker that is given by URL, or the nodes of one
separated by commas, is left alone; one that is named (${Object.keys(brokers).join(', ')}) is started for
the run, and its nodes are killed and frozen one after the other.`;

/** Runs shorter than this are for the faults alone. */
const TAKEOVER_SECONDS_MIN = 120;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    seed: { type: 'string', default: '1' },
    store: { type: 'string', default: 'influxdb' },
    broker: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const { store } = values;
const [seconds, seed] = [Number(values.seconds), Number(values.seed)];
const isStore = store === 'influxdb' || store === 'sqlite';
if (values.help || !(seconds > 0) || !Number.isInteger(seed) || !isStore) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}

const measuresTakeover = seconds >= TAKEOVER_SECONDS_MIN;
const { broker, stop } = await brokerFor(values.broker);
const report = await runChaos({ seconds, seed, store, broker, measuresTakeover }).finally(stop);
print(report);
process.exit(report.tally.isClean ? 0 : 1);

async function brokerFor(
  wanted: string | undefined,
): Promise<{ broker: GivenBroker | undefined; stop: () => Promise<void> }> {
  const stop = (): Promise<void> => Promise.resolve();
  if (wanted === undefined) return { broker: undefined, stop };
  const start = Object.entries(brokers).find(([name]) => name === wanted)?.[1];
  if (start === undefined) return { broker: { url: wanted, nodes: [], qosMax: 1 }, stop };
  const { nodes, account, qosMax, stop: end } = await start();
  const urls = nodes.map(({ url }) => Object.assign(new URL(url), account).href);
  return { broker: { url: urls.join(','), nodes, qosMax }, stop: end };
}

function print({ faults, readings, telegrams, daysClosed, takeover, tally }: ChaosReport): void {
  console.log(`seed ${seed}, ${seconds} s, store ${store}, broker ${values.broker ?? 'our own'}`);
  for (const [kind, times] of [...faults.byKind].sort()) {
    console.log(`  ${String(times).padStart(4)} × ${kind}`);
  }
  const { said, accepted, toNobody } = telegrams;
  const ended = said - accepted - toNobody;
  console.log(
    `telegrams ${said}: ${accepted} accepted, ${toNobody} while no ingest was connected, ` +
      `${ended} in connections that ended first; local days closed ${daysClosed}`,
  );
  if (takeover) {
    const listed = (times: readonly number[]): string => times.map(Math.round).join(' ');
    console.log(`takeover after kill -9: ${listed(takeover.afterKillMs)} ms`);
    console.log(`takeover after a freeze: ${listed(takeover.afterFreezeMs)} ms`);
  }
  for (const example of tally.examples) console.log(example);
  const { lost, doubled, wrong } = tally;
  const verdict = `lost ${lost} doubled ${doubled} wrong ${wrong}`;
  console.log(`kills ${faults.kills} readings ${readings} ${verdict}`);
}
