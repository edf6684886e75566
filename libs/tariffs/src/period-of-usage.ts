import type { Calendar, LocalSpan } from './calendar.js';
import { isValidOn, type Slot } from './component.js';
import { share } from './exact.js';
import { monthlyPeriods, monthsIn, type Period, type Segment } from './period.js';
import type { Tariff } from './tariff.js';
import { netted, type Usage } from './usage.js';

/** The bills that a time is made of: one, or one a month where the tariff says so. */
export function periodsOf(tariff: Tariff, usage: Usage, calendar: Calendar): Usage[] {
  const slots = inOrder(usage.slots);
  const known = inOrder(usage.demand?.slots ?? []).filter(({ startMs }) => startMs < usage.startMs);
  const demand = {
    slots: [...known, ...slots],
    monthPeaksW: usage.demand?.monthPeaksW ?? new Map<string, number>(),
  };
  const { startMs, endMs } = usage;
  const spans =
    tariff.billing === 'month' ? monthlyPeriods(startMs, endMs, calendar) : [{ startMs, endMs }];
  let meteredWh = 0;
  return spans.map((span) => {
    const own = within(slots, span.startMs, span.endMs);
    const before = meteredWh;
    meteredWh += own.reduce((sum, slot) => sum + slot.energyImportWh, 0);
    return { ...span, slots: own, demand, importWhBefore: before };
  });
}

/** What the components are given of a billing period. */
export function periodOf(tariff: Tariff, usage: Usage, calendar: Calendar): Period {
  const { startMs, endMs, slots } = usage;
  const days = daysOf(startMs, endMs, calendar);
  const netSlots = netted(slots, tariff.netting ?? 'none', calendar);
  const step = tariff.energyStepWh ?? 1;
  const before = usage.importWhBefore ?? 0;
  const stepped = (energyWh: number): number => Math.floor(energyWh / step) * step;
  const importWh = netSlots.reduce((sum, slot) => sum + slot.energyImportWh, 0);
  return {
    startMs,
    endMs,
    days,
    segments: segmentsOf(tariff, days, slots, netSlots),
    months: monthsIn({ startMs, endMs, days }, tariff.billing === 'month', calendar),
    // What one reading leaves below a step, the next one has.
    importWh: stepped(before + importWh) - stepped(before),
    exportWh: netSlots.reduce((sum, slot) => sum + slot.energyExportWh, 0),
    demand: {
      slots: usage.demand?.slots ?? slots,
      monthPeaksW: usage.demand?.monthPeaksW ?? new Map<string, number>(),
    },
  };
}

const inOrder = (slots: readonly Slot[]): Slot[] =>
  [...slots].sort((a, b) => a.startMs - b.startMs);

const within = (slots: readonly Slot[], startMs: number, endMs: number): Slot[] =>
  slots.filter((slot) => slot.startMs >= startMs && slot.startMs < endMs);

function daysOf(startMs: number, endMs: number, calendar: Calendar): LocalSpan[] {
  const days: LocalSpan[] = [];
  for (let ms = startMs; ms < endMs; ms = days.at(-1)!.endMs) days.push(calendar.dayOf(ms));
  return days;
}

/** Cuts the period wherever another set of components begins to count. */
function segmentsOf(
  { components }: Tariff,
  days: readonly LocalSpan[],
  gross: readonly Slot[],
  net: readonly Slot[],
): Segment[] {
  const runs: { key: string; days: LocalSpan[] }[] = [];
  for (const day of days) {
    const key = components.map((component) => Number(isValidOn(component, day.name))).join('');
    const run = runs.at(-1);
    if (run?.key === key) run.days.push(day);
    else runs.push({ key, days: [day] });
  }
  return runs.map((run) => {
    const [first, last] = [run.days[0]!, run.days.at(-1)!];
    return {
      days: run.days,
      share: share(run.days.length, days.length),
      gross: within(gross, first.startMs, last.endMs),
      netted: within(net, first.startMs, last.endMs),
    };
  });
}
