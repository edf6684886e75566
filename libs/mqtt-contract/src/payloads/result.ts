import { Instant, Medium, Name, Role } from '@wattbus/energy-model';
import { z } from 'zod';

export const Wh = z.int();
export const Money = z.number();
export const Share = z.number().min(0).max(1);

/** What every result says of itself: whose, until when, and from which readings. */
export const Result = {
  v: z.literal(1),
  meter: Name,
  medium: Medium,
  role: Role,
  /** Meter time of the newest reading in the result. */
  at: Instant,
  epoch: z.string(),
  /** The newest reading in the result: of two results, the one with the greater `seq` stands. */
  seq: z.int().nonnegative(),
};

/** As much of a result as tells which of two stands. */
export const ResultStamp = z.object({ meter: Name, epoch: Result.epoch, seq: Result.seq });
export type ResultStamp = z.infer<typeof ResultStamp>;

/** Energy, volume or heat in a span; only the fields of the meter's medium are there. */
export const Amounts = {
  importWh: Wh.optional(),
  exportWh: Wh.optional(),
  volumeL: z.int().optional(),
  heatJ: z.int().optional(),
};

export const Span = { from: Instant, to: Instant };

/** Why, for people, in each language of the page. */
export const Reasons = z.object({ en: z.string(), ko: z.string() });
export type Reasons = z.infer<typeof Reasons>;

/**
 * What a result of weeks says beside its numbers: the time that they are about, how much of what
 * they need is known, and a sentence for people.
 */
export const Explained = {
  ...Result,
  ...Span,
  /** 0 to 1; each result says of what. */
  coverage: Share,
  reasons: Reasons,
};
