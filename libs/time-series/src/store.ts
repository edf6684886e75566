import type { QuantityName } from '@wattbus/energy-model';
import type { FieldValue, MeasurementName, Point } from './points.js';

/** How far a consumer has come with a meter: all readings of `epoch` up to `seq` are stored. */
export interface Cursor {
  readonly meter: string;
  readonly epoch: string;
  readonly seq: number;
}

export interface Batch {
  readonly points: readonly Point[];
  /** Where each meter stands once the points are committed. */
  readonly cursors: readonly Cursor[];
}

export interface RejectedPoint {
  readonly point: Point;
  readonly reason: string;
}

/**
 * Puts rejected points where people find them. The store awaits it before any cursor moves past
 * them, so that a kill cannot lose them unseen; if it fails, the batch is to be retried.
 */
export type PutAside = (rejected: readonly RejectedPoint[]) => Promise<void>;

/** The store cannot now; the same call later may succeed. */
export interface Unavailable {
  readonly outcome: 'retry';
  readonly reason: string;
}

/**
 * `committed`: all points but the rejected survive a kill of the store. A rejected point will
 * never be taken and has been put aside. After `retry` some may be stored: writing the
 * batch again is safe, since a point is keyed by its tags and time.
 */
export type WriteOutcome =
  { readonly outcome: 'committed'; readonly rejected: readonly RejectedPoint[] } | Unavailable;

export type Found<Value> = { readonly outcome: 'found'; readonly value: Value } | Unavailable;

export interface HistoryQuery {
  readonly meter: string;
  readonly quantity: QuantityName;
  /** Unix milliseconds, from inclusive, to exclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Width of a row; 0 gives the readings themselves. */
  readonly resolutionS: number;
}

/**
 * Columns of equal length. `atMs` is the start of a row, a whole multiple of the resolution
 * since 1970 (so the first may lie before `fromMs`). Gauges have `mean`, `min` and `max`,
 * registers and counts have `last`. Rows without readings are left out.
 */
export interface HistoryColumns {
  readonly atMs: number[];
  readonly mean?: number[];
  readonly min?: number[];
  readonly max?: number[];
  readonly last?: number[];
  /** True where the range held more than `HISTORY_ROWS_MAX` rows: the later ones are left out. */
  readonly cut: boolean;
}

export interface PointQuery {
  readonly measurement: MeasurementName;
  /** Tags that the points must have; a query for readings names at least the meter. */
  readonly tags: Readonly<Record<string, string>>;
  /** Unix milliseconds, from inclusive, to exclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  /** At most `POINTS_PAGE_MAX`. */
  readonly limit: number;
}

/** Which results to forget; readings are never erased. */
export interface EraseQuery {
  readonly measurements: readonly Exclude<MeasurementName, 'reading'>[];
  /** Tags that the points must have. */
  readonly tags: Readonly<Record<string, string>>;
  /** Unix milliseconds, from inclusive, to exclusive. */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface StoredPoint extends Point {
  readonly fields: Readonly<Record<string, FieldValue>>;
}

export const POINTS_PAGE_MAX = 5_000;
export const BATCH_POINTS_MAX = 5_000;

/** The place of all points. Expected faults are values; one write at a time. */
export interface TimeSeriesStore {
  /** What and where it is, for people; without secrets. */
  readonly name: string;
  write(batch: Batch, putAside?: PutAside): Promise<WriteOutcome>;
  /** The cursors stored with the data; for a meter without one, rebuilt from its readings. */
  readCursors(): Promise<Found<readonly Cursor[]>>;
  history(query: HistoryQuery): Promise<Found<HistoryColumns>>;
  /** The points as they were written, in order of time: for audits and backups. */
  points(query: PointQuery): Promise<Found<readonly StoredPoint[]>>;
  /** Forgets results that are about to be made anew. */
  erase(query: EraseQuery): Promise<Found<null>>;
  close(): Promise<void>;
}
