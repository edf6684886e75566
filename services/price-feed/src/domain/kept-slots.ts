/** A price for a time, per kWh. */
export interface Slot {
  readonly startMs: number;
  readonly endMs: number;
  readonly price: number;
}

const DAY_MS = 86_400_000;
/** A missing price is the mean of seven days: so many stay on the bus for those who come anew. */
const DAYS_BACK = 8;
const DAYS_AHEAD = 3;
/** As many as the topic carries; of more, the oldest are left out. */
export const SLOTS_MAX = 2_000;

/** What is known with what has come: of two prices for the same time the new one stands. */
export function mergeSlots(
  known: readonly Slot[],
  news: readonly Slot[],
  nowMs: number,
): readonly Slot[] {
  const [fromMs, toMs] = [nowMs - DAYS_BACK * DAY_MS, nowMs + DAYS_AHEAD * DAY_MS];
  const kept = known.filter(
    (one) => !news.some(({ startMs, endMs }) => startMs < one.endMs && one.startMs < endMs),
  );
  return [...kept, ...news]
    .filter(({ startMs, endMs }) => endMs > fromMs && startMs < toMs)
    .sort((a, b) => a.startMs - b.startMs)
    .slice(-SLOTS_MAX);
}

export const priceAt = (slots: readonly Slot[], atMs: number): Slot | null =>
  slots.find(({ startMs, endMs }) => startMs <= atMs && atMs < endMs) ?? null;
