/** What was heard of somebody who speaks unasked, understood or not. */
export interface Heard {
  readonly bursts: number;
  /** From one burst to the next; null where only one was heard. */
  readonly everyS: number | null;
}

/** Closer bursts are parts of one. */
const pauseMsMin = 700;
const startsMax = 32;
/** Meters keep to their rhythm. */
const lateness = 1.1;
const lateMs = 1_000;
/** Now and then one of them is lost, or too much of it. */
const lostMax = 2;
/** Who is silent for so long is none that pushes: meters do so once a minute, or more often. */
const seldomMsMax = 75_000;

/** Remembers when a line was heard, under whichever settings. */
export class Speech {
  private starts: readonly number[] = [];
  private bursts = 0;

  note(startMs: number | null): void {
    if (startMs === null) return;
    const last = this.starts.at(-1) ?? -Infinity;
    if (startMs - last < pauseMsMin) return;
    this.bursts += 1;
    this.starts = [...this.starts.slice(1 - startsMax), startMs];
  }

  /** The middle one of all times between two bursts: noise makes some shorter, losses longer. */
  private get everyMs(): number | null {
    const times = this.starts.slice(1).map((start, index) => start - this.starts[index]!);
    times.sort((left, right) => left - right);
    return times[Math.floor(times.length / 2)] ?? null;
  }

  /** How long to listen so that the next burst cannot be missed. */
  get patienceMs(): number {
    const everyMs = this.everyMs;
    return everyMs === null ? seldomMsMax : Math.min(seldomMsMax, everyMs * lateness + lateMs);
  }

  /** Whether it can be waited for: it spoke more than once, and not too long ago. */
  isRegular(nowMs: number): boolean {
    return this.starts.length > 1 && this.isRecent(nowMs);
  }

  isRecent(nowMs: number): boolean {
    const last = this.starts.at(-1);
    if (this.everyMs === null) return last !== undefined && nowMs - last <= seldomMsMax;
    return last !== undefined && nowMs - last <= (1 + lostMax) * this.patienceMs;
  }

  get heard(): Heard | null {
    if (this.bursts === 0) return null;
    const everyMs = this.everyMs;
    return { bursts: this.bursts, everyS: everyMs === null ? null : Math.round(everyMs / 1000) };
  }
}
