import { afterEach, describe, expect, test } from '@jest/globals';
import type { Reading } from '@wattbus/energy-model';
import { encodePulses } from '@wattbus/meter-protocols';
import { topics } from '@wattbus/mqtt-contract';
import { testConfig, until } from '@wattbus/testing';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { plugIn } from './pty.js';
import { startRig } from './rig.js';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A rig with one device on MQTT, once ingest listens to it. */
async function startWithDevice(mqtt: Record<string, unknown>) {
  const rig = await startRig([{ name: 'plug', protocol: 'auto', role: 'consumer', mqtt }], ends);
  const states = await rig.hear(topics.meterState, { meter: 'plug' });
  await until('the device to be listened to', () =>
    states.some(({ reason }) => /open/.test(reason)),
  );
  return { rig, states };
}

describe('a device that speaks MQTT itself', () => {
  const kinds: readonly {
    kind: string;
    messages: readonly (readonly [topic: string, payload: unknown])[];
    reading: Record<string, unknown>;
  }[] = [
    {
      kind: 'tasmota',
      messages: [['tele/dev/SENSOR', { ENERGY: { Total: 12.5, Power: 345 } }]],
      reading: { powerW: 345, energyImportWh: 12_500 },
    },
    {
      kind: 'shelly-3em',
      messages: [0, 1, 2].map((phase) => [`shellies/dev/emeter/${phase}/power`, 115] as const),
      reading: { powerW: 345 },
    },
    {
      kind: 'shelly-em',
      messages: [
        ['shellies/dev/emeter/1/power', 1],
        ['shellies/dev/emeter/0/power', 345],
      ],
      reading: { powerW: 345 },
    },
    {
      kind: 'esphome',
      messages: [
        ['dev/sensor/power_consumed/state', 0.345],
        ['dev/sensor/power_produced/state', 0],
      ],
      reading: { powerW: 345 },
    },
    {
      kind: 'shelly-gen2',
      messages: [['dev/status/em:0', { id: 0, total_act_power: 345.5 }]],
      reading: { powerW: 345.5 },
    },
    {
      kind: 'zigbee2mqtt',
      messages: [['zigbee2mqtt/dev', { power: 345, energy: 12.5 }]],
      reading: { powerW: 345, energyImportWh: 12_500 },
    },
    {
      kind: 'homewizard',
      messages: [['homewizard/dev', { active_power_w: 345, total_power_import_kwh: 12.5 }]],
      reading: { powerW: 345, energyImportWh: 12_500 },
    },
  ];

  test.each(kinds)('$kind is a meter like any other', async ({ kind, messages, reading }) => {
    const { rig, states } = await startWithDevice({ kind, device: 'dev' });
    const readings = await rig.hear(topics.meterReading, { meter: 'plug' });
    for (const [topic, payload] of messages) {
      await rig.person.client.publishAsync(topic, JSON.stringify(payload), { qos: 1 });
    }
    const values = Object.keys(reading) as (keyof Reading)[];
    const whole = await until('a reading', () =>
      readings.find((one) => values.every((value) => one[value] !== undefined)),
    );
    expect(whole).toMatchObject({ meter: 'plug', role: 'consumer', ...reading });
    const online = await until('online', () => states.find(({ link }) => link === 'online'));
    expect(online).toMatchObject({ protocol: kind, port: `mqtt:${kind}/dev` });
  });

  test('garbage is counted and what comes after it is read; others are not listened to', async () => {
    const { rig } = await startWithDevice({ kind: 'tasmota', device: 'dev' });
    const readings = await rig.hear(topics.meterReading, { meter: 'plug' });
    const say = (device: string, text: string) =>
      rig.person.client.publishAsync(`tele/${device}/SENSOR`, text, { qos: 1 });
    await say('dev', 'no json');
    await say('other', JSON.stringify({ ENERGY: { Power: 1 } }));
    await say('dev', JSON.stringify({ ENERGY: { Power: 2 } }));
    await until('a reading', () => readings.length > 0);
    expect(readings).toMatchObject([{ powerW: 2 }]);
    expect(rig.counter('fault.malformed')).toBe(1);
  });

  test('what the broker had kept is of an unknown time and is left out', async () => {
    const { rig, states } = await startWithDevice({ kind: 'tasmota', device: 'dev' });
    const readings = await rig.hear(topics.meterReading, { meter: 'plug' });
    const { client } = rig.person;
    const power = (powerW: number): string => JSON.stringify({ ENERGY: { Power: powerW } });
    await client.publishAsync('tele/dev/SENSOR', power(1), { qos: 1, retain: true });
    await until('the first', () => readings.length === 1);
    await rig.restart();
    await until('it listens again', () => /open/.test(states.at(-1)!.reason));
    await client.publishAsync('tele/dev/SENSOR', power(2), { qos: 1 });
    await until('another', () => readings.length === 2);
    expect(readings.map(({ powerW }) => powerW)).toEqual([1, 2]);
  });
});

