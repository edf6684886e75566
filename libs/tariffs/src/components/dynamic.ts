import { z } from 'zod';
import { componentShape, Direction, type ComponentKind, type Pricer } from '../component.js';
import { ruleFinder, timeShape } from '../day-types.js';
import { dividedBy, toPico, type PicoPerKWh } from '../money.js';
import { constantPrice } from '../spot-prices.js';
import { chargeBySlots, groupOfEnergy, sumBySlots } from './energy.js';

/** `factor · spot + base`, slot by slot; a negative spot price stays negative. */
export const dynamicWith = <Amount extends z.ZodType>(amount: Amount) =>
  z.strictObject({
    ...componentShape,
    kind: z.literal('dynamic'),
    direction: Direction,
    /** Length of the slots that are priced, whatever that of the market. */
    slotMin: z.union([z.literal(15), z.literal(30), z.literal(60)]),
    factor: amount.optional(),
    /** Currency per kWh, before VAT. */
    base: amount.optional(),
    /** Added by time of use; the first that fits, nothing where none does. */
    adders: z
      .array(z.strictObject({ ...timeShape, pricePerKWh: amount }))
      .max(100)
      .optional(),
    /** The price never goes beyond. */
    maximumPerKWh: amount.optional(),
    minimumPerKWh: amount.optional(),
    /** Stands for the market: the same price in every slot. */
    spotPerKWh: amount.optional(),
    beforeNetting: z.boolean().optional(),
  });
export type Dynamic = z.infer<ReturnType<typeof dynamicWith<z.ZodNumber>>>;

const PICO = 1_000_000_000_000n;

const pricer = (component: Dynamic): Pricer => {
  const { direction, slotMin, factor = 1, base = 0, adders = [], spotPerKWh } = component;
  const [factorPico, basePico] = [toPico(factor), toPico(base)];
  const findAdder = ruleFinder(adders.map((rule) => ({ ...rule, pico: toPico(rule.pricePerKWh) })));
  const constant = spotPerKWh === undefined ? null : constantPrice(spotPerKWh);
  const clamped = clamp(component);
  return (atMs, around) => {
    const market = direction === 'export' ? (around.exportPrices ?? around.prices) : around.prices;
    const spot = (constant ?? market).at(atMs, slotMin);
    if (spot === null) return null;
    const adder = findAdder(atMs, around)?.pico;
    const price = dividedBy(spot.picoPerKWh * factorPico, PICO) + basePico + (adder ?? 0n);
    return { picoPerKWh: clamped(price), estimated: spot.estimated };
  };
};

function clamp({ maximumPerKWh, minimumPerKWh }: Dynamic): (price: PicoPerKWh) => PicoPerKWh {
  const maximum = maximumPerKWh === undefined ? null : toPico(maximumPerKWh);
  const minimum = minimumPerKWh === undefined ? null : toPico(minimumPerKWh);
  return (price) => {
    if (maximum !== null && price > maximum) return maximum;
    return minimum !== null && price < minimum ? minimum : price;
  };
}

const sumOfSlots = sumBySlots<Dynamic>(pricer);

export const dynamic: ComponentKind<Dynamic> = {
  group: groupOfEnergy,
  pricer,
  sumOfSlots,
  chargeOfPeriod: chargeBySlots(sumOfSlots),
};
