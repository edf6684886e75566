import { Instant, Medium, Name, Role } from '@wattbus/energy-model';
import { z } from 'zod';
import { Anomaly } from './insight.js';
import { Amounts, Money, Result, Share, Span, Wh } from './result.js';

/** A closed quarter-hour on the clock. `estimated`: some of it was spread over a gap. */
export const Quarter = z.object({ start: Instant, ...Amounts, estimated: z.boolean() });
export type Quarter = z.infer<typeof Quarter>;

/** A period so far. */
const Period = {
  ...Span,
  ...Amounts,
  /** Part of its energy, volume or heat that was not measured but spread over gaps. */
  estimatedShare: Share.optional(),
  /** Share of its elapsed time that readings cover. */
  coverage: Share.optional(),
};
const PhaseAmounts = z.object({ importWh: Wh, exportWh: Wh });

export const EnergyAnalysis = z.object({
  ...Result,
  powerW: z.number().optional(),
  today: z.object({ date: z.iso.date(), ...Period }),
  month: z.object({ month: z.string().regex(/^\d{4}-\d{2}$/), ...Period }),
  /** From Monday on, as ISO 8601 numbers weeks. */
  week: z.object({ week: z.string().regex(/^\d{4}-W\d{2}$/), ...Period }).optional(),
  year: z.object({ year: z.string().regex(/^\d{4}$/), ...Period }).optional(),
  /** From `site.billingDay` on. */
  billing: z.object(Period).optional(),
  /** Integrated from the powers of the phases, where the meter states them. */
  phases: z
    .array(
      z.object({ phase: z.enum(['L1', 'L2', 'L3']), today: PhaseAmounts, month: PhaseAmounts }),
    )
    .max(3)
    .optional(),
  /** All closed quarter-hours of the current local day: a missed message is healed by the next. */
  quarters: z.array(Quarter).max(100),
  /** Share of today's elapsed time that readings cover, 0 to 1. */
  coverage: z.number().min(0).max(1),
});
export type EnergyAnalysis = z.infer<typeof EnergyAnalysis>;

/** The final of a closed local day, kept retained until the next day closes. */
export const DayAnalysis = z.object({
  ...Result,
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
  ...Result,
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

const LogicalRegister = z.object({
  /** In the unit of its name. It never falls, whatever the meter's own register does. */
  value: z.int(),
  /** What meters before this one, and displays that began again at 0, have counted. */
  offset: z.int(),
});

/** Registers that go on over replaced meters; only those that the meter states are there. */
export const RegisterAnalysis = z.object({
  ...Result,
  energyImportWh: LogicalRegister.optional(),
  energyExportWh: LogicalRegister.optional(),
  volumeL: LogicalRegister.optional(),
  heatJ: LogicalRegister.optional(),
  coolingJ: LogicalRegister.optional(),
});
export type RegisterAnalysis = z.infer<typeof RegisterAnalysis>;

export const PeakAnalysis = z.object({
  ...Result,
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

/**
 * What the home makes, takes and keeps, from its grid, solar and battery meters together, over
 * quarter-hours that all of them have closed.
 */
const Flows = z.object({
  productionWh: Wh,
  /** What the home itself took, from wherever. */
  loadWh: Wh,
  selfConsumptionWh: Wh,
  /** Part of the production that was not fed in; null without any. */
  selfConsumptionShare: Share.nullable(),
  /** Part of the load that the grid did not give; null without any. */
  autarkyShare: Share.nullable(),
});
export type Flows = z.infer<typeof Flows>;
const SumOfSpan = z.object({ importWh: Wh, exportWh: Wh });

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
  week: SumOfSpan.optional(),
  year: SumOfSpan.optional(),
  billing: SumOfSpan.extend({ from: Instant, to: Instant }).optional(),
  /** Where there are panels or a battery. */
  flows: z.object({ today: Flows, month: Flows, coverage: Share }).optional(),
  /** At rest; what it costs a year at the month's mean price. */
  standby: z
    .object({
      baseloadW: z.number(),
      yearWh: Wh,
      yearCost: Money.nullable(),
      trendW: z.number().nullable(),
    })
    .optional(),
  /** Whole days, mean: what is measured of today, and the rest as forecast. */
  forecast: z.object({ todayWh: z.number(), tomorrowWh: z.number() }).optional(),
  carbon: z
    .object({ todayG: z.number(), monthG: z.number(), gPerKWh: z.number().nullable() })
    .optional(),
  anomalies: z
    .array(Anomaly.extend({ meter: Name, costPerDay: Money.nullable() }))
    .max(64)
    .optional(),
  /** The first hundred by name; the sums are of all. */
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
  /** How many there are that `meters` has no room for. */
  metersLeftOut: z.int().positive().optional(),
});
export type SiteAnalysis = z.infer<typeof SiteAnalysis>;

/** An analyzer's state after reading `seq`, from which any replica can go on. */
export const AnalyzerSnapshot = z.object({
  v: z.literal(1),
  meter: Name,
  epoch: z.string(),
  seq: z.int().nonnegative(),
  savedAt: Instant,
  /** Its JSON deflated (RFC 1951) in base64, or as it is: so it was said before it was packed. */
  state: z.union([z.base64(), z.record(z.string(), z.unknown())]),
});
export type AnalyzerSnapshot = z.infer<typeof AnalyzerSnapshot>;

/** An analyzer replica is alive; said every second, never retained. */
export const AnalyzerBeat = z.object({ v: z.literal(1), instance: Name, boot: z.string() });
export type AnalyzerBeat = z.infer<typeof AnalyzerBeat>;
