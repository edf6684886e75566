import type { MeterState } from '@wattbus/mqtt-contract';

/** How the way to the meter is; times are monotonic milliseconds. */
export interface Link {
  readonly open: boolean;
  readonly reason: string;
  readonly openedAtMs: number;
  readonly lastReadingAtMs: number | null;
}

export type LinkInput =
  | { readonly kind: 'opened'; readonly nowMs: number }
  | { readonly kind: 'ended'; readonly nowMs: number; readonly reason: string }
  | { readonly kind: 'reading'; readonly nowMs: number };

export const newLink = (nowMs: number): Link => ({
  open: false,
  reason: 'not opened yet',
  openedAtMs: nowMs,
  lastReadingAtMs: null,
});

export function stepLink(link: Link, input: LinkInput): Link {
  switch (input.kind) {
    case 'opened':
      return { ...link, open: true, reason: '', openedAtMs: input.nowMs };
    case 'ended':
      return { ...link, open: false, reason: input.reason };
    case 'reading':
      return { ...link, lastReadingAtMs: input.nowMs };
  }
}

/** Silence counts from the last reading, or from the opening where there was none yet. */
export function linkState(
  { open, reason, openedAtMs, lastReadingAtMs }: Link,
  nowMs: number,
  staleAfterMs: number,
): Pick<MeterState, 'link' | 'reason'> {
  if (!open) return { link: 'offline', reason };
  const silentMs = nowMs - Math.max(openedAtMs, lastReadingAtMs ?? 0);
  if (silentMs < staleAfterMs) {
    return lastReadingAtMs === null
      ? { link: 'stale', reason: 'open, waiting for the first telegram' }
      : { link: 'online', reason: '' };
  }
  const since = `no readable telegram for ${Math.floor(silentMs / 1000)} s`;
  return {
    link: 'stale',
    reason: `${since}; check the cable, the meter's port and the baud rate`,
  };
}

/** A line without a telegram for this many stale times is opened anew: it may be half open. */
const REOPEN_STALE_TIMES = 5;

export function shouldReopen(link: Link, nowMs: number, staleAfterMs: number): boolean {
  const silentMs = nowMs - Math.max(link.openedAtMs, link.lastReadingAtMs ?? 0);
  return link.open && silentMs > REOPEN_STALE_TIMES * staleAfterMs;
}
