/** Meters that come at a time: of thousands the first are analysed while the last still wait. */
export const ARRIVING_MAX = 100;
/** A snapshot that is retained comes with the subscription; none has come by then. */
export const SNAPSHOT_MS_MAX = 500;
/** So long a late one, such as the last words of the owner before, is still listened to. */
export const LATE_SNAPSHOT_MS_MAX = 5_000;

export interface ArrivalOutput {
  /**
   * `listen`: for a snapshot. `follow`: none has come, so go on without. `settle`: none will be
   * listened to any more.
   */
  readonly kind: 'listen' | 'follow' | 'settle';
  readonly meter: string;
}

/**
 * How meters come to a replica: they wait for their turn, arrive with their snapshot or without,
 * and hear of a late one for a while. It does nothing by itself; times are monotonic milliseconds.
 */
export class Arrivals {
  readonly #waiting = new Set<string>();
  /** Since when it is listened for their snapshots. */
  readonly #arriving = new Map<string, number>();
  /** Those that are followed already. */
  readonly #late = new Map<string, number>();

  want(meter: string): void {
    if (!this.isListening(meter)) this.#waiting.add(meter);
  }

  isListening(meter: string): boolean {
    return this.#arriving.has(meter) || this.#late.has(meter);
  }

  /** Its snapshot is there. */
  arrived(meter: string): void {
    const sinceMs = this.#arriving.get(meter);
    if (sinceMs === undefined) return;
    this.#arriving.delete(meter);
    this.#late.set(meter, sinceMs);
  }

  leave(meter: string): void {
    for (const some of [this.#waiting, this.#arriving, this.#late]) some.delete(meter);
  }

  /** The bus was away: what has not come meanwhile may come now. */
  reconnected(nowMs: number): void {
    for (const some of [this.#arriving, this.#late]) {
      for (const meter of some.keys()) some.set(meter, nowMs);
    }
  }

  step(nowMs: number): readonly ArrivalOutput[] {
    const outputs: ArrivalOutput[] = [];
    for (const [meter, sinceMs] of this.#late) {
      if (nowMs - sinceMs < LATE_SNAPSHOT_MS_MAX) continue;
      this.#late.delete(meter);
      outputs.push({ kind: 'settle', meter });
    }
    for (const [meter, sinceMs] of this.#arriving) {
      if (nowMs - sinceMs < SNAPSHOT_MS_MAX) continue;
      this.arrived(meter);
      outputs.push({ kind: 'follow', meter });
    }
    for (const meter of this.#waiting) {
      if (this.#arriving.size >= ARRIVING_MAX) break;
      this.#waiting.delete(meter);
      this.#arriving.set(meter, nowMs);
      outputs.push({ kind: 'listen', meter });
    }
    return outputs;
  }
}
