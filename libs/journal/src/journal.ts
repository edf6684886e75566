import { randomBytes } from 'node:crypto';
import type { Reading } from '@wattbus/energy-model';
import type { JournalPosition } from '@wattbus/mqtt-contract';
import { AppendQueue, WAITING_READINGS_MAX, type Appended, type Waiting } from './append-queue.js';
import {
  countEvent,
  faultOf,
  noCounts,
  type JournalCounters,
  type JournalEvent,
  type JournalFault,
  type LostReadings,
  type ReadingDraft,
} from './journal-event.js';
import { diskFiles, type JournalFiles } from './journal-files.js';
import { MeterHeads } from './meter-heads.js';
import { recover, refusal, type OpenRefusal } from './recovery.js';
import { readPage } from './replay-reader.js';
import { RetentionKeeper } from './retention-keeper.js';
import { SegmentWriter } from './segment-writer.js';
import { ignore, release, type Segment } from './segment.js';

export interface JournalOptions {
  readonly directory: string;
  /** Collect readings this long before each sync; 0 syncs at once. */
  readonly commitMsMax?: number;
  readonly retentionMs?: number;
  readonly retentionBytes?: number;
  /** A new segment is begun beyond this; made from the retention where it is left out. */
  readonly segmentBytes?: number;
  readonly onEvent?: (event: JournalEvent) => void;
  readonly files?: JournalFiles;
  /** Milliseconds since 1970. */
  readonly nowMs?: () => number;
}

export interface PageRequest {
  readonly meter: string;
  readonly epoch: string;
  readonly fromSeq: number;
  /** At most 500 readings are given, and at most some 64 KiB of them. */
  readonly limit: number;
}

/**
 * Readings from `fromSeq` on, in order. A number that is left out between `fromSeq` and the last
 * reading (between `fromSeq` and `last` where there is none) was lost to damage or to a limit.
 */
export interface JournalPage {
  readonly ok: true;
  readonly epoch: string;
  /** The oldest reading kept; `last + 1` where none is. */
  readonly first: number;
  readonly last: number;
  /** Empty where `epoch` is not the one that was asked for. */
  readonly readings: readonly Reading[];
}

export const PAGE_READINGS_MAX = 500;
export const PAGE_BYTES_MAX = 65_536;

const DAY_MS = 86_400_000;
const RETENTION_MS = 14 * DAY_MS;
const RETENTION_BYTES = 1 << 30;
const SEGMENTS_MAX = 512;
/** A limit takes whole segments, so a small journal has small ones; a big one has not too many. */
const SEGMENTS_MIN = 16;
const SEGMENTS_USUAL = 128;
/** Old segments can go only if they end, so one ends after this part of the retention. */
const SEGMENTS_PER_RETENTION = 14;
const SEGMENT_BYTES_USUAL = 8 << 20;
const SEGMENT_BYTES_MAX = 64 << 20;

/** Opens the journal of a directory, or makes a new one with a new epoch where there is none. */
export async function openJournal(
  options: JournalOptions,
): Promise<{ readonly ok: true; readonly journal: Journal } | OpenRefusal> {
  const { directory, files = diskFiles } = options;
  const opened = await open({ ...options, files }, files).catch((error: unknown) =>
    refusal('io', faultOf(error, `cannot open the journal in ${directory}`).detail),
  );
  return opened;
}

async function open(
  options: JournalOptions & { readonly files: JournalFiles },
  files: JournalFiles,
): Promise<{ readonly ok: true; readonly journal: Journal } | OpenRefusal> {
  const { directory } = options;
  await files.makeDirectory(directory);
  const unlock = await files.lock(directory);
  if (unlock === null) {
    return refusal('in-use', `another process uses the journal in ${directory}; stop it first`);
  }
  const meters = new MeterHeads();
  let opened: { readonly ok: true; readonly journal: Journal } | OpenRefusal | undefined;
  try {
    const recovered = await recover(files, directory, meters);
    if (!recovered.ok) return (opened = recovered);
    const epoch = recovered.epoch ?? randomBytes(6).toString('hex');
    const segments = [...recovered.segments];
    const journal = new Journal(options, epoch, { segments, meters, unlock });
    const fault = await journal.begin(recovered.events);
    return (opened = fault === null ? { ok: true, journal } : refusal('io', fault.detail));
  } finally {
    if (!opened?.ok) await unlock();
  }
}

interface JournalParts {
  /** Oldest first. */
  readonly segments: Segment[];
  readonly meters: MeterHeads;
  readonly unlock: () => Promise<void>;
}

/** The durable record of accepted readings. Made by `openJournal`. */
export class Journal {
  readonly counters: JournalCounters = noCounts();
  readonly #queue = new AppendQueue();
  readonly #writer: SegmentWriter;
  readonly #keeper: RetentionKeeper;
  #committing: Promise<void> | null = null;
  #endWait: () => void = ignore;
  #closing = false;

