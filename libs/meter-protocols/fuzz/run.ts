/** One run of one protocol: `run.js PROTOCOL SECONDS SEED ROOT`; ends with 1 if it found anything. */
import { Coverage } from './coverage.js';
import { appendFound, readSeeds, writeKept } from './seeds.js';

const [protocol = '', seconds = '60', seed = '1', root = '.'] = process.argv.slice(2);
/** Base64 makes a third more of it. */
const keptBytesMax = 12_000;

const coverage = new Coverage();
coverage.start();
// Not before V8 counts: what was compiled earlier has no counters for its blocks.
const { targetsOf } = await import('./targets.js');
const { check } = await import('./invariants.js');
const { Campaign } = await import('./campaign.js');
const { growthBytesMax, heapGrowth } = await import('./growth.js');

const targets = targetsOf(protocol);
const campaign = new Campaign(targets, check, coverage, Number(seed));
campaign.start([...readSeeds(root, 'kept', protocol), ...readSeeds(root, 'found', protocol)]);
const blocksAtStart = coverage.blocks;
const startedAt = performance.now();
const secondsRun = (): number => (performance.now() - startedAt) / 1000;
while (secondsRun() < Number(seconds)) campaign.runBatch();
const ran = Math.round(secondsRun());

const kept = campaign.minimised(new Coverage(coverage), keptBytesMax);
writeKept(root, protocol, kept);
const growthBytes = heapGrowth(targets, kept);
for (const { kind, detail, seed: found } of campaign.found) {
  console.log(`${protocol}: ${kind}: ${detail}`);
  appendFound(root, protocol, found, `${kind}: ${detail.split('\n')[0]!.slice(0, 60)}`);
}
if (growthBytes > growthBytesMax) console.log(`${protocol}: grew by ${growthBytes} bytes`);
console.log(
  [
    `| ${protocol}`,
    `${ran}`,
    `${campaign.inputs}`,
    `${blocksAtStart}`,
    `${coverage.blocks}`,
    `${kept.length}`,
    campaign.slowestMsPerKilobyte.toFixed(1),
    `${Math.round(growthBytes / 1024)}`,
    `${campaign.found.length} |`,
  ].join(' | '),
);
process.exit(campaign.found.length > 0 || growthBytes > growthBytesMax ? 1 : 0);
