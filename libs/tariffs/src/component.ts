import { z } from 'zod';
import type { Calendar, LocalSpan } from './calendar.js';
import type { DayTypes } from './day-types.js';
import type { Exact } from './exact.js';
import type { Part, Period, Segment, SlotSum } from './period.js';
import { roundingNames, type Rounding } from './rounding.js';
import type { SlotPrice, SpotPrices } from './spot-prices.js';

/** A quarter-hour of the ledger, or the part of it that is known so far. */
export interface Slot {
  readonly startMs: number;
  readonly energyImportWh: number;
  readonly energyExportWh: number;
}

/** Where a charge is shown: energy taken, energy fed in, or independent of use. */
export type ChargeGroup = 'import' | 'export' | 'fixed';

/** What prices depend on besides the time and the energy. */
export interface Surroundings {
  readonly calendar: Calendar;
  readonly prices: SpotPrices;
  /** For energy fed in, where the market has another price for it. */
  readonly exportPrices?: SpotPrices;
  readonly dayTypes: DayTypes;
}

/** Why a bill cannot be reckoned. */
export type BillFault =
  | { readonly fault: 'no-price'; readonly id: string; readonly atMs: number }
  | { readonly fault: 'not-covered'; readonly day: string };

/** What a component costs over a billing period, before VAT, on each of its parts. */
export interface PeriodCharge {
  readonly amounts: readonly Exact[];
  /** A price that is not known was replaced. */
  readonly estimated?: boolean;
  /** Lines that do not count because of this one. */
  readonly replaces?: readonly string[];
}

/** A line of the bill that is being reckoned. */
export interface Line {
  readonly rounding: Rounding;
  readonly rounded: Exact;
  /** Before rounding; what is missing is 0. */
  readonly bySegment: ReadonlyMap<Segment, Exact>;
}

export interface Billing extends Surroundings {
  readonly period: Period;
  /** The lines so far, in the order of the tariff. */
  readonly lines: ReadonlyMap<string, Line>;
}

/**
 * How one kind of component is priced. A kind that has a price at every moment, or a charge for
 * each day, can be added up as time goes by; every kind can be reckoned over a billing period.
 */
export interface ComponentKind<Component> {
  readonly group: (component: Component) => ChargeGroup;
  readonly pricer?: (component: Component) => Pricer;
  /** What the quarter-hours of a segment come to, where each has a price of its own. */
  readonly sumOfSlots?: (
    component: Component,
    segment: Segment,
    around: Surroundings,
  ) => SlotSum | BillFault;
  /** Micro-currency before VAT. */
  readonly microOfDay?: (component: Component, day: LocalSpan, calendar: Calendar) => number;
  readonly chargeOfPeriod: (
    parts: readonly Part<Component>[],
    billing: Billing,
  ) => PeriodCharge | BillFault;
  /** What the schema of the kind cannot say. */
  readonly faultsOf?: (component: Component) => readonly ComponentFault[];
}

/** The price at a moment before VAT; null where a price of the market is missing. */
export type Pricer = (atMs: number, around: Surroundings) => SlotPrice | null;

export interface ComponentFault {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export const Direction = z.enum(['import', 'export']);
export const PerTime = z.enum(['day', 'month', 'year']);
export type PerTime = z.infer<typeof PerTime>;

/** Fields that every component has. */
export const componentShape = {
  /** Names the line of the bill. Entries of one id must not count on the same day. */
  id: z.string().min(1).max(64),
  /** The line as people read it; the id where left out. */
  title: z.string().max(100).optional(),
  /** First local day on which the component counts. */
  validFrom: z.iso.date().optional(),
  /** First local day on which it counts no more. */
  validTo: z.iso.date().optional(),
  /** The months in which it counts; all where left out. */
  months: z.array(z.int().min(1).max(12)).min(1).optional(),
  /** Fraction, 0.21 for 21 %; the tariff's own rate where left out. */
  vat: z.number().min(0).max(1).optional(),
  /** Of the line; the tariff's own rule where left out. */
  rounding: z.enum(roundingNames).optional(),
};

/** Whether a component counts on a local day, given as `2026-03-29`. */
export function isValidOn(
  {
    validFrom,
    validTo,
    months,
  }: {
    validFrom?: string | undefined;
    validTo?: string | undefined;
    months?: readonly number[] | undefined;
  },
  date: string,
): boolean {
  return (
    (validFrom === undefined || validFrom <= date) &&
    (validTo === undefined || date < validTo) &&
    (months === undefined || months.includes(Number(date.slice(5, 7))))
  );
}

export const isFault = (charge: PeriodCharge | BillFault): charge is BillFault => 'fault' in charge;
