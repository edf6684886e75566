import { z } from 'zod';
import { componentShape, type ComponentKind } from '../component.js';
import { energyCostMicro } from '../money.js';

/** One price for every kilowatt-hour of a direction; exported energy is credited. */
export const Flat = z.object({
  ...componentShape,
  kind: z.literal('flat'),
  direction: z.enum(['import', 'export']),
  /** Currency per kWh, before VAT. May be negative. */
  pricePerKWh: z.number(),
});
export type Flat = z.infer<typeof Flat>;

export const flat: ComponentKind<Flat> = {
  chargeOfSlot: ({ direction, pricePerKWh }, slot) =>
    direction === 'import'
      ? { group: 'import', netMicro: energyCostMicro(slot.energyImportWh, pricePerKWh) }
      : { group: 'export', netMicro: 0 - energyCostMicro(slot.energyExportWh, pricePerKWh) },
  chargeOfDay: () => null,
};
