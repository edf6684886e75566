import { describe, expect, test } from '@jest/globals';
import { CheckedConfig } from './config-schema.js';

const faultsOf = (meter: Record<string, unknown>): readonly string[] => {
  const checked = CheckedConfig.safeParse({ meters: [{ name: 'm', port: '/dev/null', ...meter }] });
  return (checked.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
};

test('a meter without a protocol is detected', () => {
  expect(
    CheckedConfig.parse({ meters: [{ name: 'm', port: '/dev/null' }] }).meters[0],
  ).toMatchObject({ protocol: 'auto', role: 'grid' });
});

test.each([
  [{ pattern: '^\\d+$' }, 'meters.0.pattern: the pattern has no named group'],
  [{ pattern: '(?<powerX>\\d+)' }, 'meters.0.pattern: no quantity is called powerX'],
  [{ pattern: '(?<powerW>', protocol: 'text-line' }, 'the pattern is no regular expression'],
  [{ pattern: '(?<powerW>\\d+)', protocol: 'sml' }, 'belongs to the protocol text-line only'],
  [{ protocol: 'json', fields: { a: 'powerX' } }, 'meters.0.fields: json: '],
  [{ protocol: 'modbus', registerMap: 'none' }, 'meters.0.registerMap: modbus: '],
  [{ protocol: 'mbus', address: '999' }, 'meters.0.address: mbus: '],
  [{ port: undefined }, 'meters.0.port: a meter has a port, mqtt or http; none of them is given'],
  [{ http: { url: 'http://10.0.0.5/api/v1/data' } }, 'meters.0.port: a meter has a port'],
  [{ pulse: { perUnit: 1000 } }, 'meters.0.pulse: belongs to the protocol pulse only'],
  [
    { port: undefined, mqtt: { kind: 'tasmota', device: 'd' }, protocol: 'sml' },
    'meters.0.protocol: belongs to a port',
  ],
  [
    { port: undefined, mqtt: { kind: 'esphome', device: 'd', fields: { a: 'powerX' } } },
    'meters.0.mqtt: a: no quantity is called powerX',
  ],
  [
    { protocol: 'pulse', pulse: { pollMs: 5 } },
    'meters.0.pulse.pollMs: belongs to the inputs cts, dsr and dcd only',
  ],
])('says what is wrong in %o', (meter, message) => {
  expect(faultsOf(meter)).toEqual([expect.stringContaining(message)]);
});

test('pulses on a control line are looked at often enough, on a serial port', () => {
  const pulsing = (pulse: unknown, port = '/dev/null'): readonly string[] =>
    faultsOf({ protocol: 'pulse', port, pulse });
  expect(pulsing({ input: 'dcd' })).toEqual([]);
  expect(pulsing({ input: 'cts', pollMs: 40, lengthMsMin: 100 })).toEqual([]);
  expect(pulsing({ input: 'dsr', pollMs: 15 }, 'tcp://10.0.0.5:3001')).toEqual([
    'meters.0.pulse.input: dsr is a line of a serial port; tcp://10.0.0.5:3001 carries bytes only',
    'meters.0.pulse.pollMs: must be less than 15, half of lengthMsMin, or pulses pass unseen',
  ]);
  expect(pulsing({ input: 'cts', lengthMsMin: 20 })).toEqual([
    'meters.0.pulse.pollMs: must be less than 10, half of lengthMsMin, or pulses pass unseen',
  ]);
});

test('meters with addresses share a port, and no others do', () => {
  const on = (protocol: string, address: string, name: string) => ({
    name,
    port: '/dev/bus',
    protocol,
    address,
    ...(protocol === 'modbus' ? { registerMap: 'sdm120' } : {}),
  });
  const faults = (...meters: unknown[]): readonly string[] =>
    (CheckedConfig.safeParse({ meters }).error?.issues ?? []).map(({ message }) => message);
  expect(faults(on('modbus', '1', 'a'), on('modbus', '2', 'b'))).toEqual([]);
  expect(faults(on('modbus', '1', 'a'), on('modbus', '1', 'b'))).toEqual([
    'a has the same address on /dev/bus',
  ]);
  expect(faults(on('modbus', '1', 'a'), { name: 'b', port: '/dev/bus' })).toEqual([
    '/dev/bus is used twice; only modbus and mbus, named as such, can share',
  ]);
});

describe('meters behind another one', () => {
  const faults = (...meters: { name: string; channels: unknown[] }[]): readonly string[] => {
    const onPorts = meters.map((meter, i) => ({ ...meter, port: `/dev/tty${i}` }));
    const { error } = CheckedConfig.safeParse({ meters: onPorts });
    return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
  };

  test('have a name or a role by channel, medium or serial number', () => {
    const channels = [
      { channel: 1, name: 'cooker', role: 'gas' },
      { channel: 2, name: 'main-gas-2' },
      { medium: 'heat', name: 'main-heat' },
      { meterId: 'G0001', role: 'consumer' },
    ];
    expect(faults({ name: 'main', channels })).toEqual([]);
  });

  test('are checked, and all faults are listed', () => {
    const one = [
      { name: 'a' },
      { channel: 1, medium: 'gas', name: 'b' },
      { channel: 2 },
      { channel: 2, name: 'c' },
      { medium: 'heat', name: 'other' },
      { medium: 'water', name: 'main-gas-3' },
      { meterId: 'G0001', name: 'other-gas' },
    ];
    const other = [{ channel: 1, name: 'c' }];
    expect(faults({ name: 'main', channels: one }, { name: 'other', channels: other })).toEqual([
      'meters.0.channels.0: a channel has a channel, medium or meterId; none of them is given',
      'meters.0.channels.1: a channel has a channel, medium or meterId; more than one is given',
      'meters.0.channels.2: says neither name nor role',
      'meters.0.channels.3.channel: channel 2 is listed twice',
      'meters.0.channels.4.name: "other" is used twice',
      'meters.0.channels.5.name: "main-gas-3" is what a meter behind main is called by itself',
      'meters.0.channels.6.name: "other-gas" is what a meter behind other is called by itself',
      'meters.1.channels.0.name: "c" is used twice',
    ]);
  });
});

test("a user's own register map is checked and can be named by a meter", () => {
  const map = {
    name: 'mine',
    manufacturer: 'Me',
    model: 'One',
    source: 'its manual',
    registers: [{ name: 'power', address: 0, type: 'float32', quantity: 'powerW', unit: 'W' }],
  };
  const meter = { name: 'm', port: '/dev/bus', protocol: 'modbus', registerMap: 'mine' };
  const parsed = CheckedConfig.parse({ meters: [meter], registerMaps: [map] });
  expect(parsed.registerMaps[0]).toMatchObject({ name: 'mine', gapMax: 0 });
  const bad = { ...map, registers: [{ name: 'power', address: 70_000 }] };
  const { error } = CheckedConfig.safeParse({ registerMaps: [bad] });
  expect(error?.issues[0]?.path).toEqual(['registerMaps', 0, 'registers', 0, 'address']);
});
