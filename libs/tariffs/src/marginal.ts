import type { Bill } from './bill.js';
import type { Calendar } from './calendar.js';
import type { BillFault, Pricer, Slot, Surroundings } from './component.js';
import { isValidOn } from './component.js';
import { kindOf, type Component } from './component-kinds.js';
import { boundsOver } from './components/tiered.js';
import { floor, minus, share, sumOf, times, toNumber, type Exact } from './exact.js';
import { growingBill, type GrowingBill } from './growing-bill.js';
import { periodOf, periodsOf } from './period-of-usage.js';
import type { Tariff } from './tariff.js';
import { SLOT_MS, type Usage } from './usage.js';

/** A price per kWh with all that comes on top of it, for a time. */
export interface PriceSpan {
  readonly startMs: number;
  readonly endMs: number;
  readonly pricePerKWh: number;
}

/** One watt-hour is too little to reach another block, and amounts are exact. */
const PROBE_WH = 1;
const PROBES_PER_KWH = share(1000, PROBE_WH);

/** A bill that grows, without any rounding in it. */
export type ExactBill = GrowingBill & { readonly isExact: true };

export const exactBill = (tariff: Tariff, usage: Usage, around: Surroundings): ExactBill =>
  Object.assign(growingBill(unrounded(tariff), usage, around), { isExact: true as const });

/**
 * What one more kilowatt-hour costs in each quarter-hour from an instant on, given all that the
 * period will have used at its end: of blocks, it is the one that is reached then. Times of one
 * price are one span. Demand is left out. Empty where the bill cannot be reckoned.
 */
export function marginalPrices(
  tariff: Tariff,
  bill: ExactBill,
  { fromMs, toMs, around }: { fromMs: number; toMs: number; around: Surroundings },
): readonly PriceSpan[] {
  const keyOf = priceKeys(tariff, around);
  const known = new Map<string, number | null>();
  const spans: PriceSpan[] = [];
  for (let startMs = fromMs; startMs < toMs; startMs += SLOT_MS) {
    const key = keyOf(startMs);
    if (!known.has(key)) known.set(key, marginal(bill, importProbe(startMs)));
    const pricePerKWh = known.get(key) ?? null;
    const last = spans.at(-1);
    if (pricePerKWh === null) break;
    const endMs = startMs + SLOT_MS;
    if (last?.pricePerKWh === pricePerKWh) spans[spans.length - 1] = { ...last, endMs };
    else spans.push({ startMs, endMs, pricePerKWh });
  }
  return spans;
}

/** What one kilowatt-hour fed in earns at an instant; null where the bill cannot be reckoned. */
export function exportValue(bill: ExactBill, atMs: number): number | null {
  const probe = { startMs: slotStart(atMs), energyImportWh: 0, energyExportWh: PROBE_WH };
  const value = marginal(bill, probe);
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
export function nextBlock(tariff: Tariff, usage: Usage, around: Surroundings): NextBlock | null {
  const usedWh = usage.slots.reduce((sum, slot) => sum + slot.energyImportWh, 0);
  const boundWh = tierBoundsWh(tariff, usage, around.calendar).find((bound) => bound >= usedWh);
  if (boundWh === undefined) return null;
  const bill = exactBill(tariff, usage, around);
  const at = (wh: number): Exact | null => exactTotal(bill([importSlot(usage, wh - usedWh)]));
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
const importSlot = ({ endMs }: Usage, energyImportWh: number): Slot => ({
  startMs: endMs - SLOT_MS,
  energyImportWh,
  energyExportWh: 0,
});

/** Where blocks of import end in a period, rising. */
function tierBoundsWh(tariff: Tariff, usage: Usage, calendar: Calendar): number[] {
  const bounds = periodsOf(tariff, usage, calendar).flatMap((part) => {
    const period = periodOf(tariff, part, calendar);
    return period.segments.flatMap(({ days }) =>
      tariff.components
        .filter(isTiered)
        .filter((component) => isValidOn(component, days[0]!.name))
        .flatMap((component) => boundsOver(component, { period, calendar })),
    );
  });
  const wholeWh = bounds.map((kWh) => Number(floor(times(kWh, share(1000, 1)))));
  return [...new Set(wholeWh)].sort((a, b) => a - b);
}

type Blocks = Extract<Component, { kind: 'tiered' | 'tiered-base' }>;
const isTiered = (component: Component): component is Blocks =>
  component.kind === 'tiered-base' ||
  (component.kind === 'tiered' && component.direction === 'import');

const slotStart = (atMs: number): number => Math.floor(atMs / SLOT_MS) * SLOT_MS;

const importProbe = (startMs: number): Slot => ({
  startMs,
  energyImportWh: PROBE_WH,
  energyExportWh: 0,
});

function marginal(bill: GrowingBill, probe: Slot): number | null {
  const [without, withProbe] = [exactTotal(bill([])), exactTotal(bill([probe]))];
  if (!without || !withProbe) return null;
  return toNumber(times(minus(withProbe, without), PROBES_PER_KWH));
}

const exactTotal = (bill: Bill | BillFault): Exact | null =>
  'fault' in bill ? null : sumOf([bill.groups.import, bill.groups.export, bill.groups.fixed]);

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

const pricedBySlot = (tariff: Tariff): readonly (readonly [Component, Pricer])[] =>
  tariff.components.flatMap((component): [Component, Pricer][] => {
    const pricer = kindOf(component).pricer?.(component);
    return pricer ? [[component, pricer]] : [];
  });

/** Quarter-hours in which every component has the same price have the same key. */
function priceKeys(tariff: Tariff, around: Surroundings): (atMs: number) => string {
  const priced = pricedBySlot(tariff);
  return (atMs) => {
    const { name } = around.calendar.dayOf(atMs);
    const prices = priced.map(([component, priceAt]) =>
      isValidOn(component, name) ? (priceAt(atMs, around)?.picoPerKWh ?? '?') : '-',
    );
    return prices.join(' ');
  };
}

const made = new WeakMap<Tariff, Tariff>();

/** The tariff without any step in it that one kilowatt-hour would take or miss by chance. */
function unrounded(tariff: Tariff): Tariff {
  const known = made.get(tariff);
  if (known) return known;
  const smooth: Tariff = {
    ...tariff,
    rounding: 'none',
    totalRounding: 'none',
    energyStepWh: 1,
    components: tariff.components.map((component) => ({
      ...component,
      rounding: 'none',
      ...(component.kind === 'tiered' ? { wholeKWh: false } : {}),
    })),
  };
  made.set(tariff, smooth);
  return smooth;
}
