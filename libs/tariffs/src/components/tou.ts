import { z } from 'zod';
import { componentShape, Direction, type ComponentKind, type Pricer } from '../component.js';
import { isAlways, ruleFinder, timeShape } from '../day-types.js';
import { toPico } from '../money.js';
import { chargeBySlots, groupOfEnergy, sumBySlots } from './energy.js';

/** A price by time of use: of the rules, in their order, the first that fits counts. */
export const touWith = <Amount extends z.ZodType>(amount: Amount) =>
  z.strictObject({
    ...componentShape,
    kind: z.literal('tou'),
    direction: Direction,
    rules: z
      .array(
        z.strictObject({
          ...timeShape,
          /** Currency per kWh, before VAT. */
          pricePerKWh: amount,
        }),
      )
      .min(1)
      .max(100),
    /** When the day of the rules begins, 00:00 where left out. */
    dayStartsAt: z.string().optional(),
    beforeNetting: z.boolean().optional(),
  });
export type Tou = z.infer<ReturnType<typeof touWith<z.ZodNumber>>>;

const pricer = ({ rules, dayStartsAt }: Tou): Pricer => {
  const priced = rules.map((rule) => ({
    ...rule,
    price: { picoPerKWh: toPico(rule.pricePerKWh), estimated: false },
  }));
  const find = ruleFinder(priced, dayStartsAt);
  return (atMs, around) => find(atMs, around)?.price ?? null;
};

const sumOfSlots = sumBySlots<Tou>(pricer);

export const tou: ComponentKind<Tou> = {
  group: groupOfEnergy,
  pricer,
  sumOfSlots,
  chargeOfPeriod: chargeBySlots(sumOfSlots),
  faultsOf: ({ rules }) =>
    isAlways(rules.at(-1) ?? {})
      ? []
      : [
          {
            path: ['rules', rules.length - 1],
            message: 'the last rule must count at any time, or some hours have no price',
          },
        ],
};
