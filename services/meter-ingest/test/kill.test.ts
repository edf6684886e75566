import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { seededRandom, type Reading } from '@wattbus/energy-model';
import { openJournal } from '@wattbus/journal';
import { encodePulses } from '@wattbus/meter-protocols';
import { topics } from '@wattbus/mqtt-contract';
import { joinBus, startTestBroker, testConfig, until } from '@wattbus/testing';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { plugIn, type Cable } from './pty.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const KILLS = Number(process.env['PULSE_KILLS'] ?? 6);
const KILL_MS_MAX = 60_000;
const SEED = Number(process.env['PULSE_SEED'] ?? 7);
/** What the meter shows when counting begins. */
const START_KWH = 1_234;
const PER_KWH = 1_000;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

beforeAll(() => {
  const tsc = join(root, 'node_modules/tsc7/bin/tsc');
  execFileSync(process.execPath, [tsc, '-b', join(root, 'services/meter-ingest')]);
}, 300_000);

/** meter-ingest as its own process, because kill -9 cannot be tried on oneself. */
function launch(environment: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, [join(root, 'services/meter-ingest/dist/main.js')], {
    env: { PATH: process.env['PATH'], WATTBUS_LOG_LEVEL: 'fatal', ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  ends.push(() => child.kill('SIGKILL'));
  return child;
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

/** What the journal of a process that has ended holds, in order. */
async function journalled(dataDir: string): Promise<readonly Reading[]> {
  const opened = await openJournal({ directory: join(dataDir, 'journal') });
  if (!opened.ok) throw new Error(opened.detail);
  const { journal } = opened;
  const readings: Reading[] = [];
  for (let fromSeq = 1; ;) {
    const request = { meter: 'water', epoch: journal.epoch, fromSeq, limit: 500 };
    const page = await journal.page(request);
    if (!page.ok) throw new Error(page.detail);
    readings.push(...page.readings);
    if (page.readings.length === 0) break;
    fromSeq = page.readings.at(-1)!.seq + 1;
  }
  await journal.close();
  return readings;
}

test(
  `over ${KILLS} kills a pulse counts once at most, and only what no reading holds is lost`,
  async () => {
    const random = seededRandom(SEED);
    const upTo = (most: number): number => 1 + Math.floor(random() * most);
    const broker = await startTestBroker();
    ends.push(() => broker.stop());
    const person = await joinBus(broker.url);
    ends.push(() => person.leave());
    const { dataDir } = testConfig({});
    const port = join(dataDir, 'pulses');
    const environment = {
      WATTBUS_DATA_DIR: dataDir,
      WATTBUS_MQTT__URL: broker.url,
      WATTBUS_METERS__0__NAME: 'water',
      WATTBUS_METERS__0__PORT: port,
      WATTBUS_METERS__0__PROTOCOL: 'pulse',
      WATTBUS_METERS__0__PULSE__PER_UNIT: String(PER_KWH),
      WATTBUS_METERS__0__PULSE__START: String(START_KWH),
    };
    const readings = await person.hear(topics.meterReading, { meter: 'water' });
    const pulse = (cable: Cable, count: number): Promise<void> =>
      cable.write(encodePulses(count, 'byte'));

    let count = START_KWH * PER_KWH;
    let seq = 0;
    // It states its count as soon as the line is open; the broker may not be known yet by then.
    const positions = await person.hear(topics.meterJournal, { meter: 'water' });
    const stated = () => until('the start', () => positions.some(({ last }) => last > seq));
    let lost = 0;
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const cable = plugIn(port);
      const child = launch(environment);
      await stated();
      const accepted = upTo(30);
      await pulse(cable, accepted);
      await until('all accepted', () => readings.at(-1)?.pulses === count + accepted);
      // Killed while more are coming, at any point between their bytes and the disk.
      const more = upTo(40);
      const atPulse = upTo(more);
      let gone: Promise<void> | undefined;
      for (let n = 1; n <= more; n += 1) {
        await pulse(cable, 1);
        if (n === atPulse) gone = end(child, 'SIGKILL');
        await new Promise((resolve) => setTimeout(resolve, upTo(60)));
      }
      await gone;
      cable.unplug();
      const all = await journalled(dataDir);
      expect(all.find((one) => one.seq > seq)).toMatchObject({ pulses: count });
      seq = all.at(-1)!.seq;
      const kept = all.map(({ pulses }) => pulses!);
      expect(kept).toEqual([...kept].sort((a, b) => a - b));
      const last = kept.at(-1)!;
      expect(last).toBeGreaterThanOrEqual(count + accepted);
      expect(last).toBeLessThanOrEqual(count + accepted + more);
      expect(last).toBeGreaterThanOrEqual(Math.max(...readings.map(({ pulses }) => pulses!)));
      lost += count + accepted + more - last;
      count = last;
    }
    // A process that is asked to end loses nothing.
    const cable = plugIn(port);
    ends.push(() => cable.unplug());
    const child = launch(environment);
    await stated();
    await pulse(cable, 30);
    await until('all of them', () => readings.at(-1)!.pulses === count + 30);
    await end(child, 'SIGTERM');
    expect((await journalled(dataDir)).at(-1)).toMatchObject({ pulses: count + 30 });
    console.info(`${KILLS} kills (seed ${SEED}): ${lost} pulses lost that no reading held yet`);
  },
  (KILLS + 1) * KILL_MS_MAX,
);
