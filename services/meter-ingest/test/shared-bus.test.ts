import { afterEach, expect, test } from '@jest/globals';
import { topics } from '@wattbus/mqtt-contract';
import { until } from '@wattbus/testing';
import { createServer, type AddressInfo } from 'node:net';
import { answerOfUnit, unitsMap } from './modbus-units.js';
import { startRig } from './rig.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Two units behind one serial server, each with a power of its own; `off` do not answer. */
async function modbusBus(off: ReadonlySet<number>): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (request) => {
      const answer = answerOfUnit(request, (unit) => !off.has(unit));
      if (answer) socket.write(answer);
    });
    ends.push(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => server.close());
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('two meters on one line are two meters, and one that goes off leaves the other', async () => {
  const off = new Set<number>();
  const port = await modbusBus(off);
  const onBus = { port, protocol: 'modbus', registerMap: unitsMap };
  const rig = await startRig(
    [
      { ...onBus, name: 'heat-pump', address: '1', role: 'consumer' },
      { ...onBus, name: 'car', address: '2', role: 'ev' },
    ],
    ends,
  );
  const pump = await rig.hear(topics.meterReading, { meter: 'heat-pump' });
  const car = await rig.hear(topics.meterReading, { meter: 'car' });
  await until('readings of both', () => pump.length >= 2 && car.length >= 2);
  off.add(1);
  await until('the one that is off to be told', () => rig.counter('fault.truncated') > 0);
  const before = car.length;
  await until('the other to be read on', () => car.length >= before + 2);
  expect(new Set(pump.map(({ powerW }) => powerW))).toEqual(new Set([100]));
  expect(new Set(car.map(({ powerW, role }) => `${powerW} ${role}`))).toEqual(new Set(['200 ev']));
});
