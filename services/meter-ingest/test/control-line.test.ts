import { afterEach, expect, jest, test } from '@jest/globals';
import { topics } from '@wattbus/mqtt-contract';
import { testConfig, until } from '@wattbus/testing';
import { join } from 'node:path';
import * as serialport from 'serialport';
import { plugIn } from './pty.js';

/**
 * A pty has no control lines, and a container no serial port whose lines a test could move. So the
 * driver is the one that serialport ships for tests, behind ports that begin with /mock, and its
 * answer to `get` is this line. It moves with the looks at it, whenever they come.
 */
const line = { looks: [] as boolean[], fails: '' };
const MockBinding = serialport.SerialPortMock.binding;

const driver = {
  ...MockBinding,
  open: async (options: Parameters<typeof MockBinding.open>[0]) => {
    const port = await MockBinding.open(options);
    port.get = () => {
      if (line.fails !== '') return Promise.reject(new Error(line.fails));
      return Promise.resolve({ cts: false, dsr: line.looks.shift() ?? false, dcd: false });
    };
    return port;
  },
};

class SerialPort extends serialport.SerialPort {
  constructor(options: ConstructorParameters<typeof serialport.SerialPort>[0]) {
    const binding = options.path.startsWith('/mock') ? { binding: driver } : {};
    super({ ...options, ...binding });
  }
}
jest.unstable_mockModule('serialport', () => ({ ...serialport, SerialPort }));
const { startRig } = await import('./rig.js');

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  MockBinding.reset();
  Object.assign(line, { looks: [], fails: '' });
});

const pulse = { input: 'dsr', perUnit: 1_000, start: 7 };
const looksOf = (states: string): boolean[] => [...states].map((state) => state === '1');

async function startOn(port: string) {
  const rig = await startRig([{ name: 'm', port, protocol: 'pulse', pulse }], ends);
  const states = await rig.hear(topics.meterState, { meter: 'm' });
  const readings = await rig.hear(topics.meterReading, { meter: 'm' });
  return { rig, states, readings };
}

test('counts the pulses on a control line, its bounces left out, and not what comes on RxD', async () => {
  MockBinding.createPort('/mock/dsr', { readyData: Buffer.from('noise') });
  const { rig, states, readings } = await startOn('/mock/dsr');
  await until('the start', () => rig.counter('readingsAccepted') > 0);
  line.looks.push(...looksOf('00000' + '1111100000'.repeat(40) + '101111111101000000'));
  await until('the count', () => readings.at(-1)?.pulses === 7_041);
  expect(readings.at(-1)).toMatchObject({ energyImportWh: 7_041, medium: 'electricity' });
  await until('the line to rest', () => line.looks.length === 0);
  await rig.restart();
  await until('the start', () => rig.counter('readingsAccepted') > 0);
  line.looks.push(...looksOf('00000' + '1111100000'.repeat(3)));
  await until('the count goes on', () => readings.at(-1)?.pulses === 7_044);
  expect(states.at(-1)).toMatchObject({ link: 'online', protocol: 'pulse', port: '/mock/dsr' });
});

test('a line that cannot be read any more is told and opened again', async () => {
  MockBinding.createPort('/mock/gone');
  const { rig, states, readings } = await startOn('/mock/gone');
  await until('the start', () => rig.counter('readingsAccepted') > 0);
  line.fails = 'Error: Input/output error, cannot get';
  const state = await until('offline', () => states.find(({ reason }) => /dsr/.test(reason)));
  expect(state).toMatchObject({
    link: 'offline',
    reason: expect.stringMatching(
      /^\/mock\/gone: the state of dsr cannot be read: .*Input\/output/,
    ),
  });
  line.fails = '';
  await until('online again', () => states.at(-1)!.link === 'online');
  line.looks.push(...looksOf('000001111100000'));
  await until('the count', () => readings.at(-1)?.pulses === 7_001);
});

test('a port without control lines says so', async () => {
  const cable = plugIn(join(testConfig({}).dataDir, 'pty'));
  ends.push(() => cable.unplug());
  const { states } = await startOn(cable.path);
  await until('the reason', () => states.some(({ reason }) => /has no line dsr/.test(reason)));
});
