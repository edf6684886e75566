import { dividedBy, toPico, type PicoPerKWh } from './money.js';

/** A price of the market for one slot of any length. Currency per kWh; may be negative. */
export interface PriceSlot {
  readonly startMs: number;
  readonly endMs: number;
  readonly price: number;
}

export interface SlotPrice {
  readonly picoPerKWh: PicoPerKWh;
  /** Stands in for a price that is not known (yet). */
  readonly estimated: boolean;
}

/** Prices of the market, looked up by the slot of a tariff. */
export interface SpotPrices {
  /**
   * The price of the tariff's slot of 15, 30 or 60 minutes that holds the moment; null where
   * nothing is known. Finer prices are averaged, coarser ones hold for all their parts. A slot
   * without a price takes the mean of the same slot on the seven days before, `estimated`.
   */
  at(atMs: number, slotMin: number): SlotPrice | null;
}

export const noPrices: SpotPrices = { at: () => null };

/** One price for ever, for reckoning without a market. */
export function constantPrice(price: number): SpotPrices {
  const always = { picoPerKWh: toPico(price), estimated: false };
  return { at: () => always };
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const ESTIMATE_DAYS = 7;

/** Order does not matter; of two prices for the same time the later in the list wins. */
export function createSpotPrices(slots: readonly PriceSlot[]): SpotPrices {
  const byStart = new Map(slots.map((slot) => [slot.startMs, slot]));
  const sorted = [...byStart.values()]
    .sort((a, b) => a.startMs - b.startMs)
    .map(({ startMs, endMs, price }) => ({ startMs, endMs, pico: toPico(price) }));
  const known = (startMs: number, endMs: number): PicoPerKWh | null =>
    meanOver(sorted, startMs, endMs);
  const estimate = (startMs: number, endMs: number): PicoPerKWh | null => {
    const before: PicoPerKWh[] = [];
    for (let days = 1; days <= ESTIMATE_DAYS; days += 1) {
      const pico = known(startMs - days * DAY_MS, endMs - days * DAY_MS);
      if (pico !== null) before.push(pico);
    }
    if (before.length === 0) return null;
    return dividedBy(
      before.reduce((sum, pico) => sum + pico, 0n),
      BigInt(before.length),
    );
  };
  return {
    at: (atMs, slotMin) => {
      const lengthMs = slotMin * MINUTE_MS;
      // Every zone's offset is a whole number of quarter-hours, and of slots where these are used.
      const startMs = Math.floor(atMs / lengthMs) * lengthMs;
      const price = known(startMs, startMs + lengthMs);
      if (price !== null) return { picoPerKWh: price, estimated: false };
      const stand = estimate(startMs, startMs + lengthMs);
      return stand === null ? null : { picoPerKWh: stand, estimated: true };
    },
  };
}

interface PicoSlot {
  readonly startMs: number;
  readonly endMs: number;
  readonly pico: PicoPerKWh;
}

/** The mean weighted by time; null unless the whole of it is covered. */
function meanOver(sorted: readonly PicoSlot[], startMs: number, endMs: number): PicoPerKWh | null {
  let sum = 0n;
  let reachedMs = startMs;
  for (let i = lastStartingBy(sorted, startMs); i >= 0 && i < sorted.length; i += 1) {
    const slot = sorted[i]!;
    if (slot.startMs > reachedMs) break;
    const untilMs = Math.min(slot.endMs, endMs, sorted[i + 1]?.startMs ?? Infinity);
    if (untilMs > reachedMs) sum += slot.pico * BigInt(untilMs - reachedMs);
    reachedMs = Math.max(reachedMs, untilMs);
    if (reachedMs >= endMs) return dividedBy(sum, BigInt(endMs - startMs));
  }
  return null;
}

function lastStartingBy(sorted: readonly PicoSlot[], atMs: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]!.startMs <= atMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
