import { Buffer } from 'node:buffer';
import type { Reading } from '@wattbus/energy-model';
import { decodeLine, lineEndFrom, RECORD_BYTES_MAX } from './record-line.js';
import { lastSeqOf, NO_OFFSET, type MeterRun } from './segment-index.js';
import { release, type Segment } from './segment.js';

export interface PageLimits {
  readonly readingsMax: number;
  /** Of the readings as JSON. */
  readonly bytesMax: number;
}

export interface PageRead {
  readonly readings: readonly Reading[];
  /** Records of the page that were found damaged: they are left out, now and later. */
  readonly damaged: readonly { segment: Segment; offset: number; bytes: number }[];
}

/** Records nearer to each other than this are read in one go. */
const READ_BYTES_MAX = 65_536;
/** Read behind the start of a group's last record, so that most records are whole at once. */
const TAIL_BYTES = 2_048;
/** Records looked up and read at a time: some 64 KiB of readings. */
const RECORDS_PER_ROUND = 125;

interface Place {
  readonly segment: Segment;
  readonly run: MeterRun;
  readonly seq: number;
  readonly offset: number;
}

type ReadRecord = { readonly bytes: number; readonly reading: Reading | null };

/** Reads a meter's readings from `fromSeq` on, in order, until a limit is reached. */
export async function readPage(
  segments: readonly Segment[],
  meterId: number,
  fromSeq: number,
  limits: PageLimits,
): Promise<PageRead> {
  const kept = segmentsFrom(segments, meterId, fromSeq);
  for (const segment of kept) segment.readers += 1;
  try {
    return await readPlaces(placesFrom(kept, meterId, fromSeq), limits);
  } finally {
    for (const segment of kept) segment.readers -= 1;
    await Promise.all(kept.map(release));
  }
}

async function readPlaces(places: Iterator<Place>, limits: PageLimits): Promise<PageRead> {
  const readings: Reading[] = [];
  const damaged: { segment: Segment; offset: number; bytes: number }[] = [];
  let bytesLeft = limits.bytesMax;
  for (;;) {
    const round = take(places, Math.min(RECORDS_PER_ROUND, limits.readingsMax - readings.length));
    if (round.length === 0) return { readings, damaged };
    const records = await readRound(round);
    for (const [i, { bytes, reading }] of records.entries()) {
      const { segment, run, seq, offset } = round[i]!;
      if (reading === null || reading.seq !== seq) {
        if (run.offsets[seq - run.firstSeq] === NO_OFFSET) continue;
        run.offsets[seq - run.firstSeq] = NO_OFFSET;
        damaged.push({ segment, offset, bytes });
        continue;
      }
      if (bytes > bytesLeft && readings.length > 0) return { readings, damaged };
      bytesLeft -= bytes;
      readings.push(reading);
    }
  }
}

function segmentsFrom(segments: readonly Segment[], meterId: number, fromSeq: number): Segment[] {
  let first = segments.length - 1;
  while (first > 0 && (segments[first]!.index.find(meterId)?.firstSeq ?? Infinity) > fromSeq) {
    first -= 1;
  }
  return segments.slice(first);
}

function* placesFrom(
  segments: readonly Segment[],
  meterId: number,
  fromSeq: number,
): Generator<Place> {
  let seq = fromSeq;
  for (const segment of segments) {
    const run = segment.index.find(meterId);
    if (run === null) continue;
    const last = lastSeqOf(run);
    // A newest reading that was carried on may stand in two segments.
    for (seq = Math.max(seq, run.firstSeq); seq <= last; seq += 1) {
      const offset = run.offsets[seq - run.firstSeq]!;
      if (offset !== NO_OFFSET) yield { segment, run, seq, offset };
    }
  }
}

function take(places: Iterator<Place>, count: number): Place[] {
  const taken: Place[] = [];
  while (taken.length < count) {
    const next = places.next();
    if (next.done) break;
    taken.push(next.value);
  }
  return taken;
}

async function readRound(round: readonly Place[]): Promise<readonly ReadRecord[]> {
  const groups: Place[][] = [];
  for (const place of round) {
    const group = groups.at(-1);
    const begin = group?.[0];
    const isNear = begin && begin.segment === place.segment;
    if (isNear && place.offset - begin.offset < READ_BYTES_MAX) group!.push(place);
    else groups.push([place]);
  }
  return (await Promise.all(groups.map(readGroup))).flat();
}

async function readGroup(group: readonly Place[]): Promise<ReadRecord[]> {
  const { segment, offset: from } = group[0]!;
  const bytes = await readAt(segment, from, group.at(-1)!.offset - from + TAIL_BYTES);
  const records: ReadRecord[] = [];
  for (const { offset } of group) {
    records.push(recordIn(bytes, offset - from) ?? (await readLong(segment, offset)));
  }
  return records;
}

/** Null where the record's end is not in `bytes`. */
function recordIn(bytes: Buffer, start: number): ReadRecord | null {
  const end = lineEndFrom(bytes, start);
  if (end === -1) return null;
  const value = decodeLine(bytes, start, end) as Reading | null;
  return { bytes: end - start, reading: value };
}

async function readLong(segment: Segment, offset: number): Promise<ReadRecord> {
  const bytes = await readAt(segment, offset, RECORD_BYTES_MAX);
  return recordIn(bytes, 0) ?? { bytes: 0, reading: null };
}

async function readAt(segment: Segment, from: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, segment.bytes - from)));
  return bytes.subarray(0, await segment.file.read(bytes, from));
}
