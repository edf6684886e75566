import { Name } from '@wattbus/energy-model';
import { z } from 'zod';

const Device = z.object({
  name: Name,
  kind: z.enum(['tasmota']).default('tasmota'),
  topic: z
    .string()
    .regex(/^[^/+#]+$/, 'must be the device’s own topic, one level')
    .describe('The device’s topic: cmnd/TOPIC/POWER switches it.'),
  powerW: z.number().positive().describe('What switching it off saves.'),
  priority: z.int().default(0).describe('Devices with a lower number are shed first.'),
  minOffS: z.number().nonnegative().default(600),
  minOnS: z.number().nonnegative().default(300),
  safeState: z
    .enum(['on', 'off', 'keep'])
    .default('off')
    .describe('What the device does when the meter is silent.'),
  pulseTimeS: z
    .int()
    .min(0)
    .max(64_800)
    .default(0)
    .describe('Dead-man time set in the device itself (Tasmota PulseTime); 0 leaves it alone.'),
});

/** Which devices are switched, and what for. */
export const Control = z.object({
  demandLimitW: z
    .number()
    .positive()
    .optional()
    .describe('Keep the mean import of each quarter-hour below this; leave out to switch nothing.'),
  marginW: z.number().nonnegative().default(100).describe('Kept free below the limit.'),
  meter: Name.optional().describe(
    'The meter whose demand is limited; the first grid meter if left out.',
  ),
  silentAfterS: z
    .number()
    .positive()
    .default(60)
    .describe('Silence of the meter after which devices go to their safe state.'),
  devices: z.array(Device).max(100).default([]),
});
