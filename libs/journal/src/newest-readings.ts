import type { Reading } from '@wattbus/energy-model';
import type { SeqRange } from './journal-event.js';
import type { MeterHeads } from './meter-heads.js';
import { readPage, type PageRead } from './replay-reader.js';
import { lastSeqOf } from './segment-index.js';
import type { Segment } from './segment.js';

/**
 * The newest reading of every meter is kept whatever its age: a counter that only the journal
 * remembers goes on from it, and a gas meter's is not taken for news again.
 *
 * Reads those that only the oldest segment holds. One that is damaged is not among them.
 */
export async function newestOnlyInFirst(
  segments: readonly Segment[],
  meters: MeterHeads,
): Promise<PageRead> {
  const [first, ...others] = segments;
  const readings: Reading[] = [];
  const damaged: { segment: Segment; offset: number; bytes: number }[] = [];
  for (const id of first!.index.meterIds()) {
    const { last } = meters.headOf(id);
    if (lastSeqOf(first!.index.find(id)!) !== last || isIn(others, id)) continue;
    const page = await readPage([first!], id, last, { readingsMax: 1, bytesMax: Infinity });
    readings.push(...page.readings);
    damaged.push(...page.damaged);
  }
  return { readings, damaged };
}

/** What goes with the oldest segment: all but newest readings that another one holds, too. */
export function rangesOfFirst(segments: readonly Segment[], meters: MeterHeads): SeqRange[] {
  const [first, ...others] = segments;
  return Array.from(first!.index.meterIds(), (id) => {
    const run = first!.index.find(id)!;
    const to = lastSeqOf(run);
    const isKept = to === meters.headOf(id).last && isIn(others, id);
    return { meter: meters.nameOf(id), from: run.firstSeq, to: isKept ? to - 1 : to };
  }).filter(({ from, to }) => from <= to);
}

const isIn = (segments: readonly Segment[], meterId: number): boolean =>
  segments.some(({ index }) => index.find(meterId) !== null);
