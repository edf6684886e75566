import type { Calendar, LocalSpan } from './calendar.js';
import { isValidOn, type Slot } from './component.js';
import type { DaySums } from './day-sums.js';
import { one, share, type Exact } from './exact.js';
import {
  monthlyPeriods,
  monthsIn,
  type DemandHistory,
  type Period,
  type Segment,
  type SlotSum,
} from './period.js';
import type { Tariff } from './tariff.js';
import { exportOf, groupedBy, importOf, netted, type Netting, type Usage } from './usage.js';

/** What a period of a bill is made of, so that more quarter-hours can be added to it. */
export interface PeriodBasis extends Period {
  readonly segments: readonly BasisSegment[];
  /** Before the period, as metered, not in the steps that the supplier reads. */
  readonly importWhBefore: number;
  readonly stepWh: number;
  readonly netting: Netting;
}

/** With its energy, of which nothing is set off yet over months or the whole bill. */
export interface BasisSegment extends Segment {
  readonly importWh: number;
  readonly exportWh: number;
}

/** The bills that a time is made of: one, or one a month where the tariff says so. */
export function periodsOf(tariff: Tariff, usage: Usage, calendar: Calendar): Usage[] {
  const slots = inOrder(usage.slots);
  const known = inOrder(usage.demand?.slots ?? []).filter(({ startMs }) => startMs < usage.startMs);
  const demand = {
    slots: [...known, ...slots],
    monthPeaksW: usage.demand?.monthPeaksW ?? new Map<string, number>(),
  };
  let meteredWh = 0;
  return spansOf(tariff, usage, calendar).map((span) => {
    const own = within(slots, span.startMs, span.endMs);
    const before = meteredWh;
    meteredWh += importOf(own);
    return { ...span, slots: own, demand, importWhBefore: before };
  });
}

type Span = Pick<LocalSpan, 'startMs' | 'endMs'>;

const spansOf = (
  { billing }: Tariff,
  { startMs, endMs }: Span,
  calendar: Calendar,
): readonly Span[] =>
  billing === 'month' ? monthlyPeriods(startMs, endMs, calendar) : [{ startMs, endMs }];

/** What the components are given of a billing period. */
export function periodOf(tariff: Tariff, usage: Usage, calendar: Calendar): PeriodBasis {
  const { slots, importWhBefore = 0 } = usage;
  const netSlots = netted(slots, tariff.netting ?? 'none');
  const frame = frameOf(tariff, usage, calendar);
  return settled({
    ...frame,
    segments: frame.segments.map((segment) => withEnergy(segment, slots, netSlots)),
    demand: {
      slots: usage.demand?.slots ?? slots,
      monthPeaksW: usage.demand?.monthPeaksW ?? new Map<string, number>(),
    },
    importWhBefore,
  });
}

/** A time whose days are summed up already. */
export interface SummedUsage extends Span {
  /** Those of the time, in order. */
  readonly days: readonly DaySums[];
  readonly demand: DemandHistory;
}

/** The periods of a time whose days are summed up; their quarter-hours are not looked at again. */
export function summedPeriods(
  tariff: Tariff,
  usage: SummedUsage,
  calendar: Calendar,
  isExact = false,
): PeriodBasis[] {
  let meteredWh = 0;
  return spansOf(tariff, usage, calendar).map((span) => {
    const days = usage.days.filter(
      ({ startMs }) => startMs >= span.startMs && startMs < span.endMs,
    );
    const frame = frameOf(tariff, span, calendar);
    const importWhBefore = meteredWh;
    for (const day of days) meteredWh += day.meteredWh;
    return settled({
      ...frame,
      ...(isExact ? { isExact, stepWh: 1 } : {}),
      segments: frame.segments.map((segment) => withDays(segment, days)),
      demand: usage.demand,
      importWhBefore,
    });
  });
}

/** The period with some quarter-hours more. */
export function withSlots(basis: PeriodBasis, slots: readonly Slot[]): PeriodBasis {
  if (slots.length === 0) return basis;
  const netSlots = netted(slots, basis.netting);
  return settled({
    ...basis,
    segments: basis.segments.map((segment) => withEnergy(segment, slots, netSlots)),
  });
}

/** The period with another segment in the place of one of its own. */
export const withSegment = (
  basis: PeriodBasis,
  own: BasisSegment,
  other: BasisSegment,
): PeriodBasis =>
  settled({
    ...basis,
    segments: basis.segments.map((segment) => (segment === own ? other : segment)),
  });

const nothingLess = { import: one, export: one };

/** Every meter of a site asks for the same periods, and for each many times. */
const frames = new WeakMap<Tariff, { calendar: Calendar; frame: PeriodBasis }[]>();
const FRAMES_MAX = 8;

/** The days and segments of a period, before anything is used in it. */
function frameOf(tariff: Tariff, span: Span, calendar: Calendar): PeriodBasis {
  const known = frames.get(tariff) ?? [];
  const same = known.find(
    (one) =>
      one.frame.startMs === span.startMs &&
      one.frame.endMs === span.endMs &&
      one.calendar === calendar,
  );
  if (same) return same.frame;
  const frame = makeFrame(tariff, span, calendar);
  frames.set(tariff, [{ calendar, frame }, ...known].slice(0, FRAMES_MAX));
  return frame;
}

