import { afterEach, describe, expect, test } from '@jest/globals';
import { topics } from '@wattbus/mqtt-contract';
import { startTestBroker, testConfig, until } from '@wattbus/testing';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { plugIn } from './pty.js';
import { lineOpen, startRig, startWithCable, telegram } from './rig.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

test('publishes each telegram from a pty as a reading that is in the journal', async () => {
  const { rig, cable } = await startWithCable(ends);
  const readings = await rig.hear(topics.meterReading, { meter: 'main' });
  const positions = await rig.hear(topics.meterJournal, { meter: 'main' });
  for (let n = 0; n < 3; n += 1) await cable.write(telegram(n));
  await until('readings', () => readings.length === 3);
  expect(readings[1]).toMatchObject({
    meter: 'main',
    medium: 'electricity',
    role: 'grid',
    seq: 2,
    at: '2024-01-10T01:00:01+01:00',
    atSource: 'meter',
    quality: 'checked',
    powerW: 401,
    energyImportWh: 3_000_001,
  });
  const position = await until('the position', () => positions.find(({ last }) => last === 3));
  expect(position).toEqual({ v: 1, epoch: readings[0]!.epoch, first: 1, last: 3 });
});

test('makes a reading of a gas meter only when that was read anew', async () => {
  const { rig, cable } = await startWithCable(ends);
  const gas = await rig.hear(topics.meterReading, { meter: 'main-gas' });
  const main = await rig.hear(topics.meterReading, { meter: 'main' });
  for (let n = 0; n < 4; n += 1) await cable.write(telegram(n, n < 2 ? 0 : 1));
  await until('readings', () => main.length === 4);
  await rig.restart();
  await lineOpen(rig);
  for (let n = 4; n < 8; n += 1) await cable.write(telegram(n, n < 6 ? 1 : 2));
  await until('readings', () => main.length === 8);
  expect(gas).toMatchObject([
    { seq: 1, medium: 'gas', role: 'gas', volumeL: 1_234_567, at: '2024-01-10T01:00:00+01:00' },
    { seq: 2, volumeL: 1_235_567, at: '2024-01-10T02:00:00+01:00' },
    { seq: 3, volumeL: 1_236_567, at: '2024-01-10T03:00:00+01:00' },
  ]);
  expect(gas[0]).not.toHaveProperty('powerW');
});

/** A serial server as ser2net is one; its connections in the order in which they came. */
async function serialServer(): Promise<{ port: string; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    sockets.push(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets };
}

test('reads tcp://host:port, and again when the connection was cut', async () => {
  const { port, sockets } = await serialServer();
  const rig = await startRig([{ name: 'main', port }], ends);
  const readings = await rig.hear(topics.meterReading);
  await until('a connection', () => sockets.length === 1);
  sockets[0]!.write(telegram(1));
  await until('a reading', () => readings.length >= 2);
  sockets[0]!.resetAndDestroy();
  await until('another connection', () => sockets.length === 2);
  sockets[1]!.write(telegram(2));
  await until('another reading', () => readings.filter(({ meter }) => meter === 'main')[1]);
  expect(rig.counter('lineDowns')).toBe(1);
});

test('holds a fast sender up while the disk is behind and refuses nothing', async () => {
  const { port, sockets } = await serialServer();
  const ingest = { commitMsMax: 200 };
  const rig = await startRig([{ name: 'main', port }], ends, { ingest });
  await until('a connection', () => sockets.length === 1);
  const telegrams = Array.from({ length: 22_000 }, (_, n) => telegram(n));
  sockets[0]!.write(Buffer.concat(telegrams));
  await until('all readings', () => rig.counter('readingsAccepted') === 22_001);
  expect(rig.counter('readingsNotAccepted')).toBe(0);
});

test('reads a text line at 9600 baud by its pattern', async () => {
  const { rig, cable } = await startWithCable(ends, {
    protocol: 'text-line',
    pattern: '^P=(?<powerW>-?\\d+) E=(?<energyImportWh>\\d+)',
  });
  const readings = await rig.hear(topics.meterReading);
  await cable.write(Buffer.from('P=-250 E=12345\r\nP=17 E=12346\r\n'));
  await until('readings', () => readings.length === 2);
  expect(readings[0]).toMatchObject({
    powerW: -250,
    energyImportWh: 12_345,
    atSource: 'received',
    quality: 'unchecked',
  });
  const [first, second] = readings.map(({ at }) => Date.parse(at));
  expect(second).toBeGreaterThan(first!);
});

