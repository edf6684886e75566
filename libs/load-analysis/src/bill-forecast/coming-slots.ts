import type { Calendar, Slot } from '@wattbus/tariffs';
import { slotsOfDay, type KeptDays } from '../cost/kept-days.js';
import { QUARTER_MS } from '../ledger/spread.js';

/** So many days show when in the day energy is used. */
const SHAPE_DAYS = 28;
const DAY_MS = 86_400_000;
/** Saturday and Sunday, counted from the first day of Unix time, a Thursday. */
const WEEKEND: ReadonlySet<number> = new Set([2, 3]);

/** Wh by the quarter-hour of the day, of weekdays and of weekends; 100 where the clock goes back. */
type Shape = Readonly<Record<'weekday' | 'weekend', { importWh: number[]; exportWh: number[] }>>;

const kindOf = ({ name }: { readonly name: string }): keyof Shape =>
  WEEKEND.has(Math.round(Date.parse(`${name}T00:00:00Z`) / DAY_MS) % 7) ? 'weekend' : 'weekday';

/** How days have gone of late, summed up; only their proportions count for what is taken. */
function shapeOf(days: KeptDays, atMs: number, calendar: Calendar): Shape {
  const empty = () => ({ importWh: [] as number[], exportWh: [] as number[] });
  const shape = { weekday: empty(), weekend: empty() };
  const counts = { weekday: 0, weekend: 0 };
  for (const day of days.filter(({ startMs }) => startMs > atMs - SHAPE_DAYS * DAY_MS)) {
    const kind = kindOf(calendar.dayOf(day.startMs));
    counts[kind] += 1;
    for (const slot of slotsOfDay(day)) {
      const index = (slot.startMs - day.startMs) / QUARTER_MS;
      const { importWh, exportWh } = shape[kind];
      importWh[index] = (importWh[index] ?? 0) + slot.energyImportWh;
      exportWh[index] = (exportWh[index] ?? 0) + slot.energyExportWh;
    }
  }
  const mean = (kind: keyof Shape) => {
    const divided = (sums: number[]): number[] => sums.map((wh) => wh / counts[kind]);
    return { importWh: divided(shape[kind].importWh), exportWh: divided(shape[kind].exportWh) };
  };
  return { weekday: mean('weekday'), weekend: mean('weekend') };
}

/**
 * The quarter-hours from an instant until the end of a period, with as much import in all as is
 * expected and in the shape of late. What is fed in goes on as it was.
 */
export function comingSlots(
  days: KeptDays,
  { fromMs, endMs }: { readonly fromMs: number; readonly endMs: number },
  calendar: Calendar,
): (importWh: number) => Slot[] {
  const shape = shapeOf(days, fromMs, calendar);
  const coming: { startMs: number; importWh: number; exportWh: number }[] = [];
  const firstMs = Math.ceil(fromMs / QUARTER_MS) * QUARTER_MS;
  for (let ms = firstMs; ms < endMs;) {
    const day = calendar.dayOf(ms);
    const { importWh, exportWh } = shape[kindOf(day)];
    for (; ms < Math.min(endMs, day.endMs); ms += QUARTER_MS) {
      const index = (ms - day.startMs) / QUARTER_MS;
      coming.push({ startMs: ms, importWh: importWh[index] ?? 0, exportWh: exportWh[index] ?? 0 });
    }
  }
  const shapeWh = coming.reduce((sum, one) => sum + one.importWh, 0);
  return (importWh) => {
    let [share, exported] = [0, 0];
    return coming.map((one) => {
      const [before, exportedBefore] = [share, exported];
      share += shapeWh > 0 ? one.importWh / shapeWh : 1 / coming.length;
      exported += one.exportWh;
      return {
        startMs: one.startMs,
        energyImportWh: Math.round(importWh * share) - Math.round(importWh * before),
        energyExportWh: Math.round(exported) - Math.round(exportedBefore),
      };
    });
  };
}
