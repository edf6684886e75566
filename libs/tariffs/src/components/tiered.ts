import { z } from 'zod';
import {
  componentShape,
  Direction,
  type Billing,
  type ComponentFault,
  type ComponentKind,
} from '../component.js';
import {
  compare,
  exact,
  floor,
  greater,
  lesser,
  minus,
  one,
  plus,
  ratio,
  share,
  sumOf,
  times,
  zero,
  type Exact,
} from '../exact.js';
import { lengthIn, type Period } from '../period.js';

/** Of what time the bounds are: a bill of two months has them twice where they are a month's. */
const BoundsPer = z.enum(['period', 'day', 'month', 'year']);

/**
 * Blocks of energy, each dearer (or cheaper) than the one before. Where bounds or prices change
 * within the period, the whole energy is priced by each and the results are weighted by days.
 */
export const tieredWith = <Amount extends z.ZodType>(amount: Amount) =>
  z.strictObject({
    ...componentShape,
    kind: z.literal('tiered'),
    direction: Direction,
    /** kWh up to which each block but the last reaches, rising. */
    bounds: z.array(amount).max(20),
    boundsPer: BoundsPer,
    /** Currency per kWh, before VAT: one more than bounds. */
    prices: z.array(amount).min(1).max(21),
    /** The part of a block that falls to some days in whole kWh, as some suppliers reckon. */
    wholeKWh: z.boolean().optional(),
  });
export type Tiered = z.infer<ReturnType<typeof tieredWith<z.ZodNumber>>>;

export const tiered: ComponentKind<Tiered> = {
  group: ({ direction }) => direction,
  chargeOfPeriod: (parts, billing) => ({
    amounts: parts.map(({ component, segment }) => {
      const energy = energyIn(component.direction, billing.period);
      const blocks = blocksOf(energy, boundsOver(component, billing));
      const shares =
        component.wholeKWh && !billing.period.isExact
          ? wholeShares(blocks, segment.share)
          : blocks.map((block) => times(block, segment.share));
      const cost = sumOf(shares.map((kWh, i) => times(kWh, exact(component.prices[i] ?? 0))));
      return component.direction === 'import' ? cost : times(cost, exact(-1));
    }),
  }),
  faultsOf: (component) => boundFaults(component, component.prices.length, 'prices'),
};

/** A charge that depends on the block that the energy of the period reaches. */
export const tieredBaseWith = <Amount extends z.ZodType>(amount: Amount) =>
  z.strictObject({
    ...componentShape,
    kind: z.literal('tiered-base'),
    bounds: z.array(amount).max(20),
    boundsPer: BoundsPer,
    /** Currency per `boundsPer`, before VAT: one more than bounds. */
    amounts: z.array(amount).min(1).max(21),
  });
export type TieredBase = z.infer<ReturnType<typeof tieredBaseWith<z.ZodNumber>>>;

export const tieredBase: ComponentKind<TieredBase> = {
  group: () => 'fixed',
  chargeOfPeriod: (parts, billing) => ({
    amounts: parts.map(({ component, segment }) => {
      const energy = energyIn('import', billing.period);
      const bounds = boundsOver(component, billing);
      const reached = bounds.filter((bound) => compare(energy, bound) > 0).length;
      const amount = times(exact(component.amounts[reached] ?? 0), lengthPer(component, billing));
      return times(amount, segment.share);
    }),
  }),
  faultsOf: (component) => boundFaults(component, component.amounts.length, 'amounts'),
};

const WH_PER_KWH = 1000;

export const energyIn = (direction: 'import' | 'export', period: Period): Exact =>
  share(direction === 'import' ? period.importWh : period.exportWh, WH_PER_KWH);

type Bounded = Pick<Tiered, 'bounds' | 'boundsPer'>;

type Measured = Pick<Billing, 'period' | 'calendar'>;

function lengthPer({ boundsPer }: Bounded, { period, calendar }: Measured): Exact {
  if (boundsPer === 'period') return one;
  return boundsPer === 'month' ? period.months : lengthIn(period.days, boundsPer, calendar);
}

/** The kWh up to which the blocks of a period reach. */
export const boundsOver = (component: Bounded, billing: Measured): Exact[] => {
  const length = lengthPer(component, billing);
  return component.bounds.map((bound) => times(exact(bound), length));
};

/** The kWh that fall into each block; the last has no bound. */
export function blocksOf(energy: Exact, bounds: readonly Exact[]): Exact[] {
  const edges = [zero, ...bounds];
  return edges.map((from, i) => {
    const to = edges[i + 1];
    return greater(minus(to ? lesser(energy, to) : energy, from), zero);
  });
}

/** Each block's share rounded to a kWh; the highest block that is used takes the rest. */
function wholeShares(blocks: readonly Exact[], part: Exact): Exact[] {
  const whole = (kWh: Exact): Exact => ratio(floor(plus(times(kWh, part), ratio(1n, 2n))), 1n);
  const used = blocks.filter((block) => compare(block, zero) > 0).length;
  const below = blocks.slice(0, Math.max(0, used - 1)).map(whole);
  return [...below, minus(whole(sumOf(blocks)), sumOf(below))];
}

function boundFaults({ bounds }: Bounded, count: number, field: string): readonly ComponentFault[] {
  const faults: ComponentFault[] = [];
  if (count !== bounds.length + 1) {
    const message = `${bounds.length} bounds make ${bounds.length + 1} blocks, not ${count}`;
    faults.push({ path: [field], message });
  }
  const falling = bounds.findIndex((bound, i) => i > 0 && bound <= bounds[i - 1]!);
  if (falling > 0) faults.push({ path: ['bounds', falling], message: 'bounds must rise' });
  return faults;
}