describe('a device that answers over HTTP', () => {
  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ends.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/data`;
  }

  test('is asked again and again; a fault is told and survived', async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked += 1;
      if (asked === 2) response.writeHead(403).end();
      else if (asked === 3) response.end('x'.repeat(100_000));
      else if (asked === 4) response.end('no json');
      else response.end(JSON.stringify({ active_power_w: asked, total_power_import_kwh: 12.5 }));
    });
    const meter = { name: 'p1', protocol: 'auto', http: { url, everyS: 1 } };
    const rig = await startRig([meter], ends);
    const states = await rig.hear(topics.meterState, { meter: 'p1' });
    const readings = await rig.hear(topics.meterReading, { meter: 'p1' });
    await until('readings after the faults', () => readings.some(({ powerW }) => powerW! >= 6));
    expect(rig.counter('fault.malformed')).toBe(1);
    expect(readings.at(-1)).toMatchObject({ meter: 'p1', energyImportWh: 12_500 });
    const reasons = states.map(({ reason }) => reason);
    expect(reasons).toContain('answers 403; is its local API switched on?');
    expect(reasons).toContain('answers more than 65536 bytes');
  });
});

describe('pulses', () => {
  /** A rig with a pulse meter whose line is open: it states its count at once. */
  async function startWithPulses(meter: Record<string, unknown>) {
    const path = join(testConfig({}).dataDir, 'pulses');
    const cable = plugIn(path);
    ends.push(() => cable.unplug());
    const rig = await startRig([{ name: 'm', port: path, protocol: 'pulse', ...meter }], ends);
    const readings = await rig.hear(topics.meterReading, { meter: 'm' });
    await until('the start', () => rig.counter('readingsAccepted') > 0);
    return { rig, cable, readings };
  }

  test('count on from what the meter showed, and over a restart from the journal', async () => {
    const pulse = { perUnit: 1_000, start: 1_234.5 };
    const { rig, cable, readings } = await startWithPulses({ pulse });
    await cable.write(encodePulses(25, 'byte'));
    await until('the count', () => readings.at(-1)?.pulses === 1_234_525);
    expect(readings.at(-1)).toMatchObject({ energyImportWh: 1_234_525 });
    await rig.restart();
    await until('the start', () => rig.counter('readingsAccepted') > 0);
    await cable.write(encodePulses(5, 'byte'));
    await until('the count goes on', () => readings.at(-1)?.pulses === 1_234_530);
    const counts = readings.map(({ pulses }) => pulses!);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
  });

  test('count on after a silence beyond what the journal keeps', async () => {
    const pulse = { perUnit: 1_000, start: 10 };
    const path = join(testConfig({}).dataDir, 'pulses');
    const cable = plugIn(path);
    ends.push(() => cable.unplug());
    const other = plugIn(join(testConfig({}).dataDir, 'other'));
    ends.push(() => other.unplug());
    const counted = { protocol: 'pulse', pulse };
    const meters = [
      { ...counted, name: 'm', port: path },
      { ...counted, name: 'other', port: other.path },
    ];
    // A segment of it lasts some 60 ms.
    const rig = await startRig(meters, ends, { ingest: { retentionDays: 1e-5 } });
    const readings = await rig.hear(topics.meterReading, { meter: 'm' });
    await until('the start', () => rig.counter('readingsAccepted') >= 2);
    await cable.write(encodePulses(7, 'byte'));
    await until('the count', () => readings.at(-1)?.pulses === 10_007);
    const before = rig.counter('journal.dropped');
    await until('the journal to have dropped what it then held', async () => {
      await other.write(encodePulses(1, 'byte'));
      return rig.counter('journal.dropped') > before + 3;
    });
    await rig.restart();
    await until('the start', () => rig.counter('readingsAccepted') >= 2);
    await cable.write(encodePulses(1, 'byte'));
    await until('the count goes on', () => readings.at(-1)?.pulses === 10_008);
  });

  test('of a gas meter are a volume', async () => {
    const pulse = { input: 'state', perUnit: 100, quantity: 'volumeL', start: 10 };
    const { cable, readings } = await startWithPulses({ role: 'gas', pulse });
    await cable.write(encodePulses(3, 'state'));
    await until('the count', () => readings.at(-1)?.pulses === 1_003);
    expect(readings.at(-1)).toMatchObject({ medium: 'gas', volumeL: 10_030 });
    expect(readings.at(-1)).not.toHaveProperty('powerW');
  });
});
