import { Instant, Name } from '@wattbus/energy-model';
import { z } from 'zod';

/** Switch a device. Never retained; a device that gets it after `expiresAt` ignores it. */
export const DeviceCommand = z.object({
  v: z.literal(1),
  id: z.string().min(1).max(64),
  issuedAt: Instant,
  expiresAt: Instant,
  on: z.boolean(),
  reason: z.string().max(400),
});
export type DeviceCommand = z.infer<typeof DeviceCommand>;

export const DeviceState = z.object({
  v: z.literal(1),
  device: Name,
  at: Instant,
  desired: z.boolean().nullable(),
  reported: z.boolean().nullable(),
  availability: z.enum(['online', 'offline', 'unknown']),
  /** Which rule decided, in order of precedence (`demand-limit`, `meter-silent` …). */
  decidedBy: z.string(),
  reason: z.string(),
  /** The decision stands at least until then (minimum on or off time). */
  until: Instant.nullable(),
  commandsSent: z.int().nonnegative(),
  commandsUnacknowledged: z.int().nonnegative(),
});
export type DeviceState = z.infer<typeof DeviceState>;
