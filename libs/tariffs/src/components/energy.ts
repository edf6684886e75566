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
import type { Part, Segment } from '../period.js';

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
    pricer: (component: Component) => Pricer,
  ): ComponentKind<Component>['chargeOfPeriod'] =>
  (parts, billing) => {
    let estimated = false;
    const amounts: Exact[] = [];
    for (const { component, segment } of parts) {
      const sum = sumOfSegment(segment, component, { billing, pricer });
      if ('fault' in sum) return sum;
      estimated ||= sum.estimated;
      amounts.push(ratio(signOf(component.direction) * sum.picoWh, PICO_WH));
    }
    return { amounts, estimated };
  };

interface SlotSum {
  readonly picoWh: bigint;
  readonly estimated: boolean;
}

interface Pricing<Component> {
  readonly billing: Billing;
  readonly pricer: (component: Component) => Pricer;
}

/** A bill that grows is reckoned again and again, and what it had before stays as it was. */
const sumsOfBases = new WeakMap<Segment, Map<EnergyComponent, SlotSum>>();

function sumOfSegment<Component extends EnergyComponent>(
  segment: Segment,
  component: Component,
  pricing: Pricing<Component>,
): SlotSum | BillFault {
  const own = sumOfSlots(segment, component, pricing);
  const { base } = segment;
  if (!base || 'fault' in own) return own;
  const kept = sumsOfBases.get(base) ?? new Map<EnergyComponent, SlotSum>();
  const before = kept.get(component) ?? sumOfSegment(base, component, pricing);
  if ('fault' in before) return before;
  sumsOfBases.set(base, kept.set(component, before));
  return { picoWh: before.picoWh + own.picoWh, estimated: before.estimated || own.estimated };
}

function sumOfSlots<Component extends EnergyComponent>(
  { gross, netted }: Segment,
  component: Component,
  { billing, pricer }: Pricing<Component>,
): SlotSum | BillFault {
  const priceAt = pricer(component);
  let [picoWh, estimated] = [0n, false];
  for (const slot of component.beforeNetting ? gross : netted) {
    const energyWh = energyOf(slot, component.direction);
    if (energyWh === 0) continue;
    const price = priceAt(slot.startMs, billing);
    if (price === null) return { fault: 'no-price', id: component.id, atMs: slot.startMs };
    estimated ||= price.estimated;
    picoWh += BigInt(energyWh) * price.picoPerKWh;
  }
  return { picoWh, estimated };
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
