import { billOfParts } from './bill.js';
import { isValidOn, type Pricer, type Slot, type Surroundings } from './component.js';
import { kindOf, type Component } from './component-kinds.js';
import { minus, share, sumOf, times, toNumber, type Exact } from './exact.js';
import { basesOf } from './growing-bill.js';
import {
  withSegment,
  withSlots,
  type BasisSegment,
  type PeriodBasis,
  type SummedUsage,
} from './period-of-usage.js';
import type { Tariff } from './tariff.js';

/** A bill without any rounding in it, so that it can be asked for what one more watt-hour costs. */
export interface ExactBill {
  /** With some quarter-hours more; null where it cannot be reckoned. */
  readonly total: (slots: readonly Slot[]) => Exact | null;
  /** What one more kilowatt-hour taken, or fed in, adds at an instant; null likewise. */
  readonly priceAt: (direction: Direction, atMs: number) => number | null;
}

type Direction = 'import' | 'export';

/**
 * How the bill answers to energy in one segment. It is made of straight lines, so an answer holds
 * for every price: all quarter-hours of a segment share it.
 */
interface Answer {
  /** What a kilowatt-hour adds whatever its own price. */
  readonly base: number;
  /** By how much what the quarter-hour's own prices say is multiplied. */
  readonly priced: readonly {
    readonly priceAt: Pricer;
    readonly factor: number;
  }[];
}

/** One watt-hour is too little to reach another block, and amounts are exact. */
const PROBES_PER_KWH = share(1000, 1);
/** One watt-hour at a price of 1: Wh · pico-currency per kWh. */
const PROBE_PICO_WH = 1_000_000_000_000n;
const PICO = 1e12;

export function exactBill(tariff: Tariff, usage: SummedUsage, around: Surroundings): ExactBill {
  const bases = basesOf(tariff, usage, around.calendar, true);
  if ('fault' in bases) return { total: () => null, priceAt: () => null };
  const totalOf = (parts: readonly PeriodBasis[]): Exact | null => {
    const bill = billOfParts(tariff, parts, around);
    if ('fault' in bill) return null;
    return sumOf([bill.groups.import, bill.groups.export, bill.groups.fixed]);
  };
  const before = totalOf(bases);
  const answers = new Map<string, Answer | null>();
  const answerIn = (direction: Direction, basis: PeriodBasis, own: BasisSegment): Answer | null => {
    const grown = (segment: BasisSegment): number | null => {
      const other = withSegment(basis, own, segment);
      const after = totalOf(bases.map((one) => (one === basis ? other : one)));
      return before && after && toNumber(times(minus(after, before), PROBES_PER_KWH));
    };
    return answerOf(tariff, { direction, segment: own, grown });
  };
  return {
    total: (slots) => totalOf(bases.map((basis) => withSlots(basis, slots))),
    priceAt: (direction, atMs) => {
      const basis = bases.findLast(({ startMs }) => startMs <= atMs) ?? bases[0]!;
      const index = segmentAt(basis, atMs);
      const key = `${direction} ${basis.startMs} ${index}`;
      if (!answers.has(key)) {
        answers.set(key, answerIn(direction, basis, basis.segments[index]!));
      }
      return priceBy(answers.get(key) ?? null, atMs, around);
    },
  };
}

const segmentAt = ({ segments }: PeriodBasis, atMs: number): number =>
  Math.max(
    0,
    segments.findLastIndex(({ days }) => days[0]!.startMs <= atMs),
  );

interface Probed {
  readonly direction: Direction;
  readonly segment: BasisSegment;
  /** What the bill grows by with another segment, for a kilowatt-hour. */
  readonly grown: (segment: BasisSegment) => number | null;
}

function answerOf(tariff: Tariff, { direction, segment, grown }: Probed): Answer | null {
  const energy = direction === 'import' ? 'importWh' : 'exportWh';
  const base = grown({ ...segment, [energy]: segment[energy] + 1 });
  if (base === null) return null;
  const priced: { priceAt: Pricer; factor: number }[] = [];
  for (const [component, priceAt] of pricedBySlot(tariff)) {
    const isIn = isValidOn(component, segment.days[0]!.name);
    if (!isIn || kindOf(component).group(component) !== direction) continue;
    const { picoWh, estimated } = segment.sums?.get(component) ?? noSum;
    const more = { picoWh: picoWh + PROBE_PICO_WH, estimated };
    const sums = new Map(segment.sums).set(component, more);
    const factor = grown({ ...segment, sums });
    if (factor === null) return null;
    priced.push({ priceAt, factor });
  }
  return { base, priced };
}

const noSum = { picoWh: 0n, estimated: false };

function priceBy(answer: Answer | null, atMs: number, around: Surroundings): number | null {
  if (!answer) return null;
  let { base: price } = answer;
  for (const { priceAt, factor } of answer.priced) {
    const own = priceAt(atMs, around);
    if (own === null) return null;
    price += (factor * Number(own.picoPerKWh)) / PICO;
  }
  return price;
}

/** The components that have a price at every moment. */
export const pricedBySlot = (tariff: Tariff): readonly (readonly [Component, Pricer])[] => {
  const known = priced.get(tariff);
  if (known) return known;
  const made = tariff.components.flatMap((component): [Component, Pricer][] => {
    const pricer = kindOf(component).pricer?.(component);
    return pricer ? [[component, pricer]] : [];
  });
  priced.set(tariff, made);
  return made;
};

/** Making a pricer takes longer than asking it for the prices of a day. */
const priced = new WeakMap<Tariff, readonly (readonly [Component, Pricer])[]>();
