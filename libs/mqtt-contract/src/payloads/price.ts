import { Instant } from '@wattbus/energy-model';
import { z } from 'zod';

/** Which of the two: energy that is taken, or energy that is fed in. */
export const priceDirections = ['import', 'export'] as const;
export type PriceDirection = (typeof priceDirections)[number];

/** Eight days of quarter-hours back and two to come, and as much again. */
const SLOTS_MAX = 2_000;

/** Prices of the market in slots of any length, before the tariff's own additions and taxes. */
const PricesInUnit = z.object({
  v: z.literal(1).optional(),
  /** `EUR/kWh` or `EUR/MWh`. */
  unit: z.string().regex(/^[A-Z]{3}\/(kWh|MWh)$/, 'must be as EUR/kWh'),
  /** Who says so. */
  source: z.string().max(200),
  slots: z
    .array(z.object({ start: Instant, end: Instant, price: z.number() }))
    .min(1)
    .max(SLOTS_MAX),
});

/** The same as other programs write it: `value` per kWh, in the currency of the tariff. */
const BareSlots = z
  .array(z.object({ start: Instant, end: Instant, value: z.number() }))
  .min(1)
  .max(SLOTS_MAX);

export const MarketPrices = z.union([PricesInUnit, BareSlots]);
export type MarketPrices = z.infer<typeof MarketPrices>;

export interface MarketSlot {
  readonly startMs: number;
  readonly endMs: number;
  readonly price: number;
}

/** The slots of a message, per kWh; those that end before they begin are left out. */
export function slotsOfPrices(message: MarketPrices): MarketSlot[] {
  const slots = Array.isArray(message)
    ? message.map(({ start, end, value }) => ({ start, end, price: value }))
    : message.slots;
  const perKWh = !Array.isArray(message) && message.unit.endsWith('/MWh') ? 1_000 : 1;
  return slots
    .map(({ start, end, price }) => ({
      startMs: Date.parse(start),
      endMs: Date.parse(end),
      price: price / perKWh,
    }))
    .filter(({ startMs, endMs }) => endMs > startMs);
}
