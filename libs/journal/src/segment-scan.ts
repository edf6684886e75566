import { type Buffer } from 'node:buffer';
import type { Reading } from '@wattbus/energy-model';
import type { MeterHeads } from './meter-heads.js';
import { RECORD_BYTES_MIN, scanLines } from './record-line.js';
import { GrowingIndex } from './segment-index.js';
import type { HeadsLine, LostLine, SegmentHeader } from './segment.js';

/** What reading a whole segment gave, besides what it told `meters`. */
export interface Scan {
  readonly header: SegmentHeader | null;
  /** Of the first reading; stands in for a damaged header. */
  readonly epoch: string | null;
  readonly index: GrowingIndex;
  readonly damage: readonly { offset: number; bytes: number }[];
  /** After the last whole line. */
  readonly end: number;
}

type Line = SegmentHeader | HeadsLine | LostLine | { kind: 'index' };

/**
 * Reads the lines of a segment from `start` (after its magic line). Where `isLast`, a meter's next
 * `seq` leaves out as many numbers as damage behind its last reading can have held: a number is
 * never given to two readings.
 */
export function scanSegment(
  bytes: Buffer,
  start: number,
  meters: MeterHeads,
  isLast: boolean,
): Scan {
  const index = new GrowingIndex();
  const damage: { offset: number; bytes: number }[] = [];
  const damagedRecordsBefore = new Map<number, number>();
  let damagedRecords = 0;
  let header: SegmentHeader | null = null;
  let epoch: string | null = null;
  let end = start;

  const noteDamage = (from: number, to: number): void => {
    const last = damage.at(-1);
    if (last && last.offset + last.bytes === from) last.bytes += to - from;
    else damage.push({ offset: from, bytes: to - from });
    damagedRecords += Math.ceil((to - from) / RECORD_BYTES_MIN);
  };

  for (const line of scanLines(bytes, start)) {
    end = line.end;
    const value = line.value as Line | Reading | null;
    if (value === null) {
      noteDamage(line.start, line.end);
    } else if ('seq' in value) {
      const id = meters.idOf(value.meter);
      if (!index.add(id, value.seq, line.start)) {
        noteDamage(line.start, line.end);
        continue;
      }
      meters.advance(id, value.seq, Date.parse(value.at));
      damagedRecordsBefore.set(id, damagedRecords);
      epoch ??= value.epoch;
    } else if (value.kind === 'segment') {
      header = value;
    } else if (value.kind === 'heads') {
      for (const [meter, seq, atMs, lost] of value.meters) {
        meters.reserve(meters.idOf(meter), seq, atMs);
        if (lost) meters.headOf(meters.idOf(meter)).lost = lost;
      }
    } else if (value.kind === 'lost') {
      for (const range of value.ranges) meters.noteLost(range, value.at);
    }
  }

  if (isLast && damagedRecords > 0) {
    for (let id = 0; id < meters.count; id += 1) {
      const behind = damagedRecords - (damagedRecordsBefore.get(id) ?? 0);
      meters.reserve(id, meters.headOf(id).nextSeq - 1 + behind, null);
    }
  }
  return { header, epoch, index, damage, end };
}
