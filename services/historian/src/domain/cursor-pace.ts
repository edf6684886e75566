import type { Cursor } from '@wattbus/time-series';

/** A meter's cursor is said at most so often … */
const EACH_MS = 10_000;
/** … and so many of them in one go; the others wait for the next. */
export const CURSORS_AT_ONCE_MAX = 100;

/** Which cursors to say, so that any number of meters costs the bus the same. Time comes in. */
export class CursorPace {
  readonly #cursors = new Map<string, Cursor>();
  readonly #saidMs = new Map<string, number>();
  /** Meters whose cursor has moved since it was said, the longest waiting first. */
  readonly #waiting = new Set<string>();

  moved(cursors: readonly Cursor[]): void {
    for (const cursor of cursors) {
      this.#cursors.set(cursor.meter, cursor);
      this.#waiting.add(cursor.meter);
    }
  }

  /** Nobody may have heard what was said. */
  sayAgain(): void {
    this.#saidMs.clear();
    for (const meter of this.#cursors.keys()) this.#waiting.add(meter);
  }

  /** Those to say now; they count as said. */
  due(nowMs: number): readonly Cursor[] {
    const due: Cursor[] = [];
    for (const meter of this.#waiting) {
      if (nowMs - (this.#saidMs.get(meter) ?? -Infinity) < EACH_MS) continue;
      due.push(this.#cursors.get(meter)!);
      if (due.length === CURSORS_AT_ONCE_MAX) break;
    }
    for (const { meter } of due) {
      this.#waiting.delete(meter);
      this.#saidMs.set(meter, nowMs);
    }
    return due;
  }
}
