import type { Calendar, LocalSpan } from './calendar.js';
import { isValidOn, type Slot } from './component.js';
import { share } from './exact.js';
import { monthlyPeriods, monthsIn, type Period, type Segment } from './period.js';
import type { Tariff } from './tariff.js';
import { netted, type Netting, type Usage } from './usage.js';

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
    meteredWh += importOf(own);
    return { ...span, slots: own, demand, importWhBefore: before };
  });
}

/** What a period of a bill is made of, so that more quarter-hours can be added to it. */
export interface PeriodBasis extends Period {
  /** Before and in the period, not yet in the steps that the supplier reads. */
  readonly importWhBefore: number;
  readonly importWhExact: number;
  readonly stepWh: number;
  readonly netting: Netting;
}

/** What the components are given of a billing period. */
export function periodOf(tariff: Tariff, usage: Usage, calendar: Calendar): PeriodBasis {
  const { startMs, endMs, slots, importWhBefore = 0 } = usage;
  const days = daysOf(startMs, endMs, calendar);
  const netting = tariff.netting ?? 'none';
  const netSlots = netted(slots, netting, calendar);
  const stepWh = tariff.energyStepWh ?? 1;
  const importWhExact = importOf(netSlots);
  return {
    startMs,
    endMs,
    days,
    segments: segmentsOf(tariff, days, slots, netSlots),
    months: monthsIn({ startMs, endMs, days }, tariff.billing === 'month', calendar),
    importWh: inSteps(importWhExact, importWhBefore, stepWh),
    exportWh: exportOf(netSlots),
    demand: {
      slots: usage.demand?.slots ?? slots,
      monthPeaksW: usage.demand?.monthPeaksW ?? new Map<string, number>(),
    },
    importWhBefore,
    importWhExact,
    stepWh,
    netting,
  };
}

/** The period with other quarter-hours in the place of those that were summed up before. */
export function withSlots(
  basis: PeriodBasis,
  slots: readonly Slot[],
  calendar: Calendar,
): PeriodBasis {
  const netSlots = netted(slots, basis.netting, calendar);
  const importWhExact = basis.importWhExact + importOf(netSlots);
  return {
    ...basis,
    segments: basis.segments.map((segment) => {
      const [startMs, endMs] = [segment.days[0]!.startMs, segment.days.at(-1)!.endMs];
      const gross = within(slots, startMs, endMs);
      return { ...segment, gross, netted: within(netSlots, startMs, endMs) };
    }),
    importWh: inSteps(importWhExact, basis.importWhBefore, basis.stepWh),
    exportWh: basis.exportWh + exportOf(netSlots),
    importWhExact,
  };
}

/** What one reading leaves below a step, the next one has. */
function inSteps(importWh: number, beforeWh: number, stepWh: number): number {
  const stepped = (energyWh: number): number => Math.floor(energyWh / stepWh) * stepWh;
  return stepped(beforeWh + importWh) - stepped(beforeWh);
}

const importOf = (slots: readonly Slot[]): number =>
  slots.reduce((sum, slot) => sum + slot.energyImportWh, 0);
const exportOf = (slots: readonly Slot[]): number =>
  slots.reduce((sum, slot) => sum + slot.energyExportWh, 0);

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
