import type { Calendar } from './calendar.js';
import { isValidOn, type Slot, type Surroundings } from './component.js';
import type { Component } from './component-kinds.js';
import { boundsOver } from './components/tiered.js';
import { exactBill, pricedBySlot, type ExactBill } from './exact-bill.js';
import { floor, minus, share, times, toNumber } from './exact.js';
import { summedPeriods, type SummedUsage } from './period-of-usage.js';
import type { Tariff } from './tariff.js';
import { SLOT_MS } from './usage.js';

/** A price per kWh with all that comes on top of it, for a time. */
export interface PriceSpan {
  readonly startMs: number;
  readonly endMs: number;
  readonly pricePerKWh: number;
}

/**
 * What one more kilowatt-hour costs in each quarter-hour from an instant on, given all that the
 * period will have used at its end: of blocks, it is the one that is reached then. Times of one
 * price are one span. Demand is left out. Empty where the bill cannot be reckoned.
 */
export function marginalPrices(
  bill: ExactBill,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): readonly PriceSpan[] {
  const spans: PriceSpan[] = [];
  for (let startMs = fromMs; startMs < toMs; startMs += SLOT_MS) {
    const pricePerKWh = bill.priceAt('import', startMs);
    if (pricePerKWh === null) break;
    const last = spans.at(-1);
    const endMs = startMs + SLOT_MS;
    if (last?.pricePerKWh === pricePerKWh) spans[spans.length - 1] = { ...last, endMs };
    else spans.push({ startMs, endMs, pricePerKWh });
  }
  return spans;
}

/** What one kilowatt-hour fed in earns at an instant; null where the bill cannot be reckoned. */
export function exportValue(bill: ExactBill, atMs: number): number | null {
  const value = bill.priceAt('export', atMs);
  return value === null ? null : 0 - value;
}

export interface NextBlock {
  /** Import of the period up to which the block before it reaches. */
  readonly fromWh: number;
  /** What a kilowatt-hour costs in it, with all that comes on top. */
  readonly pricePerKWh: number;
  /** What the first kilowatt-hour in it adds at once: a higher basic charge. */
  readonly jump: number;
}

/** The next block above what a period has used; null where there is none. */
export function nextBlock(
  tariff: Tariff,
  usage: SummedUsage,
  around: Surroundings,
): NextBlock | null {
  const usedWh = usage.days.reduce((sum, { meteredWh }) => sum + meteredWh, 0);
  const boundWh = tierBoundsWh(tariff, usage, around.calendar).find((bound) => bound >= usedWh);
  if (boundWh === undefined) return null;
  const { total } = exactBill(tariff, usage, around);
  const at = (wh: number) => total([importSlot(usage, wh - usedWh)]);
  const [below, first, second] = [at(boundWh), at(boundWh + 1), at(boundWh + 2)];
  if (!below || !first || !second) return null;
  const perWh = minus(second, first);
  return {
    fromWh: boundWh,
    pricePerKWh: toNumber(times(perWh, share(1000, 1))),
    jump: toNumber(minus(minus(first, below), perWh)),
  };
}

/** Energy that more use would take, at the end of the period. */
const importSlot = ({ endMs }: SummedUsage, energyImportWh: number): Slot => ({
  startMs: endMs - SLOT_MS,
  energyImportWh,
  energyExportWh: 0,
});

/** Where blocks of import end in a period, rising. */
function tierBoundsWh(tariff: Tariff, usage: SummedUsage, calendar: Calendar): number[] {
  const blocks = tariff.components.filter(isTiered);
  if (blocks.length === 0) return [];
  const bounds = summedPeriods(tariff, usage, calendar).flatMap((period) =>
    period.segments.flatMap(({ days }) =>
      blocks
        .filter((component) => isValidOn(component, days[0]!.name))
        .flatMap((component) => boundsOver(component, { period, calendar })),
    ),
  );
  const wholeWh = bounds.map((kWh) => Number(floor(times(kWh, share(1000, 1)))));
  return [...new Set(wholeWh)].sort((a, b) => a - b);
}

type Blocks = Extract<Component, { kind: 'tiered' | 'tiered-base' }>;
const isTiered = (component: Component): component is Blocks =>
  component.kind === 'tiered-base' ||
  (component.kind === 'tiered' && component.direction === 'import');

/** Whether a price of the market that is not known went into what some quarter-hours cost. */
export const isEstimated = (
  tariff: Tariff,
  slots: readonly Slot[],
  around: Surroundings,
): boolean => {
  const priced = pricedBySlot(tariff);
  return slots.some(({ startMs }) => {
    const { name } = around.calendar.dayOf(startMs);
    return priced.some(
      ([component, priceAt]) =>
        isValidOn(component, name) && (priceAt(startMs, around)?.estimated ?? true),
    );
  });
};
