import { Instant } from '@wattbus/energy-model';
import { z } from 'zod';
import { Money, Result } from './result.js';

const ExpectedBill = z.object({ importWh: z.int(), total: Money });

/** The bill that is open, line by line, and what it will come to. */
export const BillAnalysis = z.object({
  ...Result,
  currency: z.string().length(3),
  tariff: z.string(),
  /** From the first to the first day that is on the next bill. */
  period: z.object({ from: Instant, to: Instant }),
  /** Share of the period so far of which the usage is known, 0 to 1. */
  coverage: z.number().min(0).max(1),
  /** A price of the market is not known yet, and a likely one stands for it. */
  provisional: z.boolean(),
  importWh: z.int(),
  /** What today has added to the bill, with a day's share of the fixed charges. */
  today: Money.nullable(),
  /** The bill if nothing more were used: lines as the supplier writes them, and their sum. */
  lines: z.array(z.object({ id: z.string(), title: z.string(), amount: Money })).max(1_000),
  total: Money,
  /** With 80 % likelihood between p10 and p90; null before the first whole day. */
  forecast: z.object({ p10: ExpectedBill, p50: ExpectedBill, p90: ExpectedBill }).nullable(),
  /** Null where no dearer (or cheaper) block of energy is left. */
  nextBlock: z
    .object({
      /** Import of the period up to which the block before it reaches. */
      fromWh: z.int(),
      pricePerKWh: Money,
      /** What reaching it adds at once. */
      jump: Money,
      /** When it is reached as things go; null where that is not within the period. */
      reachedAt: Instant.nullable(),
    })
    .nullable(),
  /** What one kilowatt-hour more costs with all that comes on top, now and later. */
  price: z.object({
    now: Money.nullable(),
    /** What one that is fed in earns now. */
    export: Money.nullable(),
    slots: z.array(z.object({ start: Instant, end: Instant, pricePerKWh: Money })).max(200),
  }),
  /** The month's highest demand and what it costs; null where demand is not billed. */
  capacity: z
    .object({
      peakW: z.number(),
      peakAt: Instant.nullable(),
      /** In all the bills that the month counts in. */
      cost: Money,
      costPerKW: Money.nullable(),
      bills: z.int(),
    })
    .nullable(),
  /** The same for people. */
  reasons: z.array(z.object({ en: z.string(), ko: z.string() })).max(10),
});
export type BillAnalysis = z.infer<typeof BillAnalysis>;
