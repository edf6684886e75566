import { afterEach, describe, expect, test } from '@jest/globals';
import { topics } from '@wattbus/mqtt-contract';
import { startService } from '@wattbus/nest-mqtt';
import { testConfig, until } from '@wattbus/testing';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { meterIngest } from '../src/index.js';
import type { Cable } from './pty.js';
import { startRig, startWithCable, telegram, type Rig } from './rig.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A good telegram after what was bad becomes a reading: the chain goes on. */
async function expectGoesOn(rig: Rig, cable: Pick<Cable, 'write'>): Promise<void> {
  const readings = await rig.hear(topics.meterReading, { meter: 'main' });
  // The end of what was bad may take the next telegram with it.
  for (let n = 150; n < 153; n += 1) await cable.write(telegram(n));
  await until('the last telegram as a reading', () => readings.at(-1)?.powerW === 452);
  expect(readings.length).toBeGreaterThanOrEqual(2);
  expect(readings.at(-1)).toMatchObject({ powerW: 452, quality: 'checked' });
}

async function expectFault(rig: Rig, code: string): Promise<void> {
  await until(`a fault ${code}`, () => rig.counter(`fault.${code}`) > 0);
}

const damaged = (bytes: Uint8Array, at: number): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  copy[at]! ^= 0x01;
  return copy;
};

describe('on the port', () => {
  test('garbage is counted as noise', async () => {
    const { rig, cable } = await startWithCable(ends);
    const garbage = Buffer.from(Array.from({ length: 6_000 }, (_, i) => 0x80 | ((i * 37) % 0x80)));
    await cable.write(garbage);
    await expectFault(rig, 'noise');
    await expectGoesOn(rig, cable);
  });

  test('a wrong baud rate is noise, and the state says what to check', async () => {
    const { rig, cable } = await startWithCable(ends, { staleAfterS: 3 });
    const states = await rig.hear(topics.meterState, { meter: 'main' });
    // At a third of the speed a receiver samples every third bit.
    const bits = [...telegram(1)].flatMap((byte) => [
      0,
      ...Array.from({ length: 8 }, (_, i) => (byte >> i) & 1),
      1,
    ]);
    const heard = bits.filter((_, i) => i % 3 === 0);
    const bytes = Array.from({ length: Math.floor(heard.length / 10) }, (_, i) =>
      heard.slice(i * 10 + 1, i * 10 + 9).reduce((byte, bit, n) => byte | (bit << n), 0),
    );
    await until('a fault noise', async () => {
      await cable.write(Buffer.from(bytes));
      return rig.counter('fault.noise') > 0;
    });
    await until('the advice', () => states.find(({ reason }) => /baud rate/.test(reason)));
    await expectGoesOn(rig, cable);
  });

  test('a telegram with a wrong checksum is counted and is no reading', async () => {
    const { rig, cable } = await startWithCable(ends);
    const readings = await rig.hear(topics.meterReading, { meter: 'main' });
    await cable.write(damaged(telegram(1), 60));
    await expectFault(rig, 'checksum');
    await expectGoesOn(rig, cable);
    expect(readings.every(({ powerW }) => powerW !== 401)).toBe(true);
    expect(rig.counter('fault.checksum')).toBe(1);
  });

  test('a telegram that is cut is counted', async () => {
    const { rig, cable } = await startWithCable(ends);
    await cable.write(telegram(1).subarray(0, 300));
    await cable.write(telegram(2));
    await expectFault(rig, 'truncated');
    await expectGoesOn(rig, cable);
  });

  test('an unknown OBIS code is passed over', async () => {
    const { rig, cable } = await startWithCable(ends, { lenient: true });
    const readings = await rig.hear(topics.meterReading, { meter: 'main' });
    const text = Buffer.from(telegram(5)).toString('latin1');
    const strange = text.replace('\r\n1-0:1.8.1', '\r\n1-9:99.88.77(000042.000*kWh)\r\n1-0:1.8.1');
    expect(strange).not.toBe(text);
    await cable.write(Buffer.from(strange, 'latin1'));
    const reading = await until('the reading', () => readings[0]);
    expect(reading).toMatchObject({ powerW: 405, energyImportWh: 3_000_005, quality: 'unchecked' });
  });

  test('a line of 10 MB is counted and does not fill the memory', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ends.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const port = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const rig = await startRig([{ name: 'main', port }], ends);
    const socket = await until('a connection', () => sockets[0]);
    const write = (bytes: Uint8Array): Promise<void> =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (error) => (error ? reject(error) : resolve()));
      });
    await write(Buffer.from('/ISK5'));
    for (let i = 0; i < 160; i += 1) await write(Buffer.alloc(65_536, 'x'));
    await write(Buffer.from('\r\n'));
    await expectFault(rig, 'oversize');
    await expectGoesOn(rig, { write });
  });
});

test('a full disk is said with what to do, counted, and over once there is space', async () => {
  // A small file system of its own where this process may mount one; else it says so.
  const directory = testConfig({}).dataDir;
  const mounted = mountSmall(directory);
  if (!mounted) {
    console.warn('skipped: no right to mount a small file system');
    return;
  }
  ends.push(mounted);
  const { rig, cable } = await startWithCable(ends, {}, { dataDir: directory });
  const filler = join(directory, 'filler');
  expect(() => writeFileSync(filler, Buffer.alloc(4 << 20))).toThrow(/ENOSPC/);
  // The page that the journal ends in has room for some readings yet.
  let n = 0;
  await until('a refused reading', async () => {
    await cable.write(telegram((n += 1)));
    return rig.counter('readingsNotAccepted') > 0;
  });
  expect(rig.service.context.condition.reason).toMatch(/the disk is full \(ENOSPC\); free some/);
  rmSync(filler);
  await expectGoesOn(rig, cable);
  await until('no complaint', () => rig.service.context.condition.reason === '');
});

test('a journal of another program is left alone, and named in the refusal to start', async () => {
  const config = testConfig({});
  const directory = join(config.dataDir, 'journal');
  const file = join(directory, 'journal-0000000001.log');
  mkdirSync(directory);
  writeFileSync(file, 'something else');
  await expect(startService(meterIngest, config)).rejects.toThrow(`${file} is no segment`);
  expect(readFileSync(file, 'utf8')).toBe('something else');
});

test('a message that breaks the contract is refused and shown', async () => {
  const { rig, cable } = await startWithCable(ends);
  const rejected = await rig.hear(topics.serviceRejected, { service: 'meter-ingest' });
  await rig.person.client.publishAsync('energy/meter/main/replay/request', '{"v":1}', { qos: 1 });
  await until('the rejection', () => rejected.length === 1);
  expect(rejected[0]!.reason).toMatch(/consumer/);
  await expectGoesOn(rig, cable);
});

function mountSmall(directory: string): (() => void) | null {
  try {
    const options = ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', directory];
    execFileSync('mount', options, { stdio: 'ignore' });
  } catch {
    return null;
  }
  return () => execFileSync('umount', ['-l', directory]);
}
