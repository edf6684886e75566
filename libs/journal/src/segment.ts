import { join } from 'node:path';
import { Buffer } from 'node:buffer';
import type { LostReadings, SeqRange } from './journal-event.js';
import type { JournalFile, JournalFiles } from './journal-files.js';
import type { MeterHeads } from './meter-heads.js';
import { encodeLine } from './record-line.js';
import { GrowingIndex, writtenRun, type SegmentIndex, type WrittenRun } from './segment-index.js';

/**
 * A segment file, format 1: the line `wattbus-journal 1`, then lines of `record-line.ts`: its
 * header, where every meter stood when it began, readings and lost records as they came, and last,
 * written when the next segment exists, an index that spares reading the whole at the next start.
 */
export const FORMAT_VERSION = 1;
export const MAGIC = `wattbus-journal ${FORMAT_VERSION}\n`;
/** The magic line and the header fit in this many bytes. */
export const HEADER_BYTES_MAX = 4_096;

export interface SegmentHeader {
  readonly kind: 'segment';
  readonly epoch: string;
  readonly segment: number;
  readonly createdAt: string;
  /** How many meters the lines behind the header are about. */
  readonly meters: number;
  /** Where the readings of the segment before this end and its index may begin. */
  readonly previousEnd: number | null;
  /** True where what follows `previousEnd` was refused to whoever wanted it kept. */
  readonly previousCut: boolean;
}

export interface HeadsLine {
  readonly kind: 'heads';
  readonly meters: readonly WrittenHead[];
}

export type WrittenHead = readonly [
  meter: string,
  lastSeq: number,
  lastAtMs: number | null,
  lost: LostReadings | null,
];

export interface LostLine {
  readonly kind: 'lost';
  readonly at: string;
  readonly ranges: readonly SeqRange[];
}

export interface IndexLine {
  readonly kind: 'index';
  readonly runs: readonly WrittenRun[];
}

export interface Segment {
  readonly number: number;
  readonly path: string;
  readonly file: JournalFile;
  readonly createdAtMs: number;
  index: SegmentIndex;
  /** Up to here the file holds what was accepted, and the index once it is closed. */
  bytes: number;
  /** Pages that are being read from it; it is closed after them. */
  readers: number;
  dropped: boolean;
  /** The readings in it are written down as lost already. */
  lostNoted: boolean;
}

const namePattern = /^journal-(\d{10})\.log$/;

export const segmentPath = (directory: string, number: number): string =>
  join(directory, `journal-${String(number).padStart(10, '0')}.log`);

/** The number of a segment by its file's name, or null where the file is none. */
export function segmentNumber(name: string): number | null {
  const match = namePattern.exec(name);
  return match ? Number(match[1]) : null;
}

/** A new segment, durable when this resolves. After a rejection nothing of it counts. */
export async function createSegment(
  files: JournalFiles,
  directory: string,
  header: SegmentHeader,
  meters: MeterHeads,
): Promise<Segment> {
  const path = segmentPath(directory, header.segment);
  const bytes = Buffer.from(MAGIC + encodeLine(header) + headsLines(meters));
  const file = await files.open(path, 'create');
  try {
    await file.write(bytes, 0);
    await file.sync();
    await files.syncDirectory(directory);
  } catch (error) {
    await file.close().catch(ignore);
    await files.remove(path).catch(ignore);
    throw error;
  }
  return {
    number: header.segment,
    path,
    file,
    createdAtMs: Date.parse(header.createdAt),
    index: new GrowingIndex(),
    bytes: bytes.length,
    readers: 0,
    dropped: false,
    lostNoted: false,
  };
}

/**
 * Puts the index behind the readings of a segment that gets no more of them. It only saves time, so
 * nothing hangs on it: no sync, and a failure leaves the segment to be read whole next time.
 */
export async function writeIndex(segment: Segment, meters: MeterHeads): Promise<void> {
  const runs = Array.from(segment.index.meterIds(), (id) =>
    writtenRun(meters.nameOf(id), segment.index.find(id)!, meters.headOf(id).lastAtMs ?? 0),
  );
  const bytes = Buffer.from(encodeLine({ kind: 'index', runs } satisfies IndexLine));
  try {
    await segment.file.write(bytes, segment.bytes);
    segment.bytes += bytes.length;
  } catch {
    await segment.file.truncate(segment.bytes).catch(ignore);
  }
}

/** Keeps the file open until the last page has been read from it. */
export async function release(segment: Segment): Promise<void> {
  if (segment.dropped && segment.readers === 0) await segment.file.close().catch(ignore);
}

/** For clean-up after a fault that is reported already. */
export const ignore = (): void => {};

const METERS_PER_LINE = 500;

/** Says in the journal which readings are about to go before their time. */
export function lostLines(ranges: readonly SeqRange[], at: string): string {
  const lines: string[] = [];
  for (let from = 0; from < ranges.length; from += METERS_PER_LINE) {
    const part = ranges.slice(from, from + METERS_PER_LINE);
    lines.push(encodeLine({ kind: 'lost', at, ranges: part } satisfies LostLine));
  }
  return lines.join('');
}

function headsLines(meters: MeterHeads): string {
  const lines: string[] = [];
  for (let from = 0; from < meters.count; from += METERS_PER_LINE) {
    const count = Math.min(METERS_PER_LINE, meters.count - from);
    const heads = Array.from({ length: count }, (_, i) => {
      const { nextSeq, lastAtMs, lost } = meters.headOf(from + i);
      return [meters.nameOf(from + i), nextSeq - 1, lastAtMs, lost] as const;
    });
    lines.push(encodeLine({ kind: 'heads', meters: heads } satisfies HeadsLine));
  }
  return lines.join('');
}
