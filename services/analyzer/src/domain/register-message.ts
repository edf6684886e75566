import { booksOf } from '@wattbus/load-analysis';
import type { RegisterAnalysis } from '@wattbus/mqtt-contract';
import type { MeterState } from './meter-state.js';

/** The registers that go on over replaced meters; null for a meter that states none. */
export function registerMessage(state: MeterState): RegisterAnalysis | null {
  const { meter, medium, role, at, epoch, seq, counters = {} } = state;
  const stated = booksOf[medium].registers.flatMap(({ quantity, amount }) => {
    const counter = counters[amount];
    return counter ? [[quantity, counter] as const] : [];
  });
  if (stated.length === 0) return null;
  return { v: 1, meter, medium, role, at, epoch, seq, ...Object.fromEntries(stated) };
}
