import { priceAt, type Slot } from './kept-slots.js';

/** Something about prices that a person should know; `active: false` takes it back. */
export interface PriceAlert {
  readonly name: 'prices-missing' | 'prices-negative';
  readonly active: boolean;
  readonly text: string;
}

/** Since when no price of now has been known, and which alerts were raised. */
export interface WatchState {
  readonly missingSinceMs: number | null;
  /** Null before the first look: the bus may have kept alerts of an earlier life. */
  readonly raised: ReadonlySet<PriceAlert['name']> | null;
}

export const initialWatch: WatchState = { missingSinceMs: null, raised: null };

const MINUTE_MS = 60_000;

export interface WatchInput {
  readonly slots: readonly Slot[];
  readonly nowMs: number;
  readonly staleAfterMs: number;
  /** Why the last fetch failed; empty where it did not. */
  readonly reason: string;
}

/** Looks at the price of now: what has to be raised, and what can be taken back. */
export function watchPrices(
  state: WatchState,
  { slots, nowMs, staleAfterMs, reason }: WatchInput,
): { readonly state: WatchState; readonly alerts: readonly PriceAlert[] } {
  const now = priceAt(slots, nowMs);
  const missingSinceMs = now ? null : (state.missingSinceMs ?? nowMs);
  const wanted: PriceAlert[] = [
    {
      name: 'prices-missing',
      active: missingSinceMs !== null && nowMs - missingSinceMs >= staleAfterMs,
      text: now
        ? 'Prices are known again.'
        : `No price of now for ${Math.round((nowMs - (missingSinceMs ?? nowMs)) / MINUTE_MS)} min: ` +
          `costs are estimates. ${reason === '' ? 'The feed says nothing new.' : reason}`,
    },
    {
      name: 'prices-negative',
      active: now !== null && now.price < 0,
      text:
        now !== null && now.price < 0
          ? `The market price is below zero until ${new Date(endOfNegative(slots, now)).toISOString()}.`
          : 'The market price is no longer below zero.',
    },
  ];
  const before = state.raised;
  const alerts = wanted.filter(({ name, active }) => active !== before?.has(name));
  const raised = new Set(wanted.filter(({ active }) => active).map(({ name }) => name));
  return { state: { missingSinceMs, raised }, alerts };
}

function endOfNegative(slots: readonly Slot[], now: Slot): number {
  let { endMs } = now;
  for (let next = priceAt(slots, endMs); next && next.price < 0; next = priceAt(slots, endMs)) {
    endMs = next.endMs;
  }
  return endMs;
}
