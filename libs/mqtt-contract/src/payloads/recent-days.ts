import { Instant, Medium, Name, Role } from '@wattbus/energy-model';
import { z } from 'zod';
import type { DayAnalysis, Quarter } from './analysis.js';

/** More than the journal keeps readings by default, so that whoever can catch up finds all days. */
export const RECENT_DAYS_MAX = 40;

const QUARTER_MS = 900_000;
/** By quarter-hour from the start of the day on; null where the quarter-hour has none. */
const Column = z.array(z.int().nullable()).max(100);
const Amounts = {
  importWh: z.int().optional(),
  exportWh: z.int().optional(),
  volumeL: z.int().optional(),
  heatJ: z.int().optional(),
};

/** A final of a day, its quarter-hours as columns: 1 kB in the place of 9. */
const RecentDay = z.object({
  date: z.iso.date(),
  from: Instant,
  to: Instant,
  at: Instant,
  epoch: z.string(),
  seq: z.int().nonnegative(),
  ...Amounts,
  cost: z.number().optional(),
  currency: z.string().length(3).optional(),
  quarters: z.object({
    importWh: Column.optional(),
    exportWh: Column.optional(),
    volumeL: Column.optional(),
    heatJ: Column.optional(),
    /** 1 where some of it was spread over a gap, 0 where it is measured, null where it is not there. */
    estimated: z.array(z.union([z.literal(0), z.literal(1), z.null()])).max(100),
  }),
});
export type RecentDay = z.infer<typeof RecentDay>;

/** The finals of the last closed days of a meter, oldest first. */
export const RecentDays = z.object({
  v: z.literal(1),
  meter: Name,
  medium: Medium,
  role: Role,
  days: z.array(RecentDay).max(RECENT_DAYS_MAX),
});
export type RecentDays = z.infer<typeof RecentDays>;

const amountNames = ['importWh', 'exportWh', 'volumeL', 'heatJ'] as const;

export function packDay({ date, from, to, at, epoch, seq, ...day }: DayAnalysis): RecentDay {
  const { cost, currency, quarters } = day;
  const fromMs = Date.parse(from);
  const byIndex = new Map(
    quarters.map((quarter) => [(Date.parse(quarter.start) - fromMs) / QUARTER_MS, quarter]),
  );
  const count = Math.max(-1, ...byIndex.keys()) + 1;
  const column = <Value>(valueOf: (quarter: Quarter) => Value | undefined): (Value | null)[] =>
    Array.from({ length: count }, (_, i) => {
      const quarter = byIndex.get(i);
      return quarter ? (valueOf(quarter) ?? null) : null;
    });
  const stated = amountNames.filter((name) => quarters.some((one) => one[name] !== undefined));
  return {
    ...{ date, from, to, at, epoch, seq },
    ...known(Object.fromEntries(amountNames.map((name) => [name, day[name]]))),
    ...known({ cost, currency }),
    quarters: {
      ...Object.fromEntries(stated.map((name) => [name, column((one) => one[name])])),
      estimated: column((one) => (one.estimated ? 1 : 0)),
    },
  };
}

/** The message that `packDay` was given. */
export function unpackDay(of: Omit<RecentDays, 'days'>, packed: RecentDay): DayAnalysis {
  const { quarters: columns, ...day } = packed;
  const fromMs = Date.parse(day.from);
  const quarters = columns.estimated.flatMap((estimated, i) => {
    if (estimated === null) return [];
    const start = new Date(fromMs + i * QUARTER_MS).toISOString();
    const amounts = known(
      Object.fromEntries(amountNames.map((name) => [name, columns[name]?.[i] ?? undefined])),
    );
    return [{ start, ...amounts, estimated: estimated === 1 }];
  });
  const { v, meter, medium, role } = of;
  return { v, meter, medium, role, ...day, quarters };
}

const known = <Value>(fields: Readonly<Record<string, Value | undefined>>): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, Value] => entry[1] !== undefined),
  );
