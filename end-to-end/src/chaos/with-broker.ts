import { seededRandom } from '@wattbus/energy-model';
import { startEjabberdCluster, startMosquitto, type BrokerNode } from '@wattbus/testing';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';

/**
 * The chaos run with a broker that is not ours: starts it, kills and freezes its nodes at random,
 * one at a time, for as long as the faults go on, and ends it.
 */
const brokers = { mosquitto: startMosquitto, ejabberd: startEjabberdCluster };

/** Longer than a node takes to come back and to be found again by everybody. */
const CALM_MS = { min: 5_000, max: 15_000 };
const AWAY_MS = { min: 100, max: 5_000 };
const SHARE_OF_FREEZES = 0.25;

const { values } = parseArgs({
  strict: false,
  options: {
    broker: { type: 'string' },
    seconds: { type: 'string', default: '120' },
    seed: { type: 'string', default: '1' },
  },
});
const broker = await brokers[values.broker as keyof typeof brokers]();
const { account, nodes } = broker;
const urls = nodes.map(({ url }) => Object.assign(new URL(url), account).href);
const others = process.argv.slice(2).filter((one, i, all) => !isBrokerOption(one, all[i - 1]));
const main = new URL('main.js', import.meta.url).pathname;
const run = spawn(process.execPath, [main, ...others, '--broker', urls.join(',')], {
  stdio: 'inherit',
});
const ended = once(run, 'exit') as Promise<[number | null]>;
const untilMs = performance.now() + Number(values.seconds) * 1_000;
const counts = await disturb(nodes, untilMs);
for (const node of nodes) await node.ready();
const [code] = await ended;
console.log(
  `${values.broker}, ${nodes.length} node(s): ${counts.kills} kills, ${counts.freezes} freezes`,
);
await broker.stop();
process.exit(code ?? 1);

function isBrokerOption(argument: string, before: string | undefined): boolean {
  return argument === '--broker' || argument.startsWith('--broker=') || before === '--broker';
}

async function disturb(
  all: readonly BrokerNode[],
  endMs: number,
): Promise<{ kills: number; freezes: number }> {
  const chance = seededRandom(Number(values.seed));
  const between = ({ min, max }: { min: number; max: number }): number =>
    min + chance() * (max - min);
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const counts = { kills: 0, freezes: 0 };
  for (;;) {
    await sleep(between(CALM_MS));
    if (performance.now() > endMs || run.exitCode !== null) return counts;
    const node = all[Math.floor(chance() * all.length)]!;
    if (chance() < SHARE_OF_FREEZES) {
      counts.freezes += 1;
      node.freeze();
      await sleep(between(AWAY_MS));
      node.thaw();
    } else {
      counts.kills += 1;
      await node.kill();
      await sleep(between(AWAY_MS));
      node.launch();
      await node.ready();
    }
  }
}