test('waits for a device that is missing at start, and for one that vanishes', async () => {
  const path = join(testConfig({}).dataDir, 'meter');
  const rig = await startRig([{ name: 'main', port: path }], ends);
  const states = await rig.hear(topics.meterState, { meter: 'main' });
  const readings = await rig.hear(topics.meterReading, { meter: 'main' });
  const missing = await until('the state', () =>
    states.find(({ reason }) => /no such/.test(reason)),
  );
  expect(missing.link).toBe('offline');
  expect(missing.reason).toMatch(/no such device; is the cable plugged in/);

  for (let round = 1; round <= 2; round += 1) {
    const cable = plugIn(path);
    await until('the line to be open', () => states.at(-1)!.link !== 'offline');
    await cable.write(telegram(round));
    await until('a reading', () => readings.length === round);
    await until('online', () => states.at(-1)!.link === 'online');
    cable.unplug();
    await until('offline', () => states.at(-1)!.link === 'offline');
    expect(states.at(-1)!.reason).toMatch(/the device is gone; waiting for it to return/);
  }
});

test('says by silence that a meter is stale', async () => {
  const { rig, cable } = await startWithCable(ends, { staleAfterS: 3 });
  const states = await rig.hear(topics.meterState, { meter: 'main' });
  await cable.write(telegram(1));
  await until('online', () => states.find(({ link }) => link === 'online'));
  const stale = await until('stale', () =>
    states.find(({ link, reason }) => link === 'stale' && reason.startsWith('no readable')),
  );
  expect(stale.reason).toMatch(/check the cable, the meter's port and the baud rate/);
  expect(stale.identification).toEqual({
    id: 'E0000000000000001',
    manufacturer: expect.any(String),
    model: expect.any(String),
  });
});

test('says scalars: registers retained, power not', async () => {
  const { rig, cable } = await startWithCable(ends);
  const power = await rig.hear(topics.meterQuantity, { quantity: 'powerW' });
  const register = await rig.hear(topics.meterQuantity, { quantity: 'energyImportWh' });
  await cable.write(telegram(7));
  await until('both', () => power.length > 0 && register.length > 0);
  expect(power).toEqual(['407']);
  expect(register).toEqual(['3000007']);
  const late = await rig.hear(topics.meterQuantity, { meter: 'main' });
  await until('what is retained', () => late.includes('3000007'));
  expect(late).not.toContain('407');
});

describe('replay', () => {
  test('gives pages to the consumer that asks, of the meters that it keeps', async () => {
    const { rig, cable } = await startWithCable(ends);
    const readings = await rig.hear(topics.meterReading, { meter: 'main' });
    const pages = await rig.hear(topics.replayPage, { consumer: 'me' });
    for (let n = 0; n < 10; n += 1) await cable.write(telegram(n));
    await until('readings', () => readings.length === 10);
    const { epoch } = readings[0]!;
    const ask = { v: 1, consumer: 'me', epoch, fromSeq: 4, limit: 3 } as const;
    await rig.person.say(topics.replayRequest, { meter: 'other' }, ask);
    await rig.person.say(topics.replayRequest, { meter: 'main' }, ask);
    await until('a page', () => pages.length === 1);
    expect(pages).toEqual([
      { v: 1, epoch, fromSeq: 4, first: 1, last: 10, readings: readings.slice(3, 6) },
    ]);
  });

  test('holds what was read while there was no broker', async () => {
    const { rig, cable } = await startWithCable(ends);
    await rig.broker.stop();
    for (let n = 0; n < 5; n += 1) await cable.write(telegram(n));
    await until('readings', () => rig.counter('readingsAccepted') >= 6);
    const again = await startTestBroker(rig.broker.port);
    ends.push(() => again.stop());
    const pages = await rig.hear(topics.replayPage, { consumer: 'me' });
    const positions = await rig.hear(topics.meterJournal, { meter: 'main' });
    const { epoch } = await until('the position', () => positions.find(({ last }) => last === 5));
    const ask = { v: 1, consumer: 'me', epoch, fromSeq: 1, limit: 500 } as const;
    await rig.person.say(topics.replayRequest, { meter: 'main' }, ask);
    const page = await until('a page', () => pages[0]);
    expect(page.readings.map(({ powerW }) => powerW)).toEqual([400, 401, 402, 403, 404]);
  });
});
