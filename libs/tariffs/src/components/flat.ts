import { z } from 'zod';
import { componentShape, Direction, type ComponentKind, type Pricer } from '../component.js';
import { toPico } from '../money.js';
import { chargeByDays, chargeBySlots, groupOfEnergy, sumBySlots } from './energy.js';

/** One price for every kilowatt-hour of a direction; exported energy is credited. */
export const flatWith = <Amount extends z.ZodType>(amount: Amount) =>
  z.strictObject({
    ...componentShape,
    kind: z.literal('flat'),
    direction: Direction,
    /** Currency per kWh, before VAT. May be negative. */
    pricePerKWh: amount,
    /**
     * Whose price counts where it changes within the period: that of the time of use (`slots`),
     * the mean weighted by days for a meter that is read once (`days`), or the last one (`last`).
     */
    proration: z.enum(['slots', 'days', 'last']).optional(),
    /** Counts the energy as metered where the tariff nets. */
    beforeNetting: z.boolean().optional(),
  });
export type Flat = z.infer<ReturnType<typeof flatWith<z.ZodNumber>>>;

const pricer = ({ pricePerKWh }: Flat): Pricer => {
  const price = { picoPerKWh: toPico(pricePerKWh), estimated: false };
  return () => price;
};
const sumOfSlots = sumBySlots<Flat>(pricer);
const bySlots = chargeBySlots(sumOfSlots);

export const flat: ComponentKind<Flat> = {
  group: groupOfEnergy,
  pricer,
  sumOfSlots,
  chargeOfPeriod: (parts, billing) => {
    const proration = parts.at(-1)?.component.proration ?? 'slots';
    if (proration === 'slots') return bySlots(parts, billing);
    const last = parts.at(-1)?.component;
    const priceOf = (component: Flat): number =>
      (proration === 'last' && last ? last : component).pricePerKWh;
    return chargeByDays(parts, billing, priceOf);
  },
};
