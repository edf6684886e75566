import { faultOf, type JournalEvent, type JournalFault } from './journal-event.js';
import { newestOnlyInFirst, rangesOfFirst } from './newest-readings.js';
import { dropReason, retentionNear, type DropReason, type RetentionLimits } from './retention.js';
import type { SegmentWriter } from './segment-writer.js';
import { lostLines, release, type Segment } from './segment.js';

/** Of a segment's size, in one go: newest readings alone must not fill the journal. */
const CARRIED_SHARE_MAX = 0.5;

/** Carries out what `retention.ts` decides. */
export class RetentionKeeper {
  #near = false;
  #carriedBytes = 0;

  constructor(
    readonly limits: RetentionLimits,
    readonly writer: SegmentWriter,
    readonly note: (event: JournalEvent) => void,
  ) {}

  async enforce(): Promise<void> {
    const { segments, options } = this.writer;
    this.#carriedBytes = 0;
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
    const fault = await this.#carryNewest();
    if (fault) return this.#refused(fault);
    const ranges = rangesOfFirst(segments, meters);
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

  /** Those that cannot be read go with their segment: it must not fill the disk for ever. */
  async #carryNewest(): Promise<JournalFault | null> {
    const { segments, meters, options } = this.writer;
    try {
      const { readings, damaged } = await newestOnlyInFirst(segments, meters);
      for (const { segment, offset, bytes } of damaged) {
        this.note({ kind: 'corrupt', file: segment.path, offset, bytes });
      }
      const bytesMax = options.segmentBytes * CARRIED_SHARE_MAX - this.#carriedBytes;
      const carried = await this.writer.carry(readings, bytesMax);
      if (!carried.ok) return carried;
      this.#carriedBytes += carried.bytes;
      return null;
    } catch (error) {
      this.note({ kind: 'failed', fault: faultOf(error, `cannot read ${segments[0]!.path}`) });
      return null;
    }
  }

  #refused(fault: JournalFault): false {
    this.note({ kind: 'failed', fault });
    return false;
  }
}
