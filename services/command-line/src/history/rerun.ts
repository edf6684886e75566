import {
  costMessage,
  dayMessage,
  energyMessage,
  insight,
  nextMeterState,
  nextMeterStateOfQuarter,
  peakMessage,
  type MeterState,
  type MeterStep,
} from '@wattbus/analyzer';
import {
  quantities,
  type Measured,
  type Medium,
  type Reading,
  type Role,
} from '@wattbus/energy-model';
import { Recorder, type Insights, type Proposal } from '@wattbus/historian';
import { QUARTER_MS, type AmountName, type AnalysisSite } from '@wattbus/load-analysis';
import type { StoredPoint, TimeSeriesStore } from '@wattbus/time-series';
import { noPriceHistory, PriceSource, type PriceHistory } from './price-history.js';
import { erasePoints, PointWriter, storedPoints } from './stored-points.js';

export interface RerunRange {
  readonly meter: string;
  /** Starts of local days, from inclusive, to exclusive. */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface RerunReport {
  readonly readings: number;
  readonly quarters: number;
  readonly days: number;
  readonly points: number;
  readonly refused: ReadonlyMap<string, number>;
}

/** What the models must have seen before the range, so that they know the home's habits. */
const WARM_UP_MS = 60 * 86_400_000;
/**
 * Made anew beside the books. Carbon is not: what the grid's intensity was then came over the bus
 * and is kept nowhere but in the results.
 */
const insightNames = ['baseload', 'anomaly', 'forecast', 'quality'] as const;
const erased = ['day', 'cost', 'peak', 'skill', ...insightNames] as const;
/** Stands for the journal that stored history has none of. */
const EPOCH = 'history';

/**
 * Analyses what the store has of a meter with the very code that the analyzer runs, and stores the
 * results in the place of those that were there. The same input gives the same store.
 */
export async function rerun(
  store: TimeSeriesStore,
  range: RerunRange,
  site: AnalysisSite,
  prices: PriceHistory = noPriceHistory,
): Promise<RerunReport> {
  const { meter, fromMs, toMs } = range;
  const writer = new PointWriter(store);
  const results = new RerunResults(range, { site, prices }, writer);
  await erasePoints(store, { measurements: erased, tags: { meter }, fromMs, toMs });
  for await (const input of inputsOf(store, range)) await results.take(input);
  await results.end();
  const { readings, quarters, days } = results;
  return { readings, quarters, days, points: writer.written, refused: writer.refused };
}

type Input =
  | { readonly kind: 'reading'; readonly point: StoredPoint }
  | { readonly kind: 'quarter'; readonly point: StoredPoint; readonly rowMinutes: number };

/** Quarter-hours that a file stated, up to the first reading; then the readings. */
async function* inputsOf(
  store: TimeSeriesStore,
  { meter, fromMs, toMs }: RerunRange,
): AsyncGenerator<Input> {
  const query = { tags: { meter }, fromMs: Math.max(1, fromMs - WARM_UP_MS), toMs };
  const readings = storedPoints(store, { ...query, measurement: 'reading' });
  const first = await readings.next();
  const untilMs = first.done ? toMs : first.value.atMs;
  for await (const point of storedPoints(store, { ...query, measurement: 'quarter' })) {
    if (point.atMs + QUARTER_MS > untilMs) break;
    const rowMinutes = point.fields['importedMin'];
    if (typeof rowMinutes === 'number') yield { kind: 'quarter', point, rowMinutes };
  }
  if (first.done) return;
  yield { kind: 'reading', point: first.value };
  for await (const point of readings) yield { kind: 'reading', point };
}

class RerunResults {
  readings = 0;
  quarters = 0;
  days = 0;
  readonly #range: RerunRange;
  readonly #site: AnalysisSite;
  readonly #prices: PriceSource;
  readonly #writer: PointWriter;
  readonly #recorder = new Recorder();
  /** Quarter-hours that a file stated: they are what the analysis is made from. */
  readonly #stated = new Set<number>();
  /** By insight: the version that was stored last. */
  readonly #versions = new Map<string, string>();
  #state: MeterState | null = null;
  #seq = 0;

