import { faultOf, type JournalEvent, type JournalFault, type SeqRange } from './journal-event.js';
import { dropReason, retentionNear, type DropReason, type RetentionLimits } from './retention.js';
import { lastSeqOf } from './segment-index.js';
import type { SegmentWriter } from './segment-writer.js';
import { lostLines, release, type Segment } from './segment.js';

/** Carries out what `retention.ts` decides. */
export class RetentionKeeper {
  #near = false;

  constructor(
    readonly limits: RetentionLimits,
    readonly writer: SegmentWriter,
    readonly note: (event: JournalEvent) => void,
  ) {}

  async enforce(): Promise<void> {
    const { segments, options } = this.writer;
    for (;;) {
      const reason = dropReason(segments, this.limits, options.nowMs());
      if (reason === null || !(await this.#drop(segments[0]!, reason))) break;
    }
    const { near, usedFraction } = retentionNear(
      segments,
      this.limits,
      options.nowMs(),
      this.#near,
    );
    if (near === this.#near) return;
    this.#near = near;
    this.note({ kind: near ? 'retention-near' : 'retention-clear', usedFraction });
  }

  /** False where the disk refused; it is tried again after the next commit. */
  async #drop(segment: Segment, reason: DropReason): Promise<boolean> {
    const { options, segments, meters } = this.writer;
    const ranges = this.#rangesOf(segment);
    const at = new Date(options.nowMs()).toISOString();
    if (reason !== 'age' && !segment.lostNoted) {
      const fault = await this.writer.appendLines(lostLines(ranges, at));
      if (fault) return this.#refused(fault);
      segment.lostNoted = true;
    }
    try {
      await options.files.remove(segment.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        return this.#refused(faultOf(error, `cannot remove ${segment.path}`));
      }
    }
    segments.shift();
    segment.dropped = true;
    await release(segment);
    for (const range of ranges) {
      meters.dropTo(meters.idOf(range.meter), range.to);
      if (reason !== 'age') meters.noteLost(range, at);
    }
    this.note({ kind: 'dropped', reason, ranges });
    return true;
  }

  #rangesOf({ index }: Segment): SeqRange[] {
    return Array.from(index.meterIds(), (id) => {
      const run = index.find(id)!;
      return { meter: this.writer.meters.nameOf(id), from: run.firstSeq, to: lastSeqOf(run) };
    });
  }

  #refused(fault: JournalFault): false {
    this.note({ kind: 'failed', fault });
    return false;
  }
}
