import type { InfluxDB, IPoint } from 'influx';
import { checkPoint, type Point } from '../points.js';
import {
  BATCH_POINTS_MAX,
  type Batch,
  type Cursor,
  type EraseQuery,
  type Found,
  type HistoryColumns,
  type HistoryQuery,
  type PointQuery,
  type PutAside,
  type RejectedPoint,
  type StoredPoint,
  type TimeSeriesStore,
  type Unavailable,
  type WriteOutcome,
} from '../store.js';
import { eraseResults, selectCursors, selectHistory, selectPoints } from './influx-queries.js';
import { answerOf, connect, CURSOR_MEASUREMENT } from './influx-session.js';
import type { Answer, InfluxSessionOptions } from './influx-session.js';
import { ensureDatabase } from './influx-database.js';

export interface InfluxStoreOptions extends InfluxSessionOptions {
  /** InfluxDB deletes what is older; 0 keeps all. */
  readonly retentionDays: number;
}

/** InfluxDB 1.x, and whatever speaks its API. Returns at once; the server may come later. */
export function openInfluxStore(options: InfluxStoreOptions): TimeSeriesStore {
  return new InfluxStore(options);
}

class InfluxStore implements TimeSeriesStore {
  readonly name: string;
  readonly #options: InfluxStoreOptions;
  readonly #influx: InfluxDB;
  /** The retention policy for cursors, known once the database has been seen to exist. */
  #cursorPolicy: string | undefined;
  #writing = false;

  constructor(options: InfluxStoreOptions) {
    this.#options = options;
    this.#influx = connect(options);
    this.name = `InfluxDB ${new URL(options.url).host}, database ${options.database}`;
  }

  async write(batch: Batch, putAside?: PutAside): Promise<WriteOutcome> {
    if (this.#writing) throw new Error('one write at a time');
    const { length } = batch.points;
    if (length > BATCH_POINTS_MAX) throw new Error(`batch of ${length} points`);
    this.#writing = true;
    try {
      return await this.#write(batch, putAside);
    } finally {
      this.#writing = false;
    }
  }

  async #write({ points, cursors }: Batch, putAside?: PutAside): Promise<WriteOutcome> {
    const ready = await this.#ensure();
    if (!ready.ok) return this.#retry(ready);
    const rejected: RejectedPoint[] = [];
    const good: Point[] = [];
    const oldestMs = this.#oldestMs();
    for (const point of points) {
      const checked = checkPoint(point);
      if (!checked.ok) rejected.push({ point, reason: checked.reason });
      // The server would refuse the whole batch for it.
      else if (point.atMs < oldestMs) rejected.push({ point, reason: this.#tooOld });
      else good.push(checked.point);
    }
    const fault = await this.#writeOrBisect(good, rejected);
    if (fault) return this.#retry(fault);
    if (rejected.length > 0 && putAside) {
      const aside = await putAside(rejected).catch((error: Error) => error);
      if (aside) return { outcome: 'retry', reason: `cannot put points aside: ${aside.message}` };
    }
    // Only after the points: a cursor must never promise what a kill could still take back.
    if (cursors.length > 0) {
      const saved = await this.#call(() => this.#saveCursors(cursors, ready.value));
      if (!saved.ok) return this.#retry(saved);
    }
    return { outcome: 'committed', rejected };
  }

  /**
   * A refused batch is halved until the offending points stand alone. The server has stored the
   * good points of a refused batch already; writing them again changes nothing.
   */
  async #writeOrBisect(points: readonly Point[], rejected: RejectedPoint[]): Promise<Failed> {
    if (points.length === 0) return null;
    const answer = await this.#call(() =>
      this.#influx.writePoints(points.map(toInflux), { precision: 'ms' }),
    );
    if (answer.ok) return null;
    if (answer.fault !== 'refused') return answer;
    if (points.length === 1) {
      rejected.push({ point: points[0]!, reason: answer.reason });
      return null;
    }
    const middle = points.length >> 1;
    return (
      (await this.#writeOrBisect(points.slice(0, middle), rejected)) ??
      (await this.#writeOrBisect(points.slice(middle), rejected))
    );
  }

  #oldestMs(): number {
    const { retentionDays } = this.#options;
    return retentionDays === 0 ? -Infinity : Date.now() - retentionDays * DAY_MS;
  }

  get #tooOld(): string {
    return `older than the ${this.#options.retentionDays} days that the store keeps`;
  }

  #saveCursors(cursors: readonly Cursor[], retentionPolicy: string): Promise<void> {
    const points = cursors.map(({ meter, epoch, seq }) => ({
      measurement: CURSOR_MEASUREMENT,
      tags: { meter },
      fields: { epoch, seq },
      // As text: the client takes the number 0 for "no time given" and would write "now".
      timestamp: '0',
    }));
    return this.#influx.writePoints(points, { precision: 'ms', retentionPolicy });
  }

  async readCursors(): Promise<Found<readonly Cursor[]>> {
    const ready = await this.#ensure();
    if (!ready.ok) return this.#retry(ready);
    return this.#found(await this.#call(() => selectCursors(this.#influx, ready.value)));
  }

  async history(query: HistoryQuery): Promise<Found<HistoryColumns>> {
    return this.#found(await this.#call(() => selectHistory(this.#influx, query)));
  }

  async points(query: PointQuery): Promise<Found<readonly StoredPoint[]>> {
    // Who asks before anything was written, as an import does, finds an empty database.
    const ready = await this.#ensure();
    if (!ready.ok) return this.#retry(ready);
    return this.#found(await this.#call(() => selectPoints(this.#influx, query)));
  }

  async erase(query: EraseQuery): Promise<Found<null>> {
    const ready = await this.#ensure();
    if (!ready.ok) return this.#retry(ready);
    return this.#found(await this.#call(() => eraseResults(this.#influx, query)));
  }

  async close(): Promise<void> {
    // The client holds no connection but Node's own kept-alive sockets, which do not keep it up.
  }

  async #ensure(): Promise<Answer<string>> {
    if (this.#cursorPolicy !== undefined) return { ok: true, value: this.#cursorPolicy };
    const { database, retentionDays } = this.#options;
    const answer = await this.#call(() => ensureDatabase(this.#influx, database, retentionDays));
    if (answer.ok) this.#cursorPolicy = answer.value;
    return answer;
  }

  #call<Value>(call: () => Promise<Value>): Promise<Answer<Value>> {
    return answerOf(call(), this.#options.timeoutMs);
  }

  #found<Value>(answer: Answer<Value>): Found<Value> {
    return answer.ok ? { outcome: 'found', value: answer.value } : this.#retry(answer);
  }

  #retry({ fault, reason }: Failure): Unavailable {
    // Somebody dropped the database: look again before the next call.
    if (fault === 'missing') this.#cursorPolicy = undefined;
    return { outcome: 'retry', reason };
  }
}

const DAY_MS = 86_400_000;

type Failure = Extract<Answer<never>, { ok: false }>;
type Failed = Failure | null;

const toInflux = ({ measurement, tags, fields, atMs }: Point): IPoint => ({
  measurement,
  tags: tags as Record<string, string>,
  fields: fields as Record<string, string | number | boolean>,
  timestamp: String(atMs),
});
