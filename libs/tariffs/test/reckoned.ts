import { billOf, type Bill } from '../src/bill.js';
import { createCalendar } from '../src/calendar.js';
import type { Slot, Surroundings } from '../src/component.js';
import { ordinaryDays } from '../src/day-types.js';
import { toNumber } from '../src/exact.js';
import { noPrices } from '../src/spot-prices.js';
import { Tariff } from '../src/tariff.js';
import { spreadEvenly, type Usage } from '../src/usage.js';

export const calendar = createCalendar('Europe/Brussels');
export const around: Surroundings = { calendar, prices: noPrices, dayTypes: ordinaryDays };

export const tariffOf = (components: readonly object[], rest: object = {}): Tariff =>
  Tariff.parse({ name: 'test', currency: 'EUR', components, ...rest });

export const usageOf = (from: string, to: string, energy: number | readonly Slot[]): Usage => {
  const span = {
    startMs: calendar.dayNamed(from)!.startMs,
    endMs: calendar.dayNamed(to)!.startMs,
  };
  return { ...span, slots: typeof energy === 'number' ? spreadEvenly(span, energy) : energy };
};

export function reckoned(tariff: Tariff, usage: Usage, by: Surroundings = around): Bill {
  const bill = billOf(tariff, usage, by);
  if ('fault' in bill) throw new Error(bill.fault);
  return bill;
}

export const amounts = ({ lines, total }: Bill): Record<string, number> => ({
  ...Object.fromEntries(lines.map(({ id, amount }) => [id, toNumber(amount)])),
  total: toNumber(total),
});