function makeFrame(tariff: Tariff, { startMs, endMs }: Span, calendar: Calendar): PeriodBasis {
  const days = daysOf(startMs, endMs, calendar);
  const netting = tariff.netting ?? 'none';
  return {
    startMs,
    endMs,
    days,
    segments: segmentsOf(tariff, days, netting),
    months: monthsIn({ startMs, endMs, days }, tariff.billing === 'month', calendar),
    importWh: 0,
    exportWh: 0,
    demand: { slots: [], monthPeaksW: new Map() },
    importWhBefore: 0,
    stepWh: tariff.energyStepWh ?? 1,
    netting,
  };
}

/** Sets export off over months or the whole bill, and adds up what is left. */
function settled(basis: PeriodBasis): PeriodBasis {
  const { netting, importWhBefore, stepWh } = basis;
  const stepOf = (importWh: number): number => inSteps(importWh, importWhBefore, stepWh);
  const groupOf = groups[netting];
  if (!groupOf) {
    const { importWh, exportWh } = energyOf(basis.segments);
    return { ...basis, importWh: stepOf(importWh), exportWh };
  }
  const byGroup = groupedBy(basis.segments, groupOf);
  let [importWh, exportWh] = [0, 0];
  const left = new Map<string, Segment['left']>();
  for (const [group, segments] of byGroup) {
    const all = energyOf(segments);
    const offWh = Math.min(all.importWh, all.exportWh);
    importWh += all.importWh - offWh;
    exportWh += all.exportWh - offWh;
    left.set(group, { import: leftOf(all.importWh, offWh), export: leftOf(all.exportWh, offWh) });
  }
  return {
    ...basis,
    segments: basis.segments.map((segment) => ({ ...segment, left: left.get(groupOf(segment))! })),
    importWh: stepOf(importWh),
    exportWh,
  };
}

/** Over which times export is set off; a segment lies in one of them. */
const groups: { readonly [name in Netting]?: (segment: Segment) => string } = {
  month: ({ days }) => days[0]!.name.slice(0, 7),
  year: () => 'all',
};

const leftOf = (wh: number, offWh: number): Exact => (wh === 0 ? one : share(wh - offWh, wh));

function energyOf(segments: readonly BasisSegment[]): { importWh: number; exportWh: number } {
  let [importWh, exportWh] = [0, 0];
  for (const segment of segments) {
    importWh += segment.importWh;
    exportWh += segment.exportWh;
  }
  return { importWh, exportWh };
}

/** The segment with quarter-hours of the period beside those that are summed up in it. */
function withEnergy(
  segment: BasisSegment,
  slots: readonly Slot[],
  netSlots: readonly Slot[],
): BasisSegment {
  const [startMs, endMs] = [segment.days[0]!.startMs, segment.days.at(-1)!.endMs];
  const gross = within(slots, startMs, endMs);
  const net = netSlots === slots ? gross : within(netSlots, startMs, endMs);
  return {
    ...segment,
    gross,
    netted: net,
    importWh: segment.importWh + importOf(net),
    exportWh: segment.exportWh + exportOf(net),
  };
}

function withDays(segment: BasisSegment, days: readonly DaySums[]): BasisSegment {
  const [startMs, endMs] = [segment.days[0]!.startMs, segment.days.at(-1)!.endMs];
  const sums = new Map<object, SlotSum>();
  let [importWh, exportWh] = [0, 0];
  for (const day of days) {
    if (day.startMs < startMs || day.startMs >= endMs) continue;
    importWh += day.importWh;
    exportWh += day.exportWh;
    for (const [component, { picoWh, estimated }] of day.sums) {
      const before = sums.get(component);
      sums.set(component, {
        picoWh: (before?.picoWh ?? 0n) + picoWh,
        estimated: (before?.estimated ?? false) || estimated,
      });
    }
  }
  return { ...segment, sums, importWh, exportWh };
}

/** What one reading leaves below a step, the next one has. */
function inSteps(importWh: number, beforeWh: number, stepWh: number): number {
  const stepped = (energyWh: number): number => Math.floor(energyWh / stepWh) * stepWh;
  return stepped(beforeWh + importWh) - stepped(beforeWh);
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

/** Cuts the period wherever another set of components, or another time of netting, begins. */
function segmentsOf(
  { components }: Tariff,
  days: readonly LocalSpan[],
  netting: Netting,
): BasisSegment[] {
  const runs: { key: string; days: LocalSpan[] }[] = [];
  for (const day of days) {
    const valid = components.map((component) => Number(isValidOn(component, day.name))).join('');
    const key = netting === 'month' ? `${day.name.slice(0, 7)} ${valid}` : valid;
    const run = runs.at(-1);
    if (run?.key === key) run.days.push(day);
    else runs.push({ key, days: [day] });
  }
  return runs.map((run) => ({
    days: run.days,
    share: share(run.days.length, days.length),
    ...{ gross: [], netted: [], left: nothingLess, importWh: 0, exportWh: 0 },
  }));
}
