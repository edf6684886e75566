import { afterEach, describe, expect, test } from '@jest/globals';
import { isFault, type Telegram } from '@wattbus/energy-model';
import { protocolNamed } from '@wattbus/meter-protocols';
import { topics } from '@wattbus/mqtt-contract';
import { startService } from '@wattbus/nest-mqtt';
import { joinBus, startTestBroker, testConfig, until } from '@wattbus/testing';
import { connect } from 'node:net';
import { join } from 'node:path';
import { SerialPort } from 'serialport';
import { meterSimulator, SimulatedMeter } from '../src/index.js';

describe('the simulated meter', () => {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function started(simulator: Record<string, unknown>): Promise<{
    address: string;
    url: string;
  }> {
    const broker = await startTestBroker();
    ends.push(() => broker.stop());
    const config = testConfig({
      mqtt: { url: broker.url },
      site: { zone: 'Europe/Amsterdam' },
      simulator,
    });
    const service = await startService(meterSimulator, config);
    ends.push(() => service.stop());
    return { address: service.get(SimulatedMeter).address, url: broker.url };
  }

  function telegramsOf(stream: NodeJS.ReadableStream): Telegram[] {
    const telegrams: Telegram[] = [];
    const decoder = protocolNamed('dsmr')!.decoder({ standardOffsetMinutes: 60 });
    stream.on('data', (bytes: Buffer) => {
      for (const result of decoder.push(bytes)) if (!isFault(result)) telegrams.push(result);
    });
    return telegrams;
  }

  test('speaks P1 with good checksums on TCP, and catches up a day at once', async () => {
    const { address } = await started({
      listen: 'tcp://127.0.0.1:0',
      backfillHours: 24,
      speed: 20,
    });
    const socket = connect(Number(new URL(address).port), '127.0.0.1');
    ends.push(() => Promise.resolve(socket.destroy()));
    const telegrams = telegramsOf(socket);
    await until('a day of telegrams', () => telegrams.length > (24 * 3600) / 20);
    expect(telegrams.every(({ checked, warnings }) => checked && warnings.length === 0)).toBe(true);
    const times = telegrams.map(({ at }) => Date.parse(at!));
    expect(times.every((at, i) => i === 0 || at > times[i - 1]!)).toBe(true);
  });

  test('speaks on a pty as on a serial device', async () => {
    const link = join(testConfig({}).dataDir, 'meter');
    const { address } = await started({ listen: `pty:${link}`, speed: 50 });
    expect(address).toBe(link);
    const port = new SerialPort({ path: link, baudRate: 115_200 });
    ends.push(() => new Promise((resolve) => port.close(resolve)));
    const telegrams = telegramsOf(port);
    await until('telegrams', () => telegrams.length >= 5);
    expect(telegrams[4]!.meter.id).toBe('E0000000000000001');
  });

  test('switches its boiler by a Tasmota command and says so', async () => {
    const { url } = await started({ listen: 'tcp://127.0.0.1:0' });
    const person = await joinBus(url);
    ends.push(() => person.leave());
    const lwt = await person.hear(topics.tasmotaTelemetry, { telemetry: 'LWT' });
    const power = await person.hear(topics.tasmotaResult, { result: 'POWER' });
    await until('the announcement', () => lwt.includes('Online'));
    await person.say(topics.tasmotaCommand, { device: 'boiler', command: 'POWER' }, 'OFF');
    await until('the answer', () => power.at(-1) === 'OFF');
    await person.say(topics.tasmotaCommand, { device: 'boiler', command: 'POWER' }, 'ON');
    await until('the answer', () => power.at(-1) === 'ON');
  });
});
