/**
 * Where the readings of each meter lie in one segment. Four bytes a reading once the segment is
 * closed: some 15 MB for a journal of 1 GiB, whatever the number of meters.
 */
export interface SegmentIndex {
  /** The meter's run of readings, or null where the segment has none of it. */
  find(meterId: number): MeterRun | null;
  meterIds(): Iterable<number>;
}

export interface MeterRun {
  readonly firstSeq: number;
  /** Of `firstSeq`, `firstSeq + 1` …; `NO_OFFSET` where a reading is damaged or was never there. */
  readonly offsets: WritableOffsets;
}

export interface WritableOffsets {
  readonly length: number;
  [index: number]: number;
}

/** A segment begins with its header, so no reading lies at 0. */
export const NO_OFFSET = 0;
/** No jump of `seq` within a segment is longer; a longer one is damage that a CRC missed. */
export const SEQ_JUMP_MAX = 1_000_000;

export const lastSeqOf = ({ firstSeq, offsets }: MeterRun): number => firstSeq + offsets.length - 1;

/** The index of the segment that is being written. */
export class GrowingIndex implements SegmentIndex {
  readonly #runs = new Map<number, { firstSeq: number; offsets: number[] }>();

  /** False, and nothing added, where `seq` does not follow. */
  add(meterId: number, seq: number, offset: number): boolean {
    const run = this.#runs.get(meterId);
    if (!run) {
      this.#runs.set(meterId, { firstSeq: seq, offsets: [offset] });
      return true;
    }
    const jump = seq - lastSeqOf(run);
    if (jump < 1 || jump > SEQ_JUMP_MAX) return false;
    for (let hole = 1; hole < jump; hole += 1) run.offsets.push(NO_OFFSET);
    run.offsets.push(offset);
    return true;
  }

  find(meterId: number): MeterRun | null {
    return this.#runs.get(meterId) ?? null;
  }

  meterIds(): Iterable<number> {
    return this.#runs.keys();
  }

  closed(): ClosedIndex {
    const runs = [...this.#runs].map(([meterId, run]) => ({ meterId, ...run }));
    return new ClosedIndex(runs);
  }
}

/** The same in typed arrays; meters in ascending order of their id. */
export class ClosedIndex implements SegmentIndex {
  readonly #meterIds: Uint32Array;
  readonly #firstSeqs: Float64Array;
  /** Where each meter's offsets begin in `#offsets`, and the end of the last. */
  readonly #starts: Uint32Array;
  readonly #offsets: Uint32Array;

  constructor(runs: readonly { meterId: number; firstSeq: number; offsets: readonly number[] }[]) {
    const sorted = [...runs].sort((a, b) => a.meterId - b.meterId);
    this.#meterIds = Uint32Array.from(sorted, ({ meterId }) => meterId);
    this.#firstSeqs = Float64Array.from(sorted, ({ firstSeq }) => firstSeq);
    this.#starts = new Uint32Array(sorted.length + 1);
    for (const [i, { offsets }] of sorted.entries()) {
      this.#starts[i + 1] = this.#starts[i]! + offsets.length;
    }
    this.#offsets = new Uint32Array(this.#starts[sorted.length]!);
    for (const [i, { offsets }] of sorted.entries()) this.#offsets.set(offsets, this.#starts[i]);
  }

  find(meterId: number): MeterRun | null {
    const i = positionIn(this.#meterIds, meterId);
    if (i === -1) return null;
    return {
      firstSeq: this.#firstSeqs[i]!,
      offsets: this.#offsets.subarray(this.#starts[i], this.#starts[i + 1]),
    };
  }

  meterIds(): Iterable<number> {
    return this.#meterIds;
  }
}

/** What a segment's index line holds; the steps lead from offset to offset, 0 is a hole. */
export type WrittenRun = readonly [
  meter: string,
  firstSeq: number,
  lastAtMs: number,
  steps: readonly number[],
];

export function writtenRun(meter: string, run: MeterRun, lastAtMs: number): WrittenRun {
  let previous = 0;
  const steps = Array.from(run.offsets as ArrayLike<number>, (offset) => {
    if (offset === NO_OFFSET) return 0;
    const step = offset - previous;
    previous = offset;
    return step;
  });
  return [meter, run.firstSeq, lastAtMs, steps];
}

export function readOffsets(steps: readonly number[]): number[] {
  let at = 0;
  return steps.map((step) => (step === 0 ? NO_OFFSET : (at += step)));
}

function positionIn(sorted: Uint32Array, value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = sorted[middle]!;
    if (found === value) return middle;
    if (found < value) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
