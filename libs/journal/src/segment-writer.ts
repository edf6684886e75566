import { Buffer } from 'node:buffer';
import assert from 'node:assert/strict';
import type { Reading } from '@wattbus/energy-model';
import { faultOf, type JournalFault, type ReadingDraft } from './journal-event.js';
import type { JournalFiles } from './journal-files.js';
import type { MeterHeads } from './meter-heads.js';
import { laterTime } from './meter-time.js';
import { encodeLine, RECORD_BYTES_MAX } from './record-line.js';
import { GrowingIndex } from './segment-index.js';
import { createSegment, writeIndex, type Segment } from './segment.js';

export interface WriterOptions {
  readonly files: JournalFiles;
  readonly directory: string;
  readonly epoch: string;
  readonly nowMs: () => number;
  /** A segment that holds more, or is older, gets no more readings. */
  readonly segmentBytes: number;
  readonly segmentAgeMs: number;
}

interface Written {
  readonly ok: true;
  readonly readings: readonly Reading[];
}

interface Carried {
  readonly ok: true;
  readonly bytes: number;
}

/** Writes to the newest segment and begins the next; `segments` is oldest first. */
export class SegmentWriter {
  /** Set where a sync failed: the kernel may have dropped pages, so nothing goes behind them. */
  #unusable = false;

  constructor(
    readonly options: WriterOptions,
    readonly segments: Segment[],
    readonly meters: MeterHeads,
  ) {}

  /** Gives each draft its place, writes all and syncs; or nothing is changed. */
  async append(drafts: readonly ReadingDraft[]): Promise<Written | JournalFault> {
    const placed = this.#place(drafts);
    const fault = await this.#writePlaced(placed, this.#isFull());
    if (fault) return fault;
    for (const { id, atMs, reading } of placed) this.meters.advance(id, reading.seq, atMs);
    return { ok: true, readings: placed.map(({ reading }) => reading) };
  }

  /**
   * Writes newest readings once more, because their segment goes; none where they are too much.
   * Never for that alone does a segment begin, or room would be made by taking more of it.
   */
  async carry(readings: readonly Reading[], bytesMax: number): Promise<Carried | JournalFault> {
    const placed = readings.map((reading) => ({
      id: this.meters.idOf(reading.meter),
      line: encodeLine(reading),
      reading,
    }));
    const bytes = placed.reduce((sum, { line }) => sum + Buffer.byteLength(line), 0);
    if (bytes === 0 || bytes > bytesMax) return { ok: true, bytes: 0 };
    const fault = await this.#writePlaced(placed, this.#unusable);
    return fault ?? { ok: true, bytes };
  }

  async #writePlaced(
    placed: readonly Omit<Placed, 'atMs'>[],
    isFull: boolean,
  ): Promise<JournalFault | null> {
    const bytes = Buffer.from(placed.map(({ line }) => line).join(''));
    const fault = await this.#write(bytes, isFull);
    if (fault) return fault;
    const segment = this.segments.at(-1)!;
    assert(segment.index instanceof GrowingIndex);
    let offset = segment.bytes - bytes.length;
    for (const { id, line, reading } of placed) {
      assert(segment.index.add(id, reading.seq, offset), 'seq must follow within a segment');
      offset += Buffer.byteLength(line);
    }
    return null;
  }

  /** Lines that are no readings; they go into the segment in use, however full it is. */
  async appendLines(text: string): Promise<JournalFault | null> {
    return this.#write(Buffer.from(text), this.#unusable);
  }

  /** Begins the first segment of a new journal. */
  async begin(): Promise<JournalFault | null> {
    return this.segments.length === 0 ? this.#nextSegment() : null;
  }

  #place(drafts: readonly ReadingDraft[]): Placed[] {
    const tails = new Map<number, { seq: number; atMs: number | null }>();
    return drafts.map((draft) => {
      const id = this.meters.idOf(draft.meter);
      const { nextSeq, lastAtMs } = this.meters.headOf(id);
      const tail = tails.get(id);
      const seq = tail ? tail.seq + 1 : nextSeq;
      const { at, atMs, adjusted } = laterTime(draft.at, tail ? tail.atMs : lastAtMs);
      tails.set(id, { seq, atMs });
      const atSource = adjusted ? 'adjusted' : draft.atSource;
      const reading = { ...draft, epoch: this.options.epoch, seq, at, atSource } as Reading;
      const line = encodeLine(reading);
      assert(line.length <= RECORD_BYTES_MAX, 'a reading holds a bounded set of numbers');
      return { id, atMs, line, reading };
    });
  }

  async #write(bytes: Buffer, isFull: boolean): Promise<JournalFault | null> {
    if (isFull) {
      const fault = await this.#nextSegment();
      if (fault && this.#unusable) return fault;
    }
    const segment = this.segments.at(-1)!;
    try {
      await segment.file.write(bytes, segment.bytes);
    } catch (error) {
      // What was written of it would be torn at the next start; better to have it gone now.
      await segment.file.truncate(segment.bytes).catch(() => (this.#unusable = true));
      return faultOf(error, `cannot write ${segment.path}`);
    }
    try {
      await segment.file.sync();
    } catch (error) {
      this.#unusable = true;
      return faultOf(error, `cannot sync ${segment.path}`);
    }
    segment.bytes += bytes.length;
    return null;
  }

  #isFull(): boolean {
    const { segmentBytes, segmentAgeMs, nowMs } = this.options;
    const { bytes, createdAtMs } = this.segments.at(-1)!;
    return this.#unusable || bytes > segmentBytes || nowMs() - createdAtMs > segmentAgeMs;
  }

  /** On a fault the segment in use stays in use, unless it is unusable. */
  async #nextSegment(): Promise<JournalFault | null> {
    const { files, directory, epoch, nowMs } = this.options;
    const previous = this.segments.at(-1);
    const number = (previous?.number ?? 0) + 1;
    try {
      const header = {
        kind: 'segment' as const,
        epoch,
        segment: number,
        createdAt: new Date(nowMs()).toISOString(),
        meters: this.meters.count,
        previousEnd: previous?.bytes ?? null,
        previousCut: this.#unusable,
      };
      this.segments.push(await createSegment(files, directory, header, this.meters));
    } catch (error) {
      return faultOf(error, `cannot begin segment ${number} in ${directory}`);
    }
    if (previous) await this.#closeOff(previous);
    this.#unusable = false;
    return null;
  }

  async #closeOff(segment: Segment): Promise<void> {
    if (this.#unusable) await segment.file.truncate(segment.bytes).catch(() => undefined);
    else await writeIndex(segment, this.meters);
    if (segment.index instanceof GrowingIndex) segment.index = segment.index.closed();
  }
}

interface Placed {
  readonly id: number;
  readonly atMs: number;
  readonly line: string;
  readonly reading: Reading;
}
