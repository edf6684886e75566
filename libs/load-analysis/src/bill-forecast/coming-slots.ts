import type { Calendar, Slot } from '@wattbus/tariffs';
import { slotsBetween, type KeptDays } from '../cost/kept-days.js';
import { QUARTER_MS } from '../ledger/spread.js';

/** So many days show when in the day energy is used. */
const SHAPE_DAYS = 28;
const DAY_MS = 86_400_000;
/** Saturday and Sunday, counted from the first day of Unix time, a Thursday. */
const WEEKEND: ReadonlySet<number> = new Set([2, 3]);

interface Shape {
  readonly importWh: (atMs: number) => number;
  readonly exportWh: (atMs: number) => number;
}

/** How a weekday and a day of the weekend have gone of late, by the quarter-hour. */
function shapeOf(days: KeptDays, atMs: number, calendar: Calendar): Shape {
  const sums = new Map<string, { importWh: number; exportWh: number }>();
  const recent = days.filter(({ startMs }) => startMs > atMs - SHAPE_DAYS * DAY_MS);
  const counts = new Map<boolean, number>();
  for (const { startMs } of recent) {
    const weekend = isWeekend(startMs, calendar);
    counts.set(weekend, (counts.get(weekend) ?? 0) + 1);
  }
  for (const slot of slotsBetween(recent, recent[0]?.startMs ?? atMs, atMs)) {
    const key = keyOf(slot.startMs, calendar);
    const sum = sums.get(key) ?? { importWh: 0, exportWh: 0 };
    sum.importWh += slot.energyImportWh;
    sum.exportWh += slot.energyExportWh;
    sums.set(key, sum);
  }
  const mean = (ms: number, name: 'importWh' | 'exportWh'): number =>
    (sums.get(keyOf(ms, calendar))?.[name] ?? 0) / (counts.get(isWeekend(ms, calendar)) ?? 1);
  return { importWh: (ms) => mean(ms, 'importWh'), exportWh: (ms) => mean(ms, 'exportWh') };
}

function isWeekend(atMs: number, calendar: Calendar): boolean {
  const day = Math.round(Date.parse(`${calendar.dayOf(atMs).name}T00:00:00Z`) / DAY_MS);
  return WEEKEND.has(day % 7);
}

const keyOf = (atMs: number, calendar: Calendar): string =>
  `${isWeekend(atMs, calendar)} ${calendar.minuteOfDay(atMs)}`;

/**
 * The quarter-hours from an instant until the end of a period, with as much import in all as is
 * expected and in the shape of late. What is fed in goes on as it was.
 */
export function comingSlots(
  days: KeptDays,
  { fromMs, endMs, importWh }: { fromMs: number; endMs: number; importWh: number },
  calendar: Calendar,
): Slot[] {
  const shape = shapeOf(days, fromMs, calendar);
  const starts: number[] = [];
  for (let ms = Math.ceil(fromMs / QUARTER_MS) * QUARTER_MS; ms < endMs; ms += QUARTER_MS) {
    starts.push(ms);
  }
  const own = starts.map((ms) => shape.importWh(ms));
  const total = own.reduce((a, b) => a + b, 0);
  const weights = total > 0 ? own.map((wh) => wh / total) : starts.map(() => 1 / starts.length);
  let [weight, exported] = [0, 0];
  return starts.map((startMs, i) => {
    const before = Math.round(importWh * weight);
    weight += weights[i]!;
    const exportedBefore = Math.round(exported);
    exported += shape.exportWh(startMs);
    return {
      startMs,
      energyImportWh: Math.round(importWh * weight) - before,
      energyExportWh: Math.round(exported) - exportedBefore,
    };
  });
}