  constructor(
    private readonly options: JournalOptions & { readonly files: JournalFiles },
    readonly epoch: string,
    private readonly parts: JournalParts,
  ) {
    const { retentionBytes = RETENTION_BYTES, retentionMs = RETENTION_MS } = options;
    this.#writer = new SegmentWriter(
      {
        files: options.files,
        directory: options.directory,
        epoch,
        nowMs: options.nowMs ?? Date.now,
        segmentBytes: options.segmentBytes ?? segmentBytesFor(retentionBytes),
        segmentAgeMs: retentionMs / SEGMENTS_PER_RETENTION,
      },
      parts.segments,
      parts.meters,
    );
    this.#keeper = new RetentionKeeper(
      { ageMsMax: retentionMs, bytesMax: retentionBytes, segmentsMax: SEGMENTS_MAX },
      this.#writer,
      (event) => this.#note(event),
    );
  }

  async begin(events: readonly JournalEvent[]): Promise<JournalFault | null> {
    for (const event of events) this.#note(event);
    return this.#writer.begin();
  }

  /** Resolves once the reading is on the disk, or with the reason why it is not in the journal. */
  async append(draft: ReadingDraft): Promise<{ ok: true; reading: Reading } | JournalFault> {
    const outcome = await this.appendAll([draft]);
    return outcome.ok ? { ok: true, reading: outcome.readings[0]! } : outcome;
  }

  /** All of them or none. What arrives while a sync is under way goes into the next one. */
  appendAll(drafts: readonly ReadingDraft[]): Promise<Appended> {
    return new Promise((settle) => {
      if (drafts.length === 0) return settle({ ok: true, readings: [] });
      if (this.#closing) {
        return settle(this.#failed(drafts.length, 'closed', 'the journal is being closed'));
      }
      if (!this.#queue.put({ drafts, settle })) {
        const detail = `${WAITING_READINGS_MAX} readings wait for the disk already; it is too slow`;
        return settle(this.#failed(drafts.length, 'overloaded', detail));
      }
      this.#committing ??= this.#commitAll();
    });
  }

  /** Never rejects; a page that cannot be read is a fault. */
  async page(request: PageRequest): Promise<JournalPage | JournalFault> {
    const { epoch, first, last } = this.position(request.meter);
    const id = this.parts.meters.knownId(request.meter);
    if (id === null || request.epoch !== epoch || request.fromSeq > last) {
      return { ok: true, epoch, first, last, readings: [] };
    }
    const limits = {
      readingsMax: Math.min(request.limit, PAGE_READINGS_MAX),
      bytesMax: PAGE_BYTES_MAX,
    };
    try {
      const page = await readPage(this.parts.segments, id, request.fromSeq, limits);
      for (const { segment, offset, bytes } of page.damaged) {
        this.#note({ kind: 'corrupt', file: segment.path, offset, bytes });
      }
      return { ok: true, epoch, first, last, readings: page.readings };
    } catch (error) {
      const fault = faultOf(error, `cannot read readings of ${request.meter}`);
      this.#note({ kind: 'failed', fault });
      return fault;
    }
  }

  /** Which readings of a meter are kept; `first > last` where none is. */
  position(meter: string): JournalPosition {
    const id = this.parts.meters.knownId(meter);
    const { first, last } = id === null ? { first: 1, last: 0 } : this.parts.meters.headOf(id);
    return { v: 1, epoch: this.epoch, first, last };
  }

  /** Of every meter that the journal has ever held. */
  positions(): ReadonlyMap<string, JournalPosition> {
    const names = Array.from({ length: this.parts.meters.count }, (_, id) =>
      this.parts.meters.nameOf(id),
    );
    return new Map(names.map((name) => [name, this.position(name)]));
  }

  /** Readings that a limit took before their time, by meter. */
  lost(): readonly LostReadings[] {
    const ids = Array.from({ length: this.parts.meters.count }, (_, id) => id);
    return ids.flatMap((id) => this.parts.meters.headOf(id).lost ?? []);
  }

  usage(): { readonly segments: number; readonly bytes: number; readonly waiting: number } {
    const bytes = this.parts.segments.reduce((sum, segment) => sum + segment.bytes, 0);
    return { segments: this.parts.segments.length, bytes, waiting: this.#queue.readings };
  }

  /** Commits what waits, then closes the files. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#endWait();
    await this.#committing;
    for (const segment of this.parts.segments) {
      segment.dropped = true;
      await release(segment);
    }
    await this.parts.unlock();
  }

  async #commitAll(): Promise<void> {
    while (this.#queue.readings > 0) {
      await this.#collect();
      await this.#commit(this.#queue.takeBatch());
      await this.#keeper.enforce();
    }
    this.#committing = null;
  }

  async #collect(): Promise<void> {
    const { commitMsMax = 0 } = this.options;
    if (commitMsMax === 0 || this.#closing) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, commitMsMax);
      this.#endWait = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    const drafts = batch.flatMap((one) => one.drafts);
    const outcome = await this.#writer.append(drafts);
    this.counters.commits += 1;
    if (!outcome.ok) {
      const fault = this.#failed(drafts.length, outcome.fault, outcome.detail);
      for (const { settle } of batch) settle(fault);
      return;
    }
    this.counters.readingsAppended += drafts.length;
    let from = 0;
    for (const { drafts: own, settle } of batch) {
      settle({ ok: true, readings: outcome.readings.slice(from, from + own.length) });
      from += own.length;
    }
  }

  #failed(readings: number, fault: JournalFault['fault'], detail: string): JournalFault {
    this.counters.readingsFailed += readings;
    const value = { ok: false, fault, detail } as const;
    this.#note({ kind: 'failed', fault: value });
    return value;
  }

  #note(event: JournalEvent): void {
    countEvent(this.counters, event);
    this.options.onEvent?.(event);
  }
}

function segmentBytesFor(retentionBytes: number): number {
  const usual = Math.min(SEGMENT_BYTES_USUAL, retentionBytes / SEGMENTS_MIN);
  return Math.min(SEGMENT_BYTES_MAX, Math.max(usual, retentionBytes / SEGMENTS_USUAL));
}
