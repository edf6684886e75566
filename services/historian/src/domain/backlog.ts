import type { Cursor, Point } from '@wattbus/time-series';

export interface BacklogOptions {
  /** A batch is due when this many points wait … */
  readonly batchPoints: number;
  /** … or when the oldest has waited this long. */
  readonly batchMs: number;
}

/** What is held in memory at most, whatever happens; the rest waits in the journal. */
export const BACKLOG_POINTS_MAX = 5_000;

/** What has gathered while the store was busy is written in one go, up to this. */
const BATCH_POINTS_MAX = 2_000;

const RETRY_MS_MIN = 250;
const RETRY_MS_MAX = 15_000;

/**
 * The points between the bus and the store, and when to write which. It never drops one that it
 * has taken: a failed batch stays in front and is due again after a pause that doubles.
 *
 * Time comes in as milliseconds of any steady clock.
 */
export class Backlog {
  readonly #options: BacklogOptions;
  readonly #points: Point[] = [];
  readonly #arrivedMs: number[] = [];
  /** Points in front that are being written. */
  #writing = 0;
  #failures = 0;
  #retryAtMs = 0;

  constructor(options: BacklogOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#points.length;
  }

  get free(): number {
    return BACKLOG_POINTS_MAX - this.#points.length;
  }

  /** How often in a row the store has failed. */
  get failures(): number {
    return this.#failures;
  }

  /** Takes all of them or, where they do not fit, none. */
  offer(points: readonly Point[], nowMs: number): boolean {
    if (points.length > this.free) return false;
    for (const point of points) {
      this.#points.push(point);
      this.#arrivedMs.push(nowMs);
    }
    return true;
  }

  /** The batch to write now, or null; then `committed` or `failed` must follow. */
  next(nowMs: number, flush = false): readonly Point[] | null {
    const dueMs = this.#dueMs(flush);
    if (dueMs === null || nowMs < dueMs) return null;
    this.#writing = Math.min(this.#points.length, BATCH_POINTS_MAX);
    return this.#points.slice(0, this.#writing);
  }

  committed(): void {
    this.#points.splice(0, this.#writing);
    this.#arrivedMs.splice(0, this.#writing);
    this.#writing = 0;
    this.#failures = 0;
    this.#retryAtMs = 0;
  }

  /** `draw` in 0…1 spreads the retries of several writers. */
  failed(nowMs: number, draw: number): void {
    const pauseMs = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** this.#failures);
    this.#writing = 0;
    this.#failures += 1;
    this.#retryAtMs = nowMs + pauseMs * (0.5 + draw / 2);
  }

  /** Milliseconds until a batch is due if nothing more arrives, or null where none will be. */
  waitMs(nowMs: number, flush = false): number | null {
    const dueMs = this.#dueMs(flush);
    return dueMs === null ? null : Math.max(0, dueMs - nowMs);
  }

  #dueMs(flush: boolean): number | null {
    const oldestMs = this.#arrivedMs[0];
    if (oldestMs === undefined || this.#writing > 0) return null;
    const { batchPoints, batchMs } = this.#options;
    const full = flush || this.#points.length >= batchPoints;
    return Math.max(this.#retryAtMs, full ? 0 : oldestMs + batchMs);
  }
}

/** Where each meter stands once the points are stored: the newest reading of each. */
export function cursorsAfter(points: readonly Point[]): Cursor[] {
  const cursors = new Map<string, Cursor>();
  for (const { measurement, tags, fields } of points) {
    if (measurement !== 'reading') continue;
    const meter = tags['meter']!;
    cursors.set(meter, { meter, epoch: String(fields['epoch']), seq: Number(fields['seq']) });
  }
  return [...cursors.values()];
}
