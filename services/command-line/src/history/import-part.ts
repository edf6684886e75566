import type { Medium, Role } from '@wattbus/energy-model';
import { QUARTER_MS, type AnalysisSite } from '@wattbus/load-analysis';
import type { Point, TimeSeriesStore } from '@wattbus/time-series';
import type { HistoryFault, HistoryPart } from './history.js';
import type { PriceHistory } from './price-history.js';
import { registerReadings, type ImportedReading } from './register-readings.js';
import { rerun, type RerunReport } from './rerun.js';
import { asRegisters, hasUsage, kindOf, settleRows, type HistoryKind } from './settle-rows.js';
import { PointWriter, storedPoints } from './stored-points.js';
import { intervalOf, usageQuarters, type UsageQuarter } from './usage-quarters.js';

const MINUTE_MS = 60_000;

export interface PartOptions {
  readonly site: AnalysisSite;
  readonly timeAt: 'start' | 'end';
  readonly registersAtEnd: boolean;
  readonly gaps: boolean;
  /** `auto`: by the values. */
  readonly kind: HistoryKind | 'auto';
  /** Rows are of several series, which are put together. */
  readonly hasSeries: boolean;
}

/** What of a file goes into the store for one meter. */
export interface PreparedPart {
  readonly part: HistoryPart;
  readonly kind: HistoryKind;
  readonly rowMinutes: number | null;
  readonly readings: readonly ImportedReading[];
  readonly quarters: readonly UsageQuarter[];
}

export type Prepared =
  | { readonly ok: true; readonly prepared: PreparedPart }
  | { readonly ok: false; readonly faults: readonly HistoryFault[] };

/** Checks the rows of one meter whole, before anything is stored. */
export function preparePart(part: HistoryPart, options: PartOptions): Prepared {
  const settled = settleRows(part.rows, options.hasSeries);
  if (!settled.ok) return settled;
  const { rows } = settled;
  const kind = !hasUsage(rows) ? 'register' : options.kind === 'auto' ? kindOf(rows) : options.kind;
  const base = { part, kind, rowMinutes: null, readings: [], quarters: [] };
  if (kind === 'register') {
    const registers = hasUsage(rows) ? asRegisters(rows) : rows;
    const laterMs = options.registersAtEnd ? intervalOf(rows) * MINUTE_MS : 0;
    const readings = registerReadings(registers, laterMs);
    return { ok: true, prepared: { ...base, readings } };
  }
  const usage = usageQuarters(rows, { ...options, calendar: options.site.calendar });
  if (!usage.ok) return usage;
  const { quarters, rowMinutes } = usage;
  return { ok: true, prepared: { ...base, quarters, rowMinutes } };
}

export interface Importing {
  readonly meter: string;
  readonly role: Role;
  readonly site: AnalysisSite;
  readonly nowMs: number;
  readonly prices: PriceHistory;
}

export interface ImportReport {
  readonly stored: number;
  /** Rows from the meter's own first reading on, which are not needed. */
  readonly leftOut: number;
  readonly refused: ReadonlyMap<string, number>;
  readonly rerun: RerunReport | null;
}

/** Stores a part and analyses the days that it touches. What the meter itself said stays. */
export async function importPart(
  store: TimeSeriesStore,
  { part, readings, quarters }: PreparedPart,
  { meter, role, site, nowMs, prices }: Importing,
): Promise<ImportReport> {
  const tags = { meter, medium: part.medium, role };
  const points = [
    ...readings.map((reading) => readingPoint(reading, tags)),
    ...quarters.map((quarter) => quarterPoint(quarter, tags)),
  ];
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return { stored: 0, leftOut: 0, refused: new Map(), rerun: null };
  const ownMs = await firstOwnReadingMs(store, meter, first.atMs, last.atMs + QUARTER_MS);
  const wanted = points.filter(({ atMs, measurement }) =>
    measurement === 'quarter' ? atMs + QUARTER_MS <= ownMs : atMs < ownMs,
  );
  const writer = new PointWriter(store);
  await writer.add(wanted);
  await writer.flush();
  const { calendar } = site;
  const fromMs = calendar.dayOf(first.atMs).startMs;
  const toMs = Math.min(calendar.dayOf(last.atMs).endMs, calendar.dayOf(nowMs).startMs);
  return {
    stored: writer.written,
    leftOut: points.length - wanted.length,
    refused: writer.refused,
    rerun: fromMs < toMs ? await rerun(store, { meter, fromMs, toMs }, site, prices) : null,
  };
}

type Tags = Readonly<{ meter: string; medium: Medium; role: Role }>;

const readingPoint = ({ atMs, measured }: ImportedReading, tags: Tags): Point => ({
  measurement: 'reading',
  tags,
  fields: measured,
  atMs,
});

const quarterPoint = ({ startMs, amounts, rowMinutes }: UsageQuarter, tags: Tags): Point => ({
  measurement: 'quarter',
  tags,
  fields: { ...amounts, estimated: rowMinutes * MINUTE_MS > QUARTER_MS, importedMin: rowMinutes },
  atMs: startMs,
});

/** When the meter began to speak for itself; infinite where it does not in the range. */
async function firstOwnReadingMs(
  store: TimeSeriesStore,
  meter: string,
  fromMs: number,
  toMs: number,
): Promise<number> {
  const query = { measurement: 'reading' as const, tags: { meter }, fromMs, toMs };
  for await (const { fields, atMs } of storedPoints(store, query)) {
    if (fields['epoch'] !== undefined) return atMs;
  }
  return Infinity;
}
