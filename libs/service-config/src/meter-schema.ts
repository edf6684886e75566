import { Name, quantityNames, Role } from '@wattbus/energy-model';
import { protocolNamed, protocols, readLinePattern } from '@wattbus/meter-protocols';
import { z } from 'zod';

export const Meter = z.object({
  name: Name.describe('The meter’s name in topics, in the store and on the page.'),
  port: z
    .string()
    .min(1)
    .describe('Device (/dev/serial/by-id/…) or tcp://host:port (ser2net and the like).'),
  protocol: z
    .enum(['auto', ...protocols.map(({ name }) => name).filter((name) => name !== 'pulse')])
    .default('auto')
    .describe('See docs/meters.md; auto finds out protocol and line settings.'),
  role: Role.default('grid').describe('What the meter stands for in the home.'),
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
  registerMap: z.string().optional().describe('modbus: name of the register map.'),
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
    .default(60)
    .describe('Silence after which it counts as stale.'),
});

/** What more than one field of a meter shows to be wrong, and which field to change. */
export function wrongIn(meter: z.output<typeof Meter>): { field: string; message: string } | null {
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

const fieldOf = (protocol: string, message: string): string =>
  protocol === 'json' ? 'fields' : message.includes('register map') ? 'registerMap' : 'address';
