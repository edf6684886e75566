import { Instant, Name, quantityNames, type QuantityName } from '@wattbus/energy-model';
import { z } from 'zod';

export const HISTORY_ROWS_MAX = 5_000;

export const HistoryRequest = z.object({
  v: z.literal(1),
  /** Names the reply topic `history/reply/{client}`. */
  client: Name,
  /** Given back in the reply, so that a client can have several requests under way. */
  id: z.string().min(1).max(64),
  meter: Name,
  quantity: z.enum(quantityNames as [QuantityName, ...QuantityName[]]),
  /** From inclusive, to exclusive. */
  from: Instant,
  to: Instant,
  /** Width of a row; 0 gives the readings themselves. */
  resolutionS: z.int().nonnegative().max(86_400),
});
export type HistoryRequest = z.infer<typeof HistoryRequest>;

/**
 * Columns of equal length: `atMs` is the start of each row (Unix milliseconds). Gauges have
 * `mean`, `min` and `max`; registers and counts have `last`. Rows without readings are left out.
 */
export const HistoryReply = z.object({
  v: z.literal(1),
  id: z.string(),
  meter: Name,
  quantity: z.string(),
  resolutionS: z.int().nonnegative(),
  error: z.string().optional(),
  /** True where the range held more than the row limit and was cut at its end. */
  cut: z.boolean(),
  atMs: z.array(z.int()).max(HISTORY_ROWS_MAX),
  mean: z.array(z.number()).optional(),
  min: z.array(z.number()).optional(),
  max: z.array(z.number()).optional(),
  last: z.array(z.number()).optional(),
});
export type HistoryReply = z.infer<typeof HistoryReply>;
