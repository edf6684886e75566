import type { Medium } from '@wattbus/energy-model';
import type { LedgerResult, LedgerState, RegisterResult } from './ledger.js';
import { booksOf, type AmountName } from './limits.js';

/** A register that goes on over replaced meters and full displays. Plain JSON. */
export interface Counter {
  /** Never falls: the meter's value and the offset, or more while a correction is made up for. */
  readonly value: number;
  /** What meters before this one, and displays that began again at 0, have counted. */
  readonly offset: number;
}

export type Counters = { readonly [name in AmountName]?: Counter };

/**
 * The counters after a reading, from what the ledger made of it. A register that is doubted is not
 * counted until the ledger believes it, so that a glitch is never seen here.
 */
export function nextCounters(
  counters: Counters,
  ledger: LedgerState,
  results: readonly LedgerResult[],
  medium: Medium,
): Counters {
  // What stands in for registers is none that the meter states.
  if (ledger.integral) return counters;
  let next = counters;
  for (const { amount } of booksOf[medium].registers) {
    const raw = ledger.registers[amount]?.base?.value;
    if (raw === undefined) continue;
    const before = counters[amount] ?? { value: raw, offset: 0 };
    const offset = results.reduce(
      (sum, result) => sum + (isOf(result, amount) ? shiftOf(result, medium) : 0),
      before.offset,
    );
    const value = Math.max(before.value, raw + offset);
    const isSame = counters[amount] && value === before.value && offset === before.offset;
    if (!isSame) next = { ...next, [amount]: { value, offset } };
  }
  return next;
}

const isOf = (result: LedgerResult, amount: AmountName): result is RegisterResult =>
  result.kind === 'register-event' && result.register === amount;

function shiftOf({ event, from, to }: RegisterResult, medium: Medium): number {
  switch (event) {
    case 'meter-exchange':
      return from - to;
    case 'rollover':
      return booksOf[medium].limits.rolloverAt.find((modulus) => modulus > from) ?? from - to;
    case 'clock-jump':
      return Math.max(0, from - to);
    case 'register-jump':
      return 0;
  }
}
