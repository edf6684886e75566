import { afterEach, expect, test } from '@jest/globals';
import { topics } from '@wattbus/mqtt-contract';
import { testConfig, until } from '@wattbus/testing';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { plugIn, type Cable } from './pty.js';
import { startRig, telegram } from './rig.js';

/** A search listens at one setting after another and takes up to a minute. */
const SEARCH_MS_MAX = 90_000;
const TEST_MS_MAX = 240_000;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** What the reader has set: a pty carries bytes at any speed, but it knows its own. */
const baudRateOf = ({ path }: Cable): number =>
  Number(execFileSync('stty', ['-F', readlinkSync(path), 'speed']));

/** A meter that sends at its own speed; whoever listens at another one hears garbage. */
class Meter {
  cable: Cable;
  baudRate: number;
  #sent = 0;

  constructor(cable: Cable, baudRate: number) {
    this.cable = cable;
    this.baudRate = baudRate;
  }

  async send(): Promise<void> {
    this.#sent += 1;
    const said = telegram(this.#sent);
    const isHeard = baudRateOf(this.cable) === this.baudRate;
    await this.cable.write(isHeard ? said : said.map((byte) => (byte * 37 + 0x8b) & 0xff));
  }
}

async function startWithMeter() {
  const path = join(testConfig({}).dataDir, 'by-id', 'meter');
  mkdirSync(join(path, '..'), { recursive: true });
  const meter = new Meter(plugIn(path), 115_200);
  ends.push(() => meter.cable.unplug());
  const found = { name: 'main', port: path, protocol: 'auto', staleAfterS: 1 };
  const rig = await startRig([found], ends);
  const states = await rig.hear(topics.meterState, { meter: 'main' });
  const readings = await rig.hear(topics.meterReading, { meter: 'main' });
  /** The meter sends on until that is so. */
  const sending = (what: string, isSo: () => boolean) =>
    until(
      what,
      async () => {
        if (isSo()) return true;
        await meter.send();
        return false;
      },
      SEARCH_MS_MAX,
    );
  await sending('the meter to be found', () => readings.length >= 3);
  return { rig, meter, states, readings, sending };
}

test(
  'finds a meter again whose baud rate has changed, and says what it does',
  async () => {
    const { rig, meter, states, readings, sending } = await startWithMeter();
    const before = { readings: readings.length, states: states.length };
    meter.baudRate = 9_600;
    await sending('the search', () =>
      states.slice(before.states).some(({ reason }) => /recognised: listening/.test(reason)),
    );
    await sending('the meter to be found again', () => readings.length >= before.readings + 3);
    await sending('online', () => states.at(-1)!.link === 'online');
    expect(states.at(-1)).toMatchObject({ protocol: 'dsmr', reason: '' });
    expect(rig.counter('linesFound')).toBe(2);
    const kept: unknown = JSON.parse(readFileSync(join(rig.dataDir, 'lines', 'main.json'), 'utf8'));
    expect(kept).toMatchObject({ protocol: 'dsmr', settings: { baudRate: 9_600 } });
  },
  TEST_MS_MAX,
);

test(
  'reads on at once when the device node returns, and is another one',
  async () => {
    const { rig, meter, states, readings, sending } = await startWithMeter();
    const before = readings.length;
    const node = readlinkSync(meter.cable.path);
    meter.cable.unplug();
    await until('offline', () => states.at(-1)!.link === 'offline');
    await until('the reason', () => /no such device/.test(states.at(-1)!.reason));
    // It would get the number that is free again.
    const other = plugIn(`${meter.cable.path}-other`);
    ends.push(() => other.unplug());
    meter.cable = plugIn(meter.cable.path);
    await sending('readings', () => readings.length >= before + 3);
    await sending('online', () => states.at(-1)!.link === 'online');
    expect(readlinkSync(meter.cable.path)).not.toBe(node);
    expect(readings.map(({ seq }) => seq)).toEqual(readings.map((_, i) => i + 1));
    // It knows what it is: no search.
    expect(rig.counter('linesFound')).toBe(1);
  },
  TEST_MS_MAX,
);
