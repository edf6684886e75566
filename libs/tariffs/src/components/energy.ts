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
import type { Part } from '../period.js';

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
      const sum = sumOf(component, segment, billing);
      if ('fault' in sum) return sum;
      estimated ||= sum.estimated;
      amounts.push(ratio(signOf(component.direction) * sum.picoWh, PICO_WH));
    }
    return { amounts, estimated };
  };

/** What the quarter-hours of a segment come to, and those that were summed up before. */
export const sumBySlots =
  <Component extends EnergyComponent>(
    pricer: (component: Component) => Pricer,
  ): NonNullable<ComponentKind<Component>['sumOfSlots']> =>
  (component, segment, around) => {
    const priceAt = pricer(component);
    const before = segment.sums?.get(component);
    let [picoWh, estimated] = [before?.picoWh ?? 0n, before?.estimated ?? false];
    for (const slot of component.beforeNetting ? segment.gross : segment.netted) {
      const energyWh = energyOf(slot, component.direction);
      if (energyWh === 0) continue;
      const price = priceAt(slot.startMs, around);
      if (price === null) return { fault: 'no-price', id: component.id, atMs: slot.startMs };
      estimated ||= price.estimated;
      picoWh += BigInt(energyWh) * price.picoPerKWh;
    }
    return { picoWh, estimated };
  };

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
