import { Buffer } from 'node:buffer';
import type { JournalEvent } from './journal-event.js';
import type { JournalFile, JournalFiles } from './journal-files.js';
import type { MeterHeads } from './meter-heads.js';
import { decodeLine, LINE_END, lineEndFrom, scanLines } from './record-line.js';
import { ClosedIndex, readOffsets } from './segment-index.js';
import { scanSegment } from './segment-scan.js';
import {
  FORMAT_VERSION,
  HEADER_BYTES_MAX,
  MAGIC,
  segmentNumber,
  segmentPath,
  type HeadsLine,
  type IndexLine,
  type Segment,
  type SegmentHeader,
} from './segment.js';

/** Why a directory is not opened; nothing in it has been changed. */
export interface OpenRefusal {
  readonly ok: false;
  readonly fault: 'foreign' | 'newer' | 'in-use' | 'io';
  readonly detail: string;
}

export interface Recovered {
  readonly ok: true;
  /** Null where the journal is new. */
  readonly epoch: string | null;
  readonly segments: readonly Segment[];
  readonly events: readonly JournalEvent[];
}

interface Found {
  readonly number: number;
  readonly path: string;
  readonly file: JournalFile;
  readonly size: number;
  /** Null where the header is damaged or was never wholly written. */
  readonly header: SegmentHeader | null;
}

/** Opens all segments of a directory; what is torn is cut off, what is damaged is reported. */
export async function recover(
  files: JournalFiles,
  directory: string,
  meters: MeterHeads,
): Promise<Recovered | OpenRefusal> {
  const numbers = (await files.list(directory))
    .map(segmentNumber)
    .filter((number) => number !== null)
    .sort((a, b) => a - b);
  const found: Found[] = [];
  const recovery = new Recovery(files, meters);
  for (const number of numbers) {
    const isLast = number === numbers.at(-1);
    const one = await look(files, segmentPath(directory, number), number, isLast);
    if (one === 'unborn') continue;
    if ('ok' in one) {
      await Promise.all(found.map(({ file }) => file.close()));
      return one;
    }
    found.push(one);
  }
  const epochs = new Set(found.flatMap(({ header }) => header?.epoch ?? []));
  if (epochs.size > 1) {
    await Promise.all(found.map(({ file }) => file.close()));
    return refusal('foreign', `${directory} holds segments of several journals; keep those of one`);
  }
  for (const [i, one] of found.entries()) await recovery.load(one, found[i + 1] ?? null);
  await files.syncDirectory(directory);
  return recovery.result([...epochs][0] ?? null);
}

class Recovery {
  readonly #segments: Segment[] = [];
  readonly #events: JournalEvent[] = [];
  #epoch: string | null = null;

  constructor(
    readonly files: JournalFiles,
    readonly meters: MeterHeads,
  ) {}

  result(epoch: string | null): Recovered {
    return {
      ok: true,
      epoch: epoch ?? this.#epoch,
      segments: this.#segments,
      events: this.#events,
    };
  }

  async load(found: Found, next: Found | null): Promise<void> {
    const { number, path, file } = found;
    const indexed = next ? await this.#indexed(found, next.header) : null;
    const { index, bytes } = indexed ?? (await this.#scanned(found, next));
    this.#segments.push({
      number,
      path,
      file,
      createdAtMs: found.header === null ? 0 : Date.parse(found.header.createdAt),
      index,
      bytes,
      readers: 0,
      dropped: false,
      lostNoted: false,
    });
  }

  /** By the index behind its readings, if that is there and whole. */
  async #indexed({ file, size }: Found, next: SegmentHeader | null): Promise<Loaded | null> {
    const start = next?.previousEnd ?? size;
    if (start >= size || next?.previousCut) return null;
    const bytes = Buffer.allocUnsafe(size - start);
    await file.read(bytes, start);
    const end = lineEndFrom(bytes, 0);
    const line = end === -1 ? null : (decodeLine(bytes, 0, end) as Partial<IndexLine> | null);
    if (line?.kind !== 'index' || end + 1 !== bytes.length) return null;
    const runs = line.runs!.map(([meter, firstSeq, lastAtMs, steps]) => {
      const meterId = this.meters.idOf(meter);
      this.meters.advance(meterId, firstSeq, lastAtMs);
      this.meters.advance(meterId, firstSeq + steps.length - 1, lastAtMs);
      return { meterId, firstSeq, offsets: readOffsets(steps) };
    });
    return { index: new ClosedIndex(runs), bytes: size };
  }

  /** By reading all of it. */
  async #scanned({ file, path, size }: Found, next: Found | null): Promise<Loaded> {
    const isLast = next === null;
    const cut = next?.header?.previousCut ? next.header.previousEnd! : size;
    const bytes = Buffer.allocUnsafe(Math.min(size, cut));
    await file.read(bytes, 0);
    if (restoreLineEnd(bytes)) {
      await file.write(Buffer.from('\n'), bytes.length - 1);
      this.#events.push({ kind: 'corrupt', file: path, offset: bytes.length - 1, bytes: 1 });
    }
    const scan = scanSegment(bytes, MAGIC.length, this.meters, isLast);
    this.#epoch ??= scan.epoch;
    for (const damage of scan.damage) this.#events.push({ kind: 'corrupt', file: path, ...damage });
    if (scan.end < size) {
      this.#events.push({ kind: 'torn', file: path, offset: scan.end, bytes: size - scan.end });
      await file.truncate(scan.end);
    }
    // Written by a process that was killed before its sync: whoever reads it must not lose it.
    if (isLast) await file.sync();
    return { index: isLast ? scan.index : scan.index.closed(), bytes: scan.end };
  }
}

