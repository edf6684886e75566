import { z } from 'zod';
import type { Calendar, LocalSpan } from './calendar.js';

/** A quarter-hour of the ledger, or the part of it that is known so far. */
export interface Slot {
  readonly startMs: number;
  readonly energyImportWh: number;
  readonly energyExportWh: number;
}

/** What a component costs, before VAT: a charge is positive, a credit negative. */
export interface Charge {
  readonly group: ChargeGroup;
  readonly netMicro: number;
}

/** Where a charge is shown: energy taken, energy fed in, or independent of use. */
export type ChargeGroup = 'import' | 'export' | 'fixed';

/**
 * How one kind of component is priced. A kind prices slots (energy prices), days (charges that
 * accrue with time) or both; null where it has nothing to say.
 */
export interface ComponentKind<Component> {
  chargeOfSlot(component: Component, slot: Slot, calendar: Calendar): Charge | null;
  chargeOfDay(component: Component, day: LocalSpan, calendar: Calendar): Charge | null;
}

/** Fields that every component has. */
export const componentShape = {
  id: z.string().min(1).max(64),
  /** First local day on which the component counts. */
  validFrom: z.iso.date().optional(),
  /** First local day on which it counts no more. */
  validTo: z.iso.date().optional(),
  /** Fraction, 0.21 for 21 %; the tariff's own rate where left out. */
  vat: z.number().min(0).max(1).optional(),
};

/** Whether a component counts on a local day, given as `2026-03-29`. */
export function isValidOn(
  { validFrom, validTo }: { validFrom?: string; validTo?: string },
  date: string,
): boolean {
  return (
    (validFrom === undefined || validFrom <= date) && (validTo === undefined || date < validTo)
  );
}
