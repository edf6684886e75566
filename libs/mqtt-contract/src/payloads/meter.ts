import { Instant, Medium, Name, Reading, Role } from '@wattbus/energy-model';
import { z } from 'zod';
import { Reasons } from './result.js';

export const MeterState = z.object({
  v: z.literal(1),
  meter: Name,
  at: Instant,
  medium: Medium,
  role: Role,
  protocol: z.string(),
  /** Device path or `tcp://host:port` that the meter hangs on. */
  port: z.string(),
  link: z.enum(['online', 'stale', 'offline']),
  /** Why it is stale or offline, and what to do; empty when online. */
  reason: z.string(),
  identification: z.object({
    id: z.string().optional(),
    manufacturer: z.string().optional(),
    model: z.string().optional(),
  }),
  lastReadingAt: Instant.nullable(),
  telegrams: z.int().nonnegative(),
  /** Faults since the service's start, by code (`checksum`, `truncated` …). */
  faults: z.record(z.string(), z.int().nonnegative()),
});
export type MeterState = z.infer<typeof MeterState>;

export const MeterEvent = z.object({
  v: z.literal(1),
  meter: Name,
  at: Instant,
  kind: z.enum([
    'replaced',
    'rollover',
    'register-jump',
    'outage',
    'likely-outage',
    'data-gap',
    'power-failure',
    'long-power-failure',
    'voltage-sag',
    'voltage-swell',
    'voltage-low',
    'voltage-normal',
    'voltage-out-of-band',
    'anomaly-opened',
    'anomaly-closed',
  ]),
  detail: z.string(),
  durationS: z.number().nonnegative().optional(),
  /** The same for people, where it was worth a sentence. */
  reasons: Reasons.optional(),
  /** False where people were told of the same within a day. */
  notify: z.boolean().optional(),
});
export type MeterEvent = z.infer<typeof MeterEvent>;

/** Which readings of the meter the journal holds. `first > last` when it holds none. */
export const JournalPosition = z.object({
  v: z.literal(1),
  epoch: z.string().min(1).max(40),
  first: z.int().nonnegative(),
  last: z.int().nonnegative(),
});
export type JournalPosition = z.infer<typeof JournalPosition>;

/** The newest reading that a consumer has made durable, with all before it. */
export const ConsumerCursor = z.object({
  v: z.literal(1),
  epoch: z.string().min(1).max(40),
  seq: z.int().nonnegative(),
});
export type ConsumerCursor = z.infer<typeof ConsumerCursor>;

export const REPLAY_PAGE_READINGS_MAX = 500;

export const ReplayRequest = z.object({
  v: z.literal(1),
  /** Names the reply topic; unique per process. */
  consumer: Name,
  epoch: z.string().min(1).max(40),
  fromSeq: z.int().positive(),
  limit: z.int().positive().max(REPLAY_PAGE_READINGS_MAX),
});
export type ReplayRequest = z.infer<typeof ReplayRequest>;

/**
 * Readings from `fromSeq` on, in order. A number missing among them, or up to `last` where there are
 * none, is lost for good (retention, damage).
 */
export const ReplayPage = z.object({
  v: z.literal(1),
  epoch: z.string().min(1).max(40),
  fromSeq: z.int().positive(),
  first: z.int().nonnegative(),
  last: z.int().nonnegative(),
  readings: z.array(Reading).max(REPLAY_PAGE_READINGS_MAX),
});
export type ReplayPage = z.infer<typeof ReplayPage>;
