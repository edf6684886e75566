import { Name, quantityNames, Role } from '@wattbus/energy-model';
import {
  mqttFieldFaults,
  mqttMeterKinds,
  protocolNamed,
  protocols,
  readLinePattern,
  type RegisterMap,
} from '@wattbus/meter-protocols';
import { z } from 'zod';
import { Channel, wrongChannels } from './channel-schema.js';
import { Pulse, wrongPulses } from './pulse-schema.js';

/** A device that publishes its readings by itself, on the broker that Wattbus uses. */
const MqttSource = z.object({
  kind: z.enum(mqttMeterKinds.map(({ name }) => name)).describe('Family of the device.'),
  device: z
    .string()
    .regex(/^[^/+#]+$/, 'must be the device’s own topic, one level')
    .describe('The device’s name in its topics: tele/DEVICE/SENSOR, shellies/DEVICE/…'),
  channel: z.int().min(0).max(255).default(0).describe('Circuit of a device that has several.'),
  fields: z
    .record(z.string(), z.string())
    .optional()
    .describe('Which quantity a key is where the table does not know it.'),
});

/** A device that is asked over HTTP. */
const HttpSource = z.object({
  kind: z.enum(['homewizard']).default('homewizard'),
  url: z
    .url({ protocol: /^https?$/ })
    .describe('HomeWizard: http://ADDRESS/api/v1/data, with its local API switched on.'),
  everyS: z.number().min(1).max(3_600).default(5).describe('From one question to the next.'),
});

export const Meter = z.object({
  name: Name.describe('The meter’s name in topics, in the store and on the page.'),
  port: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Device (/dev/serial/by-id/…) or tcp://host:port (ser2net and the like). Meters with ' +
        'addresses (modbus, mbus) may share one.',
    ),
  mqtt: MqttSource.optional().describe('In place of a port: a device that speaks MQTT itself.'),
  http: HttpSource.optional().describe('In place of a port: a device that answers over HTTP.'),
  protocol: z
    .enum(['auto', ...protocols.map(({ name }) => name)])
    .default('auto')
    .describe('See docs/meters.md; auto finds out protocol and line settings.'),
  role: Role.default('grid').describe('What the meter stands for in the home.'),
  channels: z
    .array(Channel)
    .max(32)
    .default([])
    .describe('Names and roles of meters behind this one, such as M-Bus meters behind a P1 port.'),
  baudRate: z
    .int()
    .min(50)
    .max(4_000_000)
    .optional()
    .describe('Line settings: the protocol’s usual ones if left out.'),
  dataBits: z.union([z.literal(7), z.literal(8)]).optional(),
  parity: z.enum(['none', 'even', 'odd']).optional(),
  stopBits: z.union([z.literal(1), z.literal(2)]).optional(),
  standardOffsetMinutes: z
    .int()
    .min(-720)
    .max(840)
    .optional()
    .describe('Offset of the meter’s winter time from UTC; the site’s zone decides by default.'),
  pattern: z
    .string()
    .optional()
    .describe(
      `text-line: regular expression whose named groups are quantities (${quantityNames[0]}, …).`,
    ),
  address: z
    .string()
    .optional()
    .describe('Meters that are asked: their address on the bus, or the one of the sign-on.'),
  fields: z
    .record(z.string(), z.string())
    .optional()
    .describe('json: which quantity a key is, by its path, as total_kwh: energyImportkWh.'),
  registerMap: z
    .string()
    .optional()
    .describe('modbus: name of a register map, shipped or under registerMaps.'),
  pulse: Pulse.optional().describe('pulse: how they come in, and what one is worth.'),
  key: z
    .string()
    .regex(/^[0-9A-Fa-f]{32}$/, 'must be 32 hexadecimal digits')
    .optional(),
  authenticationKey: z
    .string()
    .regex(/^[0-9A-Fa-f]{32}$/, 'must be 32 hexadecimal digits')
    .optional(),
  lenient: z.boolean().default(false).describe('Take telegrams with a wrong or missing checksum.'),
  staleAfterS: z
    .number()
    .positive()
    .optional()
    .describe(
      'Silence after which it counts as stale. Default: 60; 900 for devices that speak MQTT, and for ' +
        'mbus and pulse, which say something every 5 minutes; at least three times everyS for http.',
    ),
});
type Meter = z.output<typeof Meter>;

interface Wrong {
  readonly field: string;
  readonly message: string;
}

interface WrongAt {
  /** From the list of meters on. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** All that only more than one field, or more than one meter, shows to be wrong. */
export function wrongMeters(
  meters: readonly Meter[],
  registerMaps: readonly RegisterMap[],
): readonly WrongAt[] {
  const wrong = meters.flatMap((meter, i): WrongAt[] => {
    const found = wrongIn(meter, registerMaps) ?? wrongOnSharedPort(meter, meters.slice(0, i));
    return found ? [{ path: [i, found.field], message: found.message }] : [];
  });
  return [...wrong, ...wrongChannels(meters), ...wrongPulses(meters)];
}

/** What more than one field of a meter shows to be wrong, and which field to change. */
function wrongIn(meter: Meter, registerMaps: readonly RegisterMap[]): Wrong | null {
  const source = wrongInSource(meter);
  if (source) return source;
  const { pattern, protocol } = meter;
  if (pattern !== undefined) {
    if (protocol !== 'text-line' && protocol !== 'auto') {
      return { field: 'pattern', message: 'belongs to the protocol text-line only' };
    }
    const read = readLinePattern(pattern);
    if (typeof read === 'string') return { field: 'pattern', message: read };
  }
  const { fields, address, registerMap } = meter;
  const options = {
    standardOffsetMinutes: 0,
    ...(address === undefined ? {} : { address }),
    registerMaps,
    ...(registerMap === undefined ? {} : { registerMap }),
    ...(fields === undefined ? {} : { fields }),
  };
  try {
    // The protocol knows which addresses, maps and fields there are.
    protocolNamed(protocol)?.decoder(options);
    protocolNamed(protocol)?.conversation?.(options);
  } catch (error) {
    const { message } = error as Error;
    return { field: fieldOf(protocol, message), message };
  }
  return null;
}

/** Where the readings come from: exactly one way. */
function wrongInSource({ port, mqtt, http, protocol, pulse }: Meter): Wrong | null {
  const ways = [port, mqtt, http].filter((way) => way !== undefined).length;
  if (ways !== 1) {
    const found = ways === 0 ? 'none of them is' : 'more than one is';
    return { field: 'port', message: `a meter has a port, mqtt or http; ${found} given` };
  }
  if (port === undefined && protocol !== 'auto') {
    return { field: 'protocol', message: 'belongs to a port; mqtt and http have their kind' };
  }
  if (pulse && protocol !== 'pulse') {
    return { field: 'pulse', message: 'belongs to the protocol pulse only' };
  }
  const faults = mqttFieldFaults(mqtt?.fields ?? {});
  return faults.length > 0 ? { field: 'mqtt', message: faults.join('; ') } : null;
}

const addressed: readonly string[] = ['modbus', 'mbus'];

/** Why the meter cannot use a port that another one has, or null. */
function wrongOnSharedPort(meter: Meter, others: readonly Meter[]): Wrong | null {
  const sharing = others.filter(({ port }) => port !== undefined && port === meter.port);
  if (sharing.length === 0) return null;
  const alone = [meter, ...sharing].find(({ protocol }) => !addressed.includes(protocol));
  if (alone) {
    const message = `${meter.port} is used twice; only modbus and mbus, named as such, can share`;
    return { field: 'port', message };
  }
  const same = sharing.find(
    ({ protocol, address }) => protocol === meter.protocol && address === meter.address,
  );
  return same
    ? { field: 'address', message: `${same.name} has the same address on ${meter.port}` }
    : null;
}

const fieldOf = (protocol: string, message: string): string =>
  protocol === 'json' ? 'fields' : message.includes('register map') ? 'registerMap' : 'address';
