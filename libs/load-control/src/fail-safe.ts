/** How much the newest reading can be trusted to be about now. */
export type Freshness = 'fresh' | 'old' | 'silent';

/** Younger readings are never old, however often the meter speaks. */
const OLD_MS_MIN = 15_000;
const OLD_INTERVALS = 3;

export interface MeterSilence {
  /** When the last reading came, or since when one is waited for. */
  readonly heardAtMs: number;
  /** How often readings come; null before the second one. */
  readonly intervalMs: number | null;
  readonly silentAfterMs: number;
}

/**
 * `old`: nothing is switched on any more, and the demand limit reckons with more than it knows.
 * `silent`: every device goes to its safe state.
 */
export function freshnessOf(meter: MeterSilence, nowMs: number): Freshness {
  const ageMs = nowMs - meter.heardAtMs;
  if (ageMs > meter.silentAfterMs) return 'silent';
  return ageMs > Math.max(OLD_MS_MIN, OLD_INTERVALS * (meter.intervalMs ?? 0)) ? 'old' : 'fresh';
}
