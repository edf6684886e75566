import { Instant, Name } from '@wattbus/energy-model';
import { z } from 'zod';
import { serviceRoles } from '../topic.js';

export const ServiceHealth = z.object({
  v: z.literal(1),
  service: z.enum(serviceRoles),
  instance: Name,
  at: Instant,
  since: Instant,
  version: z.string(),
  state: z.enum(['starting', 'ready', 'degraded', 'stopped', 'lost']),
  /** Why it is degraded and what to do; empty when all is well. */
  reason: z.string(),
  memoryBytes: z.int().nonnegative(),
  /** Everything that the service counts since its start, by name. */
  counters: z.record(z.string(), z.number()),
});
export type ServiceHealth = z.infer<typeof ServiceHealth>;

/** A message that broke the contract, and why; the payload is cut to 500 characters. */
export const Rejected = z.object({
  v: z.literal(1),
  at: Instant,
  topic: z.string(),
  reason: z.string(),
  payload: z.string().max(500),
});
export type Rejected = z.infer<typeof Rejected>;

/** A point that the store refuses for good. The same line stands in the dead-letter file. */
export const DeadLetter = z.object({
  v: z.literal(1),
  at: Instant,
  reason: z.string(),
  point: z.record(z.string(), z.unknown()),
});
export type DeadLetter = z.infer<typeof DeadLetter>;

/** Something a person should act on; retained while it lasts, cleared by `active: false`. */
export const Alert = z.object({
  v: z.literal(1),
  at: Instant,
  active: z.boolean(),
  severity: z.enum(['warning', 'critical']),
  text: z.string(),
});
export type Alert = z.infer<typeof Alert>;
