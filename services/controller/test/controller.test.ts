import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Reading } from '@wattbus/energy-model';
import { topics, type PeakAnalysis } from '@wattbus/mqtt-contract';
import { startService, type RunningService } from '@wattbus/nest-mqtt';
import {
  joinBus,
  startTestBroker,
  testConfig,
  until,
  type Person,
  type TestBroker,
} from '@wattbus/testing';
import { controller } from '../src/index.js';

let broker: TestBroker;
let person: Person;
let plug: Plug;
let service: RunningService | null = null;
let talking: NodeJS.Timeout | undefined;

/** A Tasmota plug on the bus: answers POWER, and can be made deaf. */
class Plug {
  on = true;
  deaf = false;
  readonly commands: string[] = [];
  readonly #person: Person;

  constructor(who: Person) {
    this.#person = who;
  }

  async join(): Promise<void> {
    this.#person.client.on('message', (name, bytes) => {
      const match = topics.tasmotaCommand.match('energy', name);
      if (match?.['device'] === 'plug') this.#take(match['command']!, bytes.toString());
    });
    await this.#person.client.subscribeAsync('cmnd/plug/+');
  }

  async announce(online: boolean): Promise<void> {
    const params = { device: 'plug', telemetry: 'LWT' };
    await this.#person.say(topics.tasmotaTelemetry, params, online ? 'Online' : 'Offline');
  }

  async report(): Promise<void> {
    const params = { device: 'plug', result: 'POWER' };
    await this.#person.say(topics.tasmotaResult, params, this.on ? 'ON' : 'OFF');
  }

  #take(command: string, payload: string): void {
    if (payload !== '?') this.commands.push(`${command} ${payload}`);
    if (this.deaf || command !== 'POWER') return;
    if (payload === 'ON' || payload === 'OFF') this.on = payload === 'ON';
    void this.report();
  }
}

beforeEach(async () => {
  broker = await startTestBroker();
  person = await joinBus(broker.url);
  plug = new Plug(person);
  await plug.join();
});

afterEach(async () => {
  clearInterval(talking);
  await service?.stop();
  service = null;
  await person.leave();
  await broker.stop();
});

async function start(
  control: Record<string, unknown> = {},
  device: Record<string, unknown> = {},
): Promise<RunningService> {
  const boiler = { name: 'boiler', topic: 'plug', powerW: 3000, minOffS: 0, minOnS: 0, ...device };
  service = await startService(
    controller,
    testConfig({
      mqtt: { url: broker.url },
      control: { demandLimitW: 4000, devices: [boiler], ...control },
    }),
  );
  return service;
}

/** The meter and its analysis go on saying the same, five times a second. */
function talk(quarter: Partial<PeakAnalysis['quarter']>): void {
  clearInterval(talking);
  talking = setInterval(() => {
    const at = new Date().toISOString();
    const from = {
      v: 1 as const,
      meter: 'main',
      medium: 'electricity' as const,
      role: 'grid' as const,
      at,
      epoch: 'e1',
      seq: 1,
    };
    const reading: Reading = {
      ...from,
      receivedAt: at,
      atSource: 'meter',
      quality: 'checked',
      powerW: 5000,
    };
    const running = {
      start: at,
      elapsedS: 540,
      importWh: 900,
      averageW: 6000,
      predictedW: 5600,
      meanPowerW: 5000,
      estimated: false,
    };
    const peak = {
      ...from,
      quarter: { ...running, ...quarter },
      month: { peakW: null, peakAt: null },
    };
    void person.say(topics.meterReading, { meter: 'main' }, reading);
    void person.say(topics.peakAnalysis, { meter: 'main' }, peak);
  }, 200);
}

const overLimit = {};
const newQuarter = { elapsedS: 20, importWh: 0, averageW: 0, predictedW: 100, meanPowerW: 100 };

