import { afterEach, expect, test } from '@jest/globals';
import { encodeReadOut, registerLine } from '@wattbus/meter-protocols';
import { topics } from '@wattbus/mqtt-contract';
import { testConfig, until } from '@wattbus/testing';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { detectLine } from '../src/index.js';
import { openDescriptors, plugIn } from './pty.js';
import { lineOpen, startRig, startWithCable, telegram } from './rig.js';

/** More with `UNPLUG_CYCLES=200`: each takes the first pause before a port is tried again. */
const cycles = Number(process.env['UNPLUG_CYCLES'] ?? 10);
const CYCLE_MS_MAX = 20_000;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
const newPath = (): string => join(testConfig({}).dataDir, 'meter');

test(
  `recovers from ${cycles} unpluggings and loses nothing that was accepted`,
  async () => {
    // The name stays and leads to another device each time, as an adapter that is renumbered.
    const path = newPath();
    let cable = plugIn(path);
    ends.push(() => cable.unplug());
    const rig = await startRig([{ name: 'main', port: path }], ends);
    const states = await rig.hear(topics.meterState, { meter: 'main' });
    const readings = await rig.hear(topics.meterReading, { meter: 'main' });
    let before = 0;
    for (let n = 1; n <= cycles; n += 1) {
      await until('the line to be open', () => states.at(-1)?.link !== 'offline' && states.at(-1));
      await cable.write(telegram(n));
      await until('a reading', () => readings.length >= n);
      await until('online', () => states.at(-1)!.link === 'online');
      if (n === 2) before = openDescriptors().length;
      cable.unplug();
      await until('offline', () => states.at(-1)!.link === 'offline');
      cable = plugIn(path);
    }
    expect(readings.map(({ seq }) => seq)).toEqual(Array.from({ length: cycles }, (_, i) => i + 1));
    expect(rig.counter('readingsAccepted')).toBeGreaterThanOrEqual(cycles);
    expect(rig.counter('readingsNotAccepted')).toBe(0);
    const after = openDescriptors().length;
    console.info(`${cycles} cycles: ${before} descriptors at first, ${after} at last`);
    expect(after).toBeLessThanOrEqual(before + 3);
  },
  cycles * CYCLE_MS_MAX,
);

test('finds a meter out, says so, and remembers it for the next start', async () => {
  const path = newPath();
  const cable = plugIn(path);
  ends.push(() => cable.unplug());
  const rig = await startRig([{ name: 'main', port: path, protocol: 'auto' }], ends);
  const states = await rig.hear(topics.meterState, { meter: 'main' });
  const readings = await rig.hear(topics.meterReading, { meter: 'main' });
  await until('the search', () => states.find(({ reason }) => /listening at/.test(reason)));
  for (let n = 0; n < 3; n += 1) {
    await cable.write(telegram(n));
    await until('the reading', () => readings.length === n + 1);
  }
  await until('the state', () => states.find(({ protocol }) => protocol === 'dsmr'));
  expect(rig.counter('linesFound')).toBe(1);
  const kept: unknown = JSON.parse(readFileSync(join(rig.dataDir, 'lines', 'main.json'), 'utf8'));
  expect(kept).toMatchObject({ v: 1, port: path, protocol: 'dsmr' });
  await rig.restart();
  await until('the line to be open', () => /first telegram/.test(states.at(-1)!.reason));
  await cable.write(telegram(3));
  await until('another reading', () => readings.length === 4);
  expect(rig.counter('linesFound')).toBe(0);
});

test('asks a meter that answers a sign-on, on a pty', async () => {
  const path = newPath();
  const cable = plugIn(path);
  ends.push(() => cable.unplug());
  let heard = '';
  cable.onSent((bytes) => {
    heard += Buffer.from(bytes).toString('latin1');
    if (heard.endsWith('/?!\r\n')) void cable.write(Buffer.from('/ISk5MT174-0001\r\n'));
    if (!heard.endsWith('\x06050\r\n')) return;
    const lines = [registerLine('1.8.0', 285.4, 'kWh')];
    void cable.write(encodeReadOut({ lines, blockCheck: true }));
  });
  const rig = await startRig([{ name: 'main', port: path, protocol: 'iec62056-21' }], ends);
  const readings = await rig.hear(topics.meterReading, { meter: 'main' });
  const reading = await until('a reading', () => readings[0]);
  expect(reading).toMatchObject({ energyImportWh: 285_400, quality: 'checked' });
});

test('says of each meter behind the port how it is', async () => {
  const { rig, cable } = await startWithCable(ends);
  const states = await rig.hear(topics.meterState, { meter: 'main-gas' });
  await cable.write(telegram(1));
  const state = await until('the state', () => states.find(({ link }) => link === 'online'));
  expect(state).toMatchObject({
    meter: 'main-gas',
    medium: 'gas',
    role: 'gas',
    protocol: 'dsmr',
    telegrams: 1,
    identification: { id: 'G0000000000000001' },
  });
  cable.unplug();
  await until('offline', () => states.at(-1)!.link === 'offline');
});

test('calls a meter behind the port what its configuration says', async () => {
  const channels = [{ channel: 1, name: 'cooker', role: 'consumer' }];
  const { rig, cable } = await startWithCable(ends, { channels });
  const states = await rig.hear(topics.meterState, { meter: 'cooker' });
  const readings = await rig.hear(topics.meterReading, { meter: 'cooker' });
  await cable.write(telegram(1));
  const reading = await until('the reading', () => readings[0]);
  expect(reading).toMatchObject({ medium: 'gas', role: 'consumer', volumeL: 1_234_567 });
  const state = await until('the state', () => states.find(({ link }) => link === 'online'));
  expect(state).toMatchObject({ medium: 'gas', role: 'consumer' });
  await rig.restart();
  await lineOpen(rig);
  // The journal knows by this name when it was read last.
  await cable.write(telegram(2));
  await cable.write(telegram(3, 1));
  await until('the next hour', () => readings.length > 1);
  expect(readings.map(({ volumeL }) => volumeL)).toEqual([1_234_567, 1_235_567]);
});

test('reads several meters on several ports at once', async () => {
  const paths = [newPath(), newPath(), newPath()];
  const cables = paths.map((path) => plugIn(path));
  for (const cable of cables) ends.push(() => cable.unplug());
  const roles = ['grid', 'pv', 'ev'];
  const meters = paths.map((port, i) => ({ name: roles[i]!, port, role: roles[i]! }));
  const rig = await startRig(meters, ends);
  const readings = await rig.hear(topics.meterReading);
  await until('the readings', async () => {
    await Promise.all(cables.map((cable) => cable.write(telegram(readings.length))));
    return roles.every((role) => readings.some((one) => one.meter === role && one.role === role));
  });
  cables[0]!.unplug();
  const before = readings.length;
  await until('the others', async () => {
    await cables[1]!.write(telegram(before + readings.length));
    return readings.slice(before).some(({ meter }) => meter === 'pv');
  });
});

test('detects what hangs on a port, and says why it cannot be opened', async () => {
  const path = newPath();
  const options = { standardOffsetMinutes: 60 };
  await expect(detectLine(path, options)).rejects.toThrow(/no such device/);
  const cable = plugIn(path);
  ends.push(() => cable.unplug());
  const detected = detectLine(path, options, {
    onDoing: () => void cable.write(telegram(1)),
  });
  expect(await detected).toMatchObject({ found: { protocol: 'dsmr', certainty: 0.99 } });
});
