import type { LocalSpan } from '@wattbus/tariffs';
import { QUARTER_MS } from '../ledger/spread.js';

/** A quarter-hour's import, `null` where it is not a measurement, and its export. */
export interface LoadQuarter {
  readonly startMs: number;
  readonly wh: number | null;
  readonly exportWh: number;
}

/**
 * A wall-clock hour. `day` counts local dates from 1970-01-01, so the day after is always one
 * more and hours of the clock follow each other as `slotOf` does, whatever the clock change.
 */
export interface LoadHour {
  readonly startMs: number;
  readonly day: number;
  readonly hour: number;
  /** Sum of the quarter-hours; `null` unless all four are measured. */
  readonly wh: number | null;
  readonly quartersWh: readonly (number | null)[];
  readonly exportWh: number;
}

/** The hour whose quarter-hours are coming in. */
export type OpenHour = Omit<LoadHour, 'wh'>;

export const HOUR_MS = 3_600_000;
export const HOURS_OF_DAY = 24;
const DAY_MS = 86_400_000;
const WEEKDAYS = 7;
const SATURDAY = 5;
const QUARTERS_OF_HOUR = 4;

export const slotOf = ({ day, hour }: { day: number; hour: number }): number =>
  day * HOURS_OF_DAY + hour;

export const dayOfSlot = (slot: number): number => Math.floor(slot / HOURS_OF_DAY);

export const hourOfSlot = (slot: number): number => slot - dayOfSlot(slot) * HOURS_OF_DAY;

/** 0 is Monday; 1970-01-01 was a Thursday. */
export const weekdayOf = (day: number): number => (day + 3) % WEEKDAYS;

export const isWeekend = (day: number): boolean => weekdayOf(day) >= SATURDAY;

export interface LocalQuarter {
  readonly day: number;
  readonly hour: number;
  readonly quarter: number;
}

/** Clocks change in the first hours of a day; the hours after it are counted from its end. */
const BEFORE_CHANGE_MS = 2 * HOUR_MS;

/** Where on the wall clock a quarter-hour of a local day lies. */
export function localQuarter(startMs: number, span: LocalSpan): LocalQuarter {
  const sinceMs = startMs - span.startMs;
  const clockMs = sinceMs < BEFORE_CHANGE_MS ? sinceMs : DAY_MS - (span.endMs - startMs);
  const hour = Math.min(HOURS_OF_DAY - 1, Math.max(0, Math.floor(clockMs / HOUR_MS)));
  const quarter = Math.floor((clockMs - hour * HOUR_MS) / QUARTER_MS);
  return {
    day: Math.round(Date.parse(span.name) / DAY_MS),
    hour,
    quarter: Math.min(QUARTERS_OF_HOUR - 1, Math.max(0, quarter)),
  };
}

/** Puts a quarter-hour into its hour; returns the hours that end with it. */
export function takeQuarter(
  open: OpenHour | null,
  { startMs, wh, exportWh }: LoadQuarter,
  { day, hour, quarter }: LocalQuarter,
): { open: OpenHour | null; closed: readonly LoadHour[] } {
  const same = open !== null && open.day === day && open.hour === hour;
  const closed = open !== null && !same ? [closeHour(open)] : [];
  const quartersWh = same
    ? [...open.quartersWh]
    : Array<number | null>(QUARTERS_OF_HOUR).fill(null);
  quartersWh[quarter] = wh;
  const taken = {
    startMs: startMs - quarter * QUARTER_MS,
    day,
    hour,
    quartersWh,
    exportWh: exportWh + (same ? open.exportWh : 0),
  };
  if (quarter < QUARTERS_OF_HOUR - 1) return { open: taken, closed };
  return { open: null, closed: [...closed, closeHour(taken)] };
}

function closeHour(hour: OpenHour): LoadHour {
  let sumWh: number | null = 0;
  for (const wh of hour.quartersWh) sumWh = sumWh === null || wh === null ? null : sumWh + wh;
  return { ...hour, wh: sumWh };
}
