import { afterEach, beforeEach } from '@jest/globals';
import { startService, type RunningService } from '@wattbus/nest-mqtt';
import {
  joinBus,
  startTestBroker,
  testConfig,
  type Person,
  type TestBroker,
} from '@wattbus/testing';
import { analyzer } from '../src/index.js';
import { MeterOnBus } from './meter-on-bus.js';

export const MINUTE_MS = 60_000;
/** Three hours before the clock goes forward in Brussels. */
export const START_MS = Date.parse('2026-03-28T22:00:00Z');

let broker: TestBroker;
export let person: Person;
const running: RunningService[] = [];
const meters: MeterOnBus[] = [];

beforeEach(async () => {
  broker = await startTestBroker();
  person = await joinBus(broker.url);
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.stop()));
  await Promise.all(meters.splice(0).map((meter) => meter.leave()));
  await person.leave();
  await broker.stop();
});

export const brokerUrl = (): string => broker.url;

/** A service that was started otherwise is stopped after the test as well. */
export const keep = (service: RunningService): void => void running.push(service);

export async function start(instance: string): Promise<RunningService> {
  const config = testConfig({
    instance,
    mqtt: { url: broker.url },
    site: { zone: 'Europe/Brussels', carbonGPerKWh: 250 },
    tariff: { importPricePerKWh: 0.25, fixedPerDay: 0.4 },
  });
  const service = await startService(analyzer, config);
  running.push(service);
  return service;
}

/** The broker ends as by kill -9 and comes back having forgotten all; everybody connects again. */
export async function restartBroker(): Promise<void> {
  const { port } = broker;
  await broker.stop();
  broker = await startTestBroker(port);
}

/** As `docker stop` does: with its last words. */
export async function stop(service: RunningService): Promise<void> {
  running.splice(running.indexOf(service), 1);
  await service.stop();
}

/** As by kill -9: the connection is gone in mid-flight, and nothing is said or saved any more. */
export async function kill(service: RunningService): Promise<void> {
  service.context.bus.client.end(true);
  running.splice(running.indexOf(service), 1);
  await service.stop();
}

export async function meterOnBus(name: string): Promise<MeterOnBus> {
  const meter = await MeterOnBus.join(broker.url, name);
  meters.push(meter);
  return meter;
}

/** Readings at 1.2 kW, one a minute, from minute to minute: 20 Wh each. */
export async function readings(
  meter: MeterOnBus,
  from: number,
  to: number,
  say = true,
): Promise<void> {
  for (let minute = from; minute <= to; minute += 1) {
    const energyImportWh = 1_000_000 + minute * 20;
    await meter.accept(
      START_MS + minute * MINUTE_MS,
      { powerW: 1200, energyImportWh, energyExportWh: 0 },
      say,
    );
  }
  await meter.sayPosition();
}

export const seqReached = (heard: readonly { seq: number }[], seq: number): boolean =>
  heard.some((result) => result.seq >= seq);
