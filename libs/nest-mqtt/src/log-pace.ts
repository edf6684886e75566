/** The same kind of message is written at most this often at first … */
const REPEAT_MS_MIN = 60_000;
/** … and ever seldomer while it goes on: a meter that is dead for a day fills no disk. */
const REPEAT_MS_MAX = 3_600_000;
const KEYS_MAX = 500;

interface Said {
  readonly atMs: number;
  readonly waitMs: number;
  /** Left out since then. */
  left: number;
}

/** How often the same kind of message is written, whatever happens. */
export class LogPace {
  readonly #said = new Map<string, Said>();

  /** How many of the key were left out before this one; null where this one is left out too. */
  say(key: string, nowMs: number): number | null {
    const last = this.#said.get(key);
    if (last && nowMs - last.atMs < last.waitMs) {
      last.left += 1;
      return null;
    }
    if (this.#said.size >= KEYS_MAX && !last) this.#said.clear();
    // What has been quiet for as long again begins anew.
    const goesOn = last !== undefined && nowMs - last.atMs < 2 * last.waitMs;
    const waitMs = goesOn ? Math.min(REPEAT_MS_MAX, 2 * last.waitMs) : REPEAT_MS_MIN;
    this.#said.set(key, { atMs: nowMs, waitMs, left: 0 });
    return last?.left ?? 0;
  }
}
