import { Instant, Medium, Name, Role } from '@wattbus/energy-model';
import { z } from 'zod';

const Wh = z.int();
const Money = z.number();

/** What every result says of itself: whose, until when, and from which readings. */
export const resultShape = {
  v: z.literal(1),
  meter: Name,
  medium: Medium,
  role: Role,
  /** Meter time of the newest reading in the result. */
  at: Instant,
  epoch: z.string(),
  /** The newest reading in the result: of two results, the one with the greater `seq` stands. */
  seq: z.int().nonnegative(),
};

/** Energy, volume or heat in a span; only the fields of the meter's medium are there. */
const Amounts = {
  importWh: Wh.optional(),
  exportWh: Wh.optional(),
  volumeL: z.int().optional(),
  heatJ: z.int().optional(),
};

const Span = { from: Instant, to: Instant };

/** A closed quarter-hour on the clock. `estimated`: some of it was spread over a gap. */
export const Quarter = z.object({ start: Instant, ...Amounts, estimated: z.boolean() });
export type Quarter = z.infer<typeof Quarter>;

export const EnergyAnalysis = z.object({
  ...resultShape,
  powerW: z.number().optional(),
  today: z.object({ date: z.iso.date(), ...Span, ...Amounts }),
  month: z.object({ month: z.string().regex(/^\d{4}-\d{2}$/), ...Span, ...Amounts }),
  /** All closed quarter-hours of the current local day: a missed message is healed by the next. */
  quarters: z.array(Quarter).max(100),
  /** Share of today's elapsed time that readings cover, 0 to 1. */
  coverage: z.number().min(0).max(1),
});
export type EnergyAnalysis = z.infer<typeof EnergyAnalysis>;

/** The final of a closed local day, kept retained until the next day closes. */
export const DayAnalysis = z.object({
  ...resultShape,
  date: z.iso.date(),
  ...Span,
  ...Amounts,
  cost: Money.optional(),
  currency: z.string().length(3).optional(),
  /** A price of the market was not known: the day is said again once it is. */
  provisional: z.boolean().optional(),
  /** A day of the past that prices which came late have made another one; the last day follows. */
  repriced: z.boolean().optional(),
  quarters: z.array(Quarter).max(100),
});
export type DayAnalysis = z.infer<typeof DayAnalysis>;

const CostOfSpan = z.object({
  /** Energy taken, energy fed in (a credit, so negative), and charges that do not depend on use. */
  import: Money,
  export: Money,
  fixed: Money,
  total: Money,
});

export const CostAnalysis = z.object({
  ...resultShape,
  currency: z.string().length(3),
  tariff: z.string(),
  today: CostOfSpan,
  month: CostOfSpan,
  /** The bill that is open, with the fixed charges of its days so far. */
  period: CostOfSpan.optional(),
  /** A price of the market is not known yet, and a likely one stands for it. */
  provisional: z.boolean().optional(),
});
export type CostAnalysis = z.infer<typeof CostAnalysis>;

export const PeakAnalysis = z.object({
  ...resultShape,
  /** The running quarter-hour: mean so far, and where it will end if power stays as it is. */
  quarter: z.object({
    start: Instant,
    elapsedS: z.number().nonnegative(),
    importWh: z.number().nonnegative(),
    averageW: z.number().nonnegative(),
    predictedW: z.number().nonnegative(),
    /** Smoothed power that the prediction goes on with. */
    meanPowerW: z.number(),
    /** The quarter-hour began before the readings, or holds a gap: nothing to act on. */
    estimated: z.boolean(),
  }),
  /** Null until the month has a whole measured quarter-hour. */
  month: z.object({ peakW: z.number().nonnegative().nullable(), peakAt: Instant.nullable() }),
});
export type PeakAnalysis = z.infer<typeof PeakAnalysis>;

/** The whole site at a glance; `energy/analysis`. */
export const SiteAnalysis = z.object({
  v: z.literal(1),
  at: Instant,
  zone: z.string(),
  currency: z.string().length(3),
  powerW: z.number().nullable(),
  importTodayWh: Wh,
  exportTodayWh: Wh,
  importMonthWh: Wh,
  exportMonthWh: Wh,
  costToday: Money,
  costMonth: Money,
  demandAverageW: z.number().nullable(),
  demandPredictedW: z.number().nullable(),
  demandPeakMonthW: z.number().nullable(),
  demandPeakMonthAt: Instant.nullable(),
  meters: z.array(
    z.object({
      meter: Name,
      medium: Medium,
      role: Role,
      at: Instant,
      powerW: z.number().optional(),
      today: z.object(Amounts),
      month: z.object(Amounts),
    }),
  ),
});
export type SiteAnalysis = z.infer<typeof SiteAnalysis>;

/** An analyzer's state after reading `seq`, from which any replica can go on. */
export const AnalyzerSnapshot = z.object({
  v: z.literal(1),
  meter: Name,
  epoch: z.string(),
  seq: z.int().nonnegative(),
  savedAt: Instant,
  state: z.record(z.string(), z.unknown()),
});
export type AnalyzerSnapshot = z.infer<typeof AnalyzerSnapshot>;

/** An analyzer replica is alive; said every second, never retained. */
export const AnalyzerBeat = z.object({ v: z.literal(1), instance: Name, boot: z.string() });
export type AnalyzerBeat = z.infer<typeof AnalyzerBeat>;
