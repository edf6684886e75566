import type {
  EraseQuery,
  Found,
  Point,
  PointQuery,
  StoredPoint,
  TimeSeriesStore,
} from '@wattbus/time-series';
import { POINTS_PAGE_MAX } from '@wattbus/time-series';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserFault } from '../commands/tariff-files.js';

/** A store that is restarting, or another process that is writing, is waited for so often. */
const ATTEMPTS_MAX = 10;
const ATTEMPT_MS = 500;
/** Little enough that another process finds its turn between two batches. */
const BATCH_POINTS = 1_000;

/** Asks until the store can; throws a UserFault with its reason where it cannot. */
async function answered<Outcome extends { readonly outcome: string }>(
  store: TimeSeriesStore,
  ask: () => Promise<Outcome>,
): Promise<Exclude<Outcome, { readonly outcome: 'retry' }>> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await ask();
    if (answer.outcome !== 'retry') return answer as Exclude<Outcome, { outcome: 'retry' }>;
    const { reason } = answer as unknown as { reason: string };
    if (attempt >= ATTEMPTS_MAX) throw new UserFault(`${store.name} does not answer: ${reason}`);
    await sleep(ATTEMPT_MS);
  }
}

/** All points of a query, a page at a time. */
export async function* storedPoints(
  store: TimeSeriesStore,
  query: Omit<PointQuery, 'limit'>,
): AsyncGenerator<StoredPoint> {
  let { fromMs } = query;
  for (;;) {
    const asked = { ...query, fromMs, limit: POINTS_PAGE_MAX };
    const found = await answered<Found<readonly StoredPoint[]>>(store, () => store.points(asked));
    const { value: page } = found as Extract<typeof found, { outcome: 'found' }>;
    const last = page.at(-1);
    if (!last) return;
    // Points of several series may share the last instant, of which a page may hold a part only.
    const whole =
      page.length < POINTS_PAGE_MAX ? page : page.filter(({ atMs }) => atMs < last.atMs);
    if (whole.length === 0) throw new UserFault(`more than ${POINTS_PAGE_MAX} points at one time`);
    yield* whole;
    if (page.length < POINTS_PAGE_MAX) return;
    fromMs = last.atMs;
  }
}

export const erasePoints = async (store: TimeSeriesStore, query: EraseQuery): Promise<void> => {
  await answered(store, () => store.erase(query));
};

/** Writes points in batches and counts what the store refuses. */
export class PointWriter {
  readonly #store: TimeSeriesStore;
  readonly #refused = new Map<string, number>();
  #points: Point[] = [];
  #written = 0;

  constructor(store: TimeSeriesStore) {
    this.#store = store;
  }

  get written(): number {
    return this.#written;
  }

  /** How many points the store refused, by its reason. */
  get refused(): ReadonlyMap<string, number> {
    return this.#refused;
  }

  async add(points: readonly Point[]): Promise<void> {
    for (const point of points) {
      this.#points.push(point);
      if (this.#points.length >= BATCH_POINTS) await this.flush();
    }
  }

  async flush(): Promise<void> {
    const points = this.#points;
    if (points.length === 0) return;
    this.#points = [];
    const outcome = await answered(this.#store, () => this.#store.write({ points, cursors: [] }));
    if (outcome.outcome !== 'committed') return;
    this.#written += points.length - outcome.rejected.length;
    for (const { reason } of outcome.rejected) {
      this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
    }
  }
}
