import { z } from 'zod';
import { quantities, quantityNames, type Measured } from './quantities.js';

/** A name that is one MQTT topic level: no `/`, `+`, `#`, blanks or control characters. */
export const Name = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/,
    'must be 1–64 letters, digits, ".", "_" or "-", starting with a letter or digit',
  );

/** ISO 8601 with offset, or UTC with `Z`; milliseconds optional. */
export const Instant = z.iso.datetime({ offset: true });

export const media = ['electricity', 'gas', 'water', 'hot-water', 'heat', 'cooling'] as const;
export const Medium = z.enum(media);
export type Medium = z.infer<typeof Medium>;

/** What the meter stands for in the home; the analysis of the whole site is built from roles. */
export const roles = ['grid', 'pv', 'battery', 'ev', 'consumer', 'gas', 'water', 'heat'] as const;
export const Role = z.enum(roles);
export type Role = z.infer<typeof Role>;

const measuredShape = Object.fromEntries(
  quantityNames.map((name) => [
    name,
    quantities[name].integer ? z.int().optional() : z.number().optional(),
  ]),
);

/** Equipment identifiers have up to 96 characters (DSMR 5, IEC 62056-61 object 0-0:96.1.x). */
export const METER_ID_LENGTH_MAX = 96;

/**
 * One accepted telegram of one meter.
 *
 * `epoch` and `seq` (1, 2, 3 … per meter and epoch) are the reading's identity in the journal;
 * `at` is the meter's own time, made strictly increasing per meter, and is its identity in the
 * time-series store. Quantities are those of the table; unknown fields are ignored.
 */
export const Reading: z.ZodType<Reading, Reading> = z.object({
  v: z.literal(1),
  meter: Name,
  medium: Medium,
  role: Role,
  epoch: z.string().min(1).max(40),
  seq: z.int().positive(),
  at: Instant,
  receivedAt: Instant,
  /** Who gave `at`: the meter, our clock because the meter has none, or the rule "always later". */
  atSource: z.enum(['meter', 'received', 'adjusted']),
  /** `checked`: a checksum of the protocol covered it. `unchecked`: the protocol has none. */
  quality: z.enum(['checked', 'unchecked']),
  /** The meter's own serial number, where a checksum covered it: another one is another meter. */
  meterId: z.string().min(1).max(METER_ID_LENGTH_MAX).optional(),
  /** When the month's peak demand occurred, as the meter states it. */
  demandImportPeakMonthAt: Instant.optional(),
  ...measuredShape,
}) as unknown as z.ZodType<Reading, Reading>;

export type Reading = Measured & {
  v: 1;
  meter: string;
  medium: Medium;
  role: Role;
  epoch: string;
  seq: number;
  at: string;
  receivedAt: string;
  atSource: 'meter' | 'received' | 'adjusted';
  quality: 'checked' | 'unchecked';
  meterId?: string;
  demandImportPeakMonthAt?: string;
};
