import { Instant } from '@wattbus/energy-model';
import { z } from 'zod';
import { Explained, Reasons, Share, Wh } from './result.js';

/** What the home draws at rest. `coverage`: how many of its 14 days are known. */
export const BaseloadAnalysis = z.object({
  ...Explained,
  /** Median of the days' rest, and where it stands now. */
  baseloadW: z.number(),
  liveW: z.number(),
  /** By how much the last 14 days lie above the 14 before; null until there are 28. */
  trendW: z.number().nullable(),
  /** Its part of all energy. */
  standbyShare: Share,
  yearWh: Wh,
});
export type BaseloadAnalysis = z.infer<typeof BaseloadAnalysis>;

export const Anomaly = z.object({
  kind: z.enum([
    'spike',
    'sustained',
    'baseload-shift',
    'no-load',
    'always-on',
    'night-export',
    'reversed',
    'day-energy',
  ]),
  from: Instant,
  /** What it takes in a day beyond the usual while it lasts. */
  excessWhPerDay: Wh,
  confidence: z.enum(['low', 'normal']),
  reasons: Reasons,
});
export type Anomaly = z.infer<typeof Anomaly>;

/** What is odd now, at most one of a kind. `coverage`: how many of four weeks are known. */
export const AnomalyAnalysis = z.object({
  ...Explained,
  /** Too little is known to call anything odd. */
  learning: z.boolean(),
  open: z.array(Anomaly).max(8),
});
export type AnomalyAnalysis = z.infer<typeof AnomalyAnalysis>;

/**
 * Big resistive loads by their steps in power. `coverage`: of the last closed day, how much
 * readings cover.
 */
export const ApplianceAnalysis = z.object({
  ...Explained,
  devices: z
    .array(
      z.object({
        device: z.int().positive(),
        powerW: z.number(),
        durationS: z.number(),
        runs: z.int(),
        runsToday: z.int(),
        runsPerDay: z.number().nullable(),
        lastAt: Instant,
      }),
    )
    .max(16),
});
export type ApplianceAnalysis = z.infer<typeof ApplianceAnalysis>;

const Expected = {
  start: Instant,
  /** Sums of it are right: for energy, bills and batteries. */
  meanWh: z.number(),
  /** What the load usually looks like. */
  typicalWh: z.number(),
  /** Exceeded in nine, five and one of ten. */
  p10Wh: z.number(),
  p50Wh: z.number(),
  p90Wh: z.number(),
};
export const ExpectedSpan = z.object(Expected);
export type ExpectedSpan = z.infer<typeof ExpectedSpan>;

/**
 * The load to come, once an hour. `coverage`: how many of the four weeks are known by which it
 * is judged.
 */
export const ForecastAnalysis = z.object({
  ...Explained,
  /** 48 hours of quarter-hours from `from` on, and their whole hours. */
  quarters: z.array(ExpectedSpan).max(192),
  hours: z.array(ExpectedSpan).max(48),
  /** Today's hours as they were forecast at midnight, and what they took so far. */
  today: z
    .array(
      z.object({
        start: Instant,
        expected: ExpectedSpan.omit({ start: true }).nullable(),
        actualWh: z.number().nullable(),
      }),
    )
    .max(25),
  /** How good it has been; null while it only repeats the profile of the days so far. */
  skill: z
    .object({
      days: z.int(),
      /** Error over the error of "as yesterday": below 1 it is worth having. */
      mase: z.number(),
      nmae: z.number(),
      bias: z.object({ typical: z.number(), mean: z.number() }),
      /** Share of hours between P10 and P90; 0.8 is promised. */
      coverage: Share,
      pinball: z.array(z.number()).length(3),
      model: z.object({ typical: z.string(), mean: z.string() }),
    })
    .nullable(),
  /** Of panels, beside a load of none: what they give in the hours of which the feed says something. */
  production: z
    .object({
      quarters: z.array(ExpectedSpan).max(192),
      hours: z.array(ExpectedSpan).max(48),
      /** Error over production, of the feed and of what is said here; null until it is calibrated. */
      skill: z.object({ feedNmae: z.number(), nmae: z.number() }).nullable(),
    })
    .optional(),
});
export type ForecastAnalysis = z.infer<typeof ForecastAnalysis>;

/**
 * The connection and the data. `coverage`: of the month's closed days, how much readings cover.
 */
export const QualityAnalysis = z.object({
  ...Explained,
  /** Energy of the month that was not measured but spread over gaps. */
  estimatedShare: Share,
  phases: z
    .array(
      z.object({
        phase: z.enum(['L1', 'L2', 'L3']),
        /** Mean of the last ten minutes. */
        voltageV: z.number().nullable(),
        /** Of the week's ten-minute means, how many lie within ±10 %; EN 50160 promises 0.95. */
        bandShare: Share.nullable(),
        /** Below 90 % now. */
        low: z.boolean(),
        currentA: z.number().nullable(),
        highestA: z.number().nullable(),
      }),
    )
    .max(3),
  /** Of the currents of the last ten minutes: largest deviation from their mean, over the mean. */
  unbalance: z.number().nullable(),
  neutralA: z.number().nullable(),
  /** What the meter itself has counted, since it was made. */
  counters: z.record(z.string(), z.int().nonnegative()),
});
export type QualityAnalysis = z.infer<typeof QualityAnalysis>;

const CarbonOfSpan = z.object({
  importG: z.number(),
  /** Beside the import, never taken from it. */
  exportG: z.number(),
  /** Mean of what was imported; null without any. */
  gPerKWh: z.number().nullable(),
  /** Part of the energy whose intensity came from the feed in time. */
  liveShare: Share,
});

/** CO2 of what the grid gave. `coverage`: today's live share. */
export const CarbonAnalysis = z.object({ ...Explained, today: CarbonOfSpan, month: CarbonOfSpan });
export type CarbonAnalysis = z.infer<typeof CarbonAnalysis>;

/** Intensities of the grid from outside: a day or two, past and to come. */
export const CarbonFeed = z.object({
  v: z.literal(1),
  slots: z
    .array(z.object({ start: Instant, end: Instant, gPerKWh: z.number().min(0).max(5_000) }))
    .max(1_000),
});
export type CarbonFeed = z.infer<typeof CarbonFeed>;

/** Outdoor temperature from outside: hours past and to come. */
export const TemperatureFeed = z.object({
  v: z.literal(1),
  slots: z
    .array(z.object({ start: Instant, end: Instant, celsius: z.number().min(-80).max(70) }))
    .max(1_000),
});
export type TemperatureFeed = z.infer<typeof TemperatureFeed>;

/** Expected production of the home's panels from outside: spans of a quarter-hour or more. */
export const PvForecastFeed = z.object({
  v: z.literal(1),
  slots: z
    .array(z.object({ start: Instant, end: Instant, powerW: z.number().min(0).max(10_000_000) }))
    .max(1_000),
});
export type PvForecastFeed = z.infer<typeof PvForecastFeed>;

/** Nobody is at home: what is unusual then is not learned, and a low load is no wonder. */
export const SiteAway = z.object({
  v: z.literal(1),
  from: Instant,
  /** Null: until further notice. */
  to: Instant.nullable(),
});
export type SiteAway = z.infer<typeof SiteAway>;
