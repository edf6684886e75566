import type { AmountName } from './limits.js';
import type { Booking } from './register.js';
import { quarterStart, QUARTER_MS, spread } from './spread.js';

/** Amounts by name, in the order of the medium's registers; only those that the meter states. */
export type Amounts = { readonly [name in AmountName]?: number };

/**
 * How well a quarter-hour is known. `estimated`: some of it was spread over a gap. `partial`: the
 * ledger began within it. Neither is a measurement, so neither makes a peak or trains a model.
 */
export type QuarterQuality = 'measured' | 'estimated' | 'partial';

export interface Quarter {
  readonly startMs: number;
  readonly amounts: Amounts;
  readonly quality: QuarterQuality;
}

/** Quarter-hours that are not closed yet, in order of time. */
export type OpenQuarters = readonly Quarter[];

export interface BookedQuarters {
  readonly open: OpenQuarters;
  /** What fell into quarter-hours already closed. */
  readonly late: number;
}

/** Puts a booking into the quarter-hours that it touches. */
export function bookQuarters(
  open: OpenQuarters,
  closedUntilMs: number,
  name: AmountName,
  booking: Booking,
): BookedQuarters {
  const last = open.at(-1);
  if (last && last.startMs <= booking.fromMs && booking.toMs <= last.startMs + QUARTER_MS) {
    return { open: open.with(-1, added(last, name, booking)), late: 0 };
  }
  const quarters = new Map(open.map((quarter) => [quarter.startMs, quarter]));
  let late = 0;
  for (const { startMs, amount } of spread(booking)) {
    if (startMs < closedUntilMs) {
      late += amount;
      continue;
    }
    const quarter = quarters.get(startMs) ?? { startMs, amounts: {}, quality: 'measured' };
    quarters.set(startMs, added(quarter, name, { ...booking, amount }));
  }
  return { open: [...quarters.values()].sort((a, b) => a.startMs - b.startMs), late };
}

/** The quarter-hour in which the ledger, or a register of it, begins. */
export function beginQuarter(open: OpenQuarters, atMs: number): OpenQuarters {
  const startMs = quarterStart(atMs);
  if (atMs === startMs || open.some((quarter) => quarter.startMs === startMs)) return open;
  return [...open, { startMs, amounts: {}, quality: 'partial' as const }].sort(
    (a, b) => a.startMs - b.startMs,
  );
}

function added(quarter: Quarter, name: AmountName, { amount, estimated }: Booking): Quarter {
  const { startMs, amounts, quality } = quarter;
  return {
    startMs,
    amounts: { ...amounts, [name]: (amounts[name] ?? 0) + amount },
    quality: estimated && quality === 'measured' ? 'estimated' : quality,
  };
}

/** Sums by name; a name is there if either side has it. */
export function addAmounts(a: Amounts, b: Amounts): Amounts {
  const sum: { [name in AmountName]?: number } = { ...a };
  for (const name of Object.keys(b) as AmountName[]) sum[name] = (sum[name] ?? 0) + b[name]!;
  return sum;
}
