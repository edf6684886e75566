import { media, Medium, METER_ID_LENGTH_MAX, Name, Role } from '@wattbus/energy-model';
import { z } from 'zod';

/** What is known of a meter behind another one; the first three tell which one is meant. */
export const Channel = z.object({
  channel: z.int().min(1).max(255).optional().describe('Its M-Bus channel, n of 0-n:24.2.1; or'),
  medium: Medium.optional().describe('what it measures; or'),
  meterId: z
    .string()
    .min(1)
    .max(METER_ID_LENGTH_MAX)
    .optional()
    .describe('its serial number, as its state topic shows it.'),
  name: Name.optional().describe('Default: METER-MEDIUM, such as main-gas.'),
  role: Role.optional().describe('Default: what its medium suggests.'),
});
export type Channel = z.output<typeof Channel>;

export const selectors = ['channel', 'medium', 'meterId'] as const;

interface Behind {
  readonly name: string;
  readonly channels: readonly Channel[];
}

export interface WrongChannel {
  /** From the list of meters on. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** All that is wrong with the channels of all meters. */
export function wrongChannels(meters: readonly Behind[]): readonly WrongChannel[] {
  const taken = new Set(meters.map(({ name }) => name));
  return meters.flatMap((meter, i) => {
    const listed = new Set<string>();
    return meter.channels.flatMap((channel, n) => {
      const wrong = [
        wrongSelector(channel, listed),
        wrongName(channel, taken) ?? wrongUsualName(channel, meter, meters),
      ];
      return wrong.flatMap((one) =>
        one === null ? [] : [{ path: [i, 'channels', n, ...one.at], message: one.message }],
      );
    });
  });
}

type Wrong = { readonly at: readonly string[]; readonly message: string } | null;

function wrongSelector(channel: Channel, listed: Set<string>): Wrong {
  const given = selectors.filter((selector) => channel[selector] !== undefined);
  if (given.length !== 1) {
    const found = given.length === 0 ? 'none of them is' : 'more than one is';
    return { at: [], message: `a channel has a channel, medium or meterId; ${found} given` };
  }
  const selected = `${given[0]!} ${channel[given[0]!]!}`;
  if (listed.has(selected)) return { at: [given[0]!], message: `${selected} is listed twice` };
  listed.add(selected);
  return null;
}

function wrongName({ name, role }: Channel, taken: Set<string>): Wrong {
  if (name === undefined) {
    return role === undefined ? { at: [], message: 'says neither name nor role' } : null;
  }
  if (taken.has(name)) return { at: ['name'], message: `"${name}" is used twice` };
  taken.add(name);
  return null;
}

/** `main-gas` and `main-gas-2` are given to meters that have no name of their own. */
function wrongUsualName({ name, channel }: Channel, own: Behind, meters: readonly Behind[]): Wrong {
  for (const meter of meters) {
    const usual =
      name?.startsWith(`${meter.name}-`) && usualName.exec(name.slice(meter.name.length));
    if (!usual || (meter === own && (usual[1] === undefined || usual[1] === String(channel)))) {
      continue;
    }
    const message = `"${name!}" is what a meter behind ${meter.name} is called by itself`;
    return { at: ['name'], message };
  }
  return null;
}

const usualName = new RegExp(`^-(?:${media.join('|')})(?:-(\\d+))?$`);
