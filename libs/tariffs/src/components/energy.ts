import type {
  Billing,
  BillFault,
  ComponentKind,
  PeriodCharge,
  Pricer,
  Slot,
} from '../component.js';
import { ratio, times, type Exact } from '../exact.js';
import { toPico, type PicoPerKWh } from '../money.js';
import type { Part, SlotSum } from '../period.js';
import type { SlotPrice } from '../spot-prices.js';

/** What every component has that is priced by the kilowatt-hour. */
export interface EnergyComponent {
  readonly id: string;
  readonly direction: 'import' | 'export';
  readonly beforeNetting?: boolean | undefined;
}

/** Currency for energy at a price: Wh · pico-currency per kWh. */
const PICO_WH = 1_000_000_000_000_000n;

const energyOf = (slot: Slot, direction: EnergyComponent['direction']): number =>
  direction === 'import' ? slot.energyImportWh : slot.energyExportWh;

/** Exported energy is credited. */
const signOf = (direction: EnergyComponent['direction']): bigint =>
  direction === 'import' ? 1n : -1n;

export const groupOfEnergy = ({ direction }: EnergyComponent): 'import' | 'export' => direction;

/** The charge of components that have a price at every moment, slot by slot. */
export const chargeBySlots =
  <Component extends EnergyComponent>(
    sumOf: NonNullable<ComponentKind<Component>['sumOfSlots']>,
  ): ComponentKind<Component>['chargeOfPeriod'] =>
  (parts, billing) => {
    let estimated = false;
    const amounts: Exact[] = [];
    for (const { component, segment } of parts) {
      const { direction, beforeNetting } = component;
      const sum = sumOf(component, segment, billing);
      if ('fault' in sum) return sum;
      estimated ||= sum.estimated;
      const amount = ratio(signOf(direction) * sum.picoWh, PICO_WH);
      amounts.push(beforeNetting ? amount : times(amount, segment.left[direction]));
    }
    return { amounts, estimated };
  };

/** What the quarter-hours of a segment come to, and those that were summed up before. */
export const sumBySlots = <Component extends EnergyComponent>(
  pricer: (component: Component) => Pricer,
): NonNullable<ComponentKind<Component>['sumOfSlots']> => {
  // Making one takes longer than asking it for the prices of a day.
  const pricers = new WeakMap<Component, Pricer>();
  const pricerOf = (component: Component): Pricer => {
    const known = pricers.get(component) ?? pricer(component);
    pricers.set(component, known);
    return known;
  };
  return (component, { gross, netted, sums }, around) => {
    const priceAt = pricerOf(component);
    const sum = new RunningSum(sums?.get(component));
    for (const slot of component.beforeNetting ? gross : netted) {
      const energyWh = energyOf(slot, component.direction);
      if (energyWh === 0) continue;
      const price = priceAt(slot.startMs, around);
      if (price === null) return { fault: 'no-price', id: component.id, atMs: slot.startMs };
      sum.add(energyWh, price);
    }
    return sum.total();
  };
};

/** Quarter-hours of one price in a row are multiplied by it once. */
class RunningSum {
  #picoWh: bigint;
  #estimated: boolean;
  #price: SlotPrice | null = null;
  #energyWh = 0;

  constructor(before: SlotSum = { picoWh: 0n, estimated: false }) {
    this.#picoWh = before.picoWh;
    this.#estimated = before.estimated;
  }

  add(energyWh: number, price: SlotPrice): void {
    if (price !== this.#price) {
      this.#turn();
      this.#price = price;
      this.#estimated ||= price.estimated;
    }
    this.#energyWh += energyWh;
  }

  total(): SlotSum {
    this.#turn();
    return { picoWh: this.#picoWh, estimated: this.#estimated };
  }

  #turn(): void {
    if (this.#price) this.#picoWh += BigInt(this.#energyWh) * this.#price.picoPerKWh;
    this.#energyWh = 0;
  }
}

/** The charge for the energy of the whole period, weighted by the days of each price. */
export function chargeByDays<Component extends EnergyComponent>(
  parts: readonly Part<Component>[],
  { period }: Billing,
  priceOf: (component: Component) => number,
): PeriodCharge | BillFault {
  const amounts = parts.map(({ component, segment }) => {
    const energyWh = component.direction === 'import' ? period.importWh : period.exportWh;
    const whole = energyCost(energyWh, signOf(component.direction) * toPico(priceOf(component)));
    return times(whole, segment.share);
  });
  return { amounts };
}

const energyCost = (energyWh: number, picoPerKWh: PicoPerKWh): Exact =>
  ratio(BigInt(energyWh) * picoPerKWh, PICO_WH);