interface Loaded {
  readonly index: Segment['index'];
  readonly bytes: number;
}

/** Of an accepted record at the end of the file the line end alone may be what was damaged. */
function restoreLineEnd(bytes: Buffer): boolean {
  const last = bytes.length - 1;
  const start = bytes.lastIndexOf(LINE_END) + 1;
  if (start > last || decodeLine(bytes, start, last) === null) return false;
  bytes[last] = LINE_END;
  return true;
}

/** What a segment's first bytes say; `unborn` where its creation was cut off: it is removed. */
async function look(
  files: JournalFiles,
  path: string,
  number: number,
  isLast: boolean,
): Promise<Found | OpenRefusal | 'unborn'> {
  const file = await files.open(path, 'existing');
  const size = await file.size();
  const bytes = Buffer.allocUnsafe(Math.min(size, HEADER_BYTES_MAX));
  await file.read(bytes, 0);
  const end = bytes.indexOf(LINE_END, MAGIC.length);
  const line = end === -1 ? null : (decodeLine(bytes, MAGIC.length, end) as SegmentHeader | null);
  const header = line?.kind === 'segment' && line.segment === number ? line : null;
  if (isLast && (await isUnborn(file, size, header, bytes))) {
    await file.close();
    await files.remove(path);
    return 'unborn';
  }
  const refused = refuse(path, bytes.toString('latin1', 0, MAGIC.length));
  if (refused === null) return { number, path, file, size, header };
  await file.close();
  return refused;
}

async function isUnborn(
  file: JournalFile,
  size: number,
  header: SegmentHeader | null,
  begun: Buffer,
): Promise<boolean> {
  return header === null ? isCutShort(begun) : !(await hasAllHeads(file, size, header.meters));
}

/** Nothing is accepted into a segment before its header and heads are on the disk. */
async function hasAllHeads(file: JournalFile, size: number, meters: number): Promise<boolean> {
  const bytes = Buffer.allocUnsafe(size);
  await file.read(bytes, 0);
  let found = 0;
  for (const { value } of scanLines(bytes, MAGIC.length)) {
    if (value !== null && 'seq' in value) return true;
    const line = value as HeadsLine | null;
    if (line?.kind === 'heads') found += line.meters.length;
  }
  return found >= meters;
}

function isCutShort(bytes: Buffer): boolean {
  if (bytes.every((byte) => byte === 0)) return true;
  const isBegun = MAGIC.startsWith(bytes.toString('latin1', 0, MAGIC.length));
  return isBegun && bytes.indexOf(LINE_END, MAGIC.length) === -1;
}

function refuse(path: string, begun: string): OpenRefusal | null {
  if (begun === MAGIC) return null;
  const version = /^wattbus-journal (\d+)/.exec(begun)?.[1];
  if (version !== undefined && Number(version) > FORMAT_VERSION) {
    return refusal(
      'newer',
      `${path} was written by a newer Wattbus (journal format ${version}, this one knows ` +
        `${FORMAT_VERSION}); start that version, or move the journal away`,
    );
  }
  return refusal(
    'foreign',
    `${path} is no segment of a journal: it begins with ${JSON.stringify(begun)}; ` +
      'move it away or choose another directory',
  );
}

export const refusal = (fault: OpenRefusal['fault'], detail: string): OpenRefusal => ({
  ok: false,
  fault,
  detail,
});
