import type { Calendar, Slot } from '@wattbus/tariffs';
import { QUARTER_MS } from '../ledger/spread.js';

/**
 * The closed quarter-hours of a local day in whole Wh, in base 36 with commas between and nothing
 * for 0: a day is some 300 bytes, so that 60 days stay in the state. Plain JSON.
 */
export interface KeptDay {
  readonly startMs: number;
  readonly imports: string;
  readonly exports: string;
}

/** Oldest first. */
export type KeptDays = readonly KeptDay[];

/** Late prices and corrected ones price so many days anew. */
export const KEPT_DAYS_MIN = 40;
/** A bill can be asked for so long after its period. */
const CLOSED_DAYS = 3;
const DAY_MS = 86_400_000;

/** What has to be remembered: the days of re-rating, and the months that an open bill touches. */
export interface KeepRule {
  readonly calendar: Calendar;
}

/** Takes a quarter-hour that closed; one that came before is replaced. */
export function keepSlot(days: KeptDays, slot: Slot, rule: KeepRule): KeptDays {
  const { startMs } = rule.calendar.dayOf(slot.startMs);
  const index = (slot.startMs - startMs) / QUARTER_MS;
  const last = days.at(-1);
  if (last?.startMs === startMs) return days.with(-1, withSlot(last, index, slot));
  const known = days.findIndex((day) => day.startMs === startMs);
  if (known >= 0) return days.with(known, withSlot(days[known]!, index, slot));
  const day = withSlot({ startMs, imports: '', exports: '' }, index, slot);
  const all = [...days, day].sort((a, b) => a.startMs - b.startMs);
  const fromMs = keptFrom(all.at(-1)!.startMs, rule);
  return all.filter((one) => one.startMs >= fromMs);
}

/** A capacity tariff looks at whole calendar months, so that in which the bill began is kept. */
function keptFrom(dayMs: number, { calendar }: KeepRule): number {
  const period = calendar.billingPeriodOf(dayMs - CLOSED_DAYS * DAY_MS);
  return Math.min(calendar.monthOf(period.startMs).startMs, dayMs - KEPT_DAYS_MIN * DAY_MS);
}

/** The quarter-hours with `fromMs ≤ startMs < toMs` in which something flowed. */
export function slotsBetween(days: KeptDays, fromMs: number, toMs: number): Slot[] {
  return days
    .filter(({ startMs }) => startMs < toMs && startMs > fromMs - 2 * DAY_MS)
    .flatMap(slotsOfDay)
    .filter(({ startMs }) => startMs >= fromMs && startMs < toMs);
}

/** The days as they were at an instant; the very same ones where nothing has closed since. */
export function untilInstant(days: KeptDays, atMs: number): KeptDays {
  const last = days.findLastIndex(({ startMs }) => startMs < atMs);
  if (last < 0) return [];
  const day = days[last]!;
  const count = Math.ceil((atMs - day.startMs) / QUARTER_MS);
  const cut = {
    ...day,
    imports: firstOf(day.imports, count),
    exports: firstOf(day.exports, count),
  };
  const isSame = cut.imports === day.imports && cut.exports === day.exports;
  if (isSame && last === days.length - 1) return days;
  return [...days.slice(0, last), isSame ? day : cut];
}

/** The quarter-hours of a day in which something flowed. */
export function slotsOfDay({ startMs, imports, exports }: KeptDay): Slot[] {
  const [taken, fed] = [unpack(imports), unpack(exports)];
  const slots: Slot[] = [];
  for (let i = 0; i < Math.max(taken.length, fed.length); i += 1) {
    const [energyImportWh, energyExportWh] = [taken[i] ?? 0, fed[i] ?? 0];
    if (energyImportWh === 0 && energyExportWh === 0) continue;
    slots.push({ startMs: startMs + i * QUARTER_MS, energyImportWh, energyExportWh });
  }
  return slots;
}

const withSlot = (day: KeptDay, index: number, slot: Slot): KeptDay => ({
  startMs: day.startMs,
  imports: put(day.imports, index, slot.energyImportWh),
  exports: put(day.exports, index, slot.energyExportWh),
});

const RADIX = 36;

function unpack(text: string): number[] {
  return text === '' ? [] : text.split(',').map((one) => (one === '' ? 0 : parseInt(one, RADIX)));
}

/** What was packed after so many quarter-hours. */
function firstOf(text: string, count: number): string {
  const values = text.split(',').slice(0, count);
  while (values.at(-1) === '') values.pop();
  return values.join(',');
}

function put(text: string, index: number, wh: number): string {
  const values = text === '' ? [] : text.split(',');
  if (wh === 0 && index >= values.length) return text;
  while (values.length <= index) values.push('');
  values[index] = wh === 0 ? '' : wh.toString(RADIX);
  return values.join(',');
}