describe('the demand limit', () => {
  test('switches the device off with a command that expires, and says why', async () => {
    const commands = await person.hear(topics.controlCommand);
    const states = await person.hear(topics.controlState);
    await start();
    talk(overLimit);
    await until('the plug is off', () => !plug.on);
    const [command] = await until('the command is said', () => commands.length > 0 && commands);
    expect(command).toMatchObject({ v: 1, on: false });
    expect(command?.reason).toMatch(
      /^the quarter-hour is to end at 5\.\d kW, the limit is 4\.0 kW$/,
    );
    expect(Date.parse(command!.expiresAt) - Date.parse(command!.issuedAt)).toBe(30_000);
    const state = await until('the state is said', () =>
      states.find(({ reported, decidedBy }) => reported === false && decidedBy === 'demand-limit'),
    );
    expect(state).toMatchObject({ device: 'boiler', desired: false, commandsUnacknowledged: 0 });
  });

  test('gives the device back in a new quarter-hour', async () => {
    await start();
    talk(overLimit);
    await until('the plug is off', () => !plug.on);
    talk(newQuarter);
    await until('the plug is on again', () => plug.on);
    expect(plug.commands).toEqual(['POWER OFF', 'POWER ON']);
  });

  test('never leaves a command on the broker', async () => {
    await start();
    talk(overLimit);
    await until('the plug is off', () => !plug.on);
    const late = await joinBus(broker.url);
    const kept: string[] = [];
    late.client.on('message', (name) => kept.push(name));
    await late.client.subscribeAsync(['#']);
    await until('what is kept has come', () => kept.includes('energy/control/boiler/state'));
    expect(kept.filter((name) => /command|cmnd/.test(name))).toEqual([]);
    await late.leave();
  });

  test('leaves a device alone that is said to be offline', async () => {
    const states = await person.hear(topics.controlState);
    await plug.announce(false);
    await start();
    talk(overLimit);
    await until('it is known to be offline', () => states.at(-1)?.availability === 'offline');
    await until('readings have come', () => states.length > 0);
    expect(plug.commands).toEqual([]);
    await plug.announce(true);
    await until('the plug is off', () => !plug.on);
  });

  test('without a limit nothing is switched', async () => {
    const states = await person.hear(topics.controlState);
    const health = await person.hear(topics.serviceHealth);
    await start({ demandLimitW: undefined });
    talk(overLimit);
    await until('the service is ready', () => health.some(({ state }) => state === 'ready'));
    expect({ states, commands: plug.commands }).toEqual({ states: [], commands: [] });
  });
});

describe('a silent meter', () => {
  test('brings the safe state and an alert, which is cleared when it speaks again', async () => {
    const alerts = await person.hear(topics.serviceAlert);
    await start({ silentAfterS: 2 });
    talk(newQuarter);
    await until('readings are heard', () => service!.context.counters.get('connects') > 0);
    clearInterval(talking);
    await until('the plug is off', () => !plug.on);
    await until('there is an alert', () => alerts.at(-1)?.active === true);
    talk(newQuarter);
    await until('it is cleared', () => alerts.at(-1)?.active === false);
    await until('the plug is on again', () => plug.on);
  });
});

describe('after a restart', () => {
  test('a device that was shed is given back, and no command is repeated', async () => {
    const states = await person.hear(topics.controlState);
    await start();
    talk(overLimit);
    await until('it is said to be shed', () => states.at(-1)?.desired === false && !plug.on);
    await service!.stop();
    clearInterval(talking);
    plug.commands.length = 0;
    await start();
    await until('the device was asked', () => states.at(-1)?.reported === false);
    expect(plug.commands).toEqual([]);
    talk(newQuarter);
    await until('the plug is on again', () => plug.on);
    expect(plug.commands).toEqual(['POWER ON']);
  });

  test('a device that a person had switched off stays off', async () => {
    const states = await person.hear(topics.controlState);
    plug.on = false;
    await start();
    talk(newQuarter);
    await until('its state is known', () => states.at(-1)?.reported === false);
    const said = states.length;
    await plug.report();
    await until('some time has passed', () => service!.context.counters.get('connects') > 0);
    expect({ commands: plug.commands, desired: states[said - 1]?.desired }).toEqual({
      commands: [],
      desired: null,
    });
  });
});

describe('a command of a person', () => {
  const commandUntil = (ms: number) => ({
    v: 1 as const,
    id: 'page-1',
    issuedAt: new Date().toISOString(),
    expiresAt: new Date(Date.now() + ms).toISOString(),
    on: false,
    reason: 'from the page',
  });

  test('switches the device', async () => {
    const states = await person.hear(topics.controlState);
    await start();
    talk(newQuarter);
    await until('its state is known', () => states.at(-1)?.reported === true);
    await person.say(topics.controlCommand, { device: 'boiler' }, commandUntil(60_000));
    await until('the plug is off', () => !plug.on);
    await until('it is said whose wish it was', () => states.at(-1)?.decidedBy === 'user');
  });

  test('that has expired does nothing', async () => {
    const states = await person.hear(topics.controlState);
    const running = await start();
    talk(newQuarter);
    await until('its state is known', () => states.at(-1)?.reported === true);
    await person.say(topics.controlCommand, { device: 'boiler' }, commandUntil(-1));
    await until('it is counted', () => running.context.counters.get('commandsExpired') === 1);
    expect(plug.commands).toEqual([]);
  });
});

test('the dead-man time is set in the device and refreshed', async () => {
  await start({}, { pulseTimeS: 2 });
  talk(newQuarter);
  await until('it was refreshed twice', () => plug.commands.filter((c) => c === 'POWER ON')[1]);
  expect(plug.commands[0]).toBe('PulseTime1 20');
});