  constructor(
    range: RerunRange,
    { site, prices }: { readonly site: AnalysisSite; readonly prices: PriceHistory },
    writer: PointWriter,
  ) {
    this.#range = range;
    this.#site = site;
    this.#prices = new PriceSource(prices, site);
    this.#writer = writer;
  }

  async take(input: Input): Promise<void> {
    this.#seq += 1;
    const { point } = input;
    if (input.kind === 'quarter') {
      this.#stated.add(point.atMs);
      this.quarters += 1;
      await this.#step(nextMeterStateOfQuarter(this.#state, this.#quarterOf(input), this.#site));
    } else {
      this.readings += 1;
      await this.#step(nextMeterState(this.#state, this.#readingOf(point), this.#site));
    }
  }

  async end(): Promise<void> {
    if (this.#state) await this.#record(this.#recorder.energy(energyMessage(this.#state)));
    await this.#writer.flush();
  }

  async #step({ state: stepped, days, results }: MeterStep): Promise<void> {
    const state = this.#prices.priced(stepped);
    this.#state = state;
    for (const day of days) {
      if (day.day.startMs < this.#range.fromMs) continue;
      this.days += 1;
      const message = dayMessage(state, state.dayClosedBy!, day, this.#site);
      await this.#record(this.#recorder.day(message));
    }
    await this.#stepInsights(state);
    if (!results.some(({ kind }) => kind === 'quarter')) return;
    const [cost, peak] = [costMessage(state, this.#site), peakMessage(state)];
    if (cost) await this.#record(this.#recorder.cost(cost));
    if (peak) await this.#record(this.#recorder.peak(peak));
  }

  async #stepInsights(state: MeterState): Promise<void> {
    for (const name of insightNames) {
      const change = state.changes[name];
      if (!change || change.version === this.#versions.get(name)) continue;
      this.#versions.set(name, change.version);
      const payload = insight(name).make({ state, stamp: change }, this.#site);
      if (payload)
        await this.#record(this.#recorder.insight(name, payload as Insights[typeof name]));
    }
  }

  async #record({ points, accept }: Proposal): Promise<void> {
    accept();
    const { fromMs, toMs } = this.#range;
    await this.#writer.add(
      points.filter(
        ({ measurement, atMs }) =>
          atMs >= fromMs && atMs < toMs && !(measurement === 'quarter' && this.#stated.has(atMs)),
      ),
    );
  }

  #stampOf({ tags, atMs }: StoredPoint) {
    return {
      meter: this.#range.meter,
      medium: tags['medium'] as Medium,
      role: tags['role'] as Role,
      epoch: EPOCH,
      seq: this.#seq,
      at: new Date(atMs).toISOString(),
    };
  }

  #quarterOf({ point, rowMinutes }: Extract<Input, { kind: 'quarter' }>) {
    const { atMs: startMs, fields } = point;
    const amounts: { [name in AmountName]?: number } = {};
    for (const name of ['importWh', 'exportWh', 'volumeL', 'heatJ'] as const) {
      if (typeof fields[name] === 'number') amounts[name] = fields[name];
    }
    const quality = fields['estimated'] === false ? ('measured' as const) : ('estimated' as const);
    return {
      ...this.#stampOf({ ...point, atMs: startMs + QUARTER_MS }),
      quarter: { startMs, amounts, quality },
      isHourMeasured: rowMinutes <= 60,
    };
  }

  #readingOf(point: StoredPoint): Reading {
    const { receivedMs, ...fields } = point.fields;
    const stamp = this.#stampOf(point);
    const receivedAt =
      typeof receivedMs === 'number' ? new Date(receivedMs).toISOString() : stamp.at;
    const measured = Object.entries(fields).filter(([name]) => name in quantities);
    return {
      v: 1,
      ...stamp,
      receivedAt,
      atSource: 'meter',
      quality: 'checked',
      ...(Object.fromEntries(measured) as Measured),
    };
  }
}
