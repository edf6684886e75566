import { Buffer } from 'node:buffer';
import { join } from 'node:path';
import { levelsMatch } from '../domain/topic-filter.js';
import type { AppendedFile, RetainedFiles } from './retained-files.js';
import { decodeLog, encodeHeader, encodeRecord, ownCopy, VERSION } from './retained-record.js';
import { RetainedTopics } from './retained-topics.js';

/** A retained message with whatever else its packet carries. */
export interface RetainedPacket {
  topic: string;
  payload: Buffer | string;
  qos: 0 | 1 | 2;
}

export interface RetainedStoreOptions {
  readonly directory: string;
  /** A change is on the disk at most this late. */
  readonly flushMs: number;
  /** All messages together, see `retainedBytes`. */
  readonly bytesMax: number;
  /** Called with the reason when writing fails, and with null when it works again. */
  readonly onFault: (reason: string | null) => void;
  /** Called once for each file that could not be read in full, with what was done about it. */
  readonly onDamage: (message: string) => void;
}

/** What a message takes in memory beside its payload. */
const MESSAGE_BYTES = 512;
/** Forecasts and snapshots, which can be made anew, leave room for positions and registers. */
const LARGE_BYTES = 4_096;
const LARGE_SHARE_MAX = 7 / 8;
/** The log is written anew when it is twice as large as what it stands for, and at least this. */
const REWRITE_BYTES_MIN = 1024 * 1024;
const RETRY_MS_MAX = 30_000;
/** Rewriting hands this much to the file at a time. */
const CHUNK_BYTES = 256 * 1024;
/** Topics that are looked at before other connections get their turn. */
const SCANNED_AT_ONCE_MAX = 2_000;

/**
 * The retained messages: in memory for reading, and written behind to an append-only log.
 *
 * The log is `retained.log`; a change is appended and synced in batches, one value a topic. After
 * any failed write its end is unknown, so the next attempt writes a new file beside it and renames
 * it: what a crash leaves is always the old log, the new one, or a log with a torn tail.
 * Topics that begin with `$` say something about this process only and stay in memory.
 */
export class RetainedStore {
  readonly #files: RetainedFiles;
  readonly #options: RetainedStoreOptions;
  readonly #packets = new RetainedTopics();
  readonly #changed = new Set<string>();
  #file: AppendedFile | null = null;
  #fileBytes = 0;
  #liveBytes = 0;
  #rewriteDue = false;
  #failures = 0;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(files: RetainedFiles, options: RetainedStoreOptions) {
    this.#files = files;
    this.#options = options;
  }

  /** Reads the log. Rejects where it cannot be read at all, or is of a newer version. */
  static async open(files: RetainedFiles, options: RetainedStoreOptions): Promise<RetainedStore> {
    const store = new RetainedStore(files, options);
    await store.#load();
    return store;
  }

  get topics(): number {
    return this.#packets.size;
  }

  get bytes(): number {
    return this.#liveBytes;
  }

  /** Keeps the packet as its topic's value; false where there is no room for it. */
  put(packet: RetainedPacket): boolean {
    const payload = ownCopy(Buffer.from(packet.payload));
    const before = this.#packets.get(packet.topic);
    const own = retainedBytes(packet.topic, payload);
    const bytes = this.#liveBytes + own - (before ? sizeOf(before) : 0);
    const { bytesMax } = this.#options;
    if (bytes > (own < LARGE_BYTES ? bytesMax : bytesMax * LARGE_SHARE_MAX)) {
      // The value before is no longer true either.
      this.remove(packet.topic);
      return false;
    }
    this.#liveBytes = bytes;
    this.#packets.set({ ...packet, payload });
    this.#touch(packet.topic);
    return true;
  }

  remove(topic: string): void {
    const before = this.#packets.get(topic);
    if (before === undefined) return;
    this.#liveBytes -= sizeOf(before);
    this.#packets.delete(topic);
    this.#touch(topic);
  }

  /** The retained packets that a filter matches; lets other work in between on long scans. */
  async *matching(filter: string): AsyncGenerator<RetainedPacket> {
    const levels = filter.split('/');
    let scanned = 0;
    for (const packet of this.#packets.candidates(filter)) {
      if (levelsMatch(levels, packet.topic.split('/'))) yield packet;
      scanned += 1;
      if (scanned % SCANNED_AT_ONCE_MAX === 0) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }

  /** Writes what has changed; faults are reported by `onFault` and tried again later. */
  async flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writing = this.#writing.then(() => this.#write());
    await this.#writing;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
    await this.#file?.close().catch(() => undefined);
    this.#file = null;
  }

  get #path(): string {
    return join(this.#options.directory, 'retained.log');
  }

  async #load(): Promise<void> {
    await this.#files.makeDirectory(this.#options.directory);
    const bytes = await this.#files.read(this.#path);
    const log = bytes === null ? null : decodeLog(bytes);
    if (log?.kind === 'newer') {
      throw new Error(
        `${this.#path} was written by a newer Wattbus (format ${log.version}, this one knows ` +
          `${VERSION}); start that version, or move the file away`,
      );
    }
    if (log?.kind === 'foreign') {
      const aside = `${this.#path}.unreadable`;
      await this.#files.rename(this.#path, aside);
      this.#options.onDamage(`retained messages: ${log.reason}; kept as ${aside}, starting empty`);
    }
    this.#rewriteDue = log?.kind !== 'log' || log.damagedRecords > 0 || log.tornBytes > 0;
    if (log?.kind !== 'log') return;
    this.#fileBytes = bytes?.length ?? 0;
    for (const message of log.messages.values()) {
      const packet = { cmd: 'publish', retain: true, ...message };
      this.#packets.set(packet);
      this.#liveBytes += sizeOf(packet);
    }
    if (!this.#rewriteDue) return;
    this.#options.onDamage(
      `retained messages: ${log.messages.size} read, ${log.damagedRecords} damaged and ` +
        `${log.tornBytes} bytes of an unfinished write left out`,
    );
    await this.flush();
  }

  #touch(topic: string): void {
    if (topic.startsWith('$')) return;
    this.#changed.add(topic);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#timer !== null || this.#closed) return;
    const { flushMs } = this.#options;
    const waitMs = Math.max(flushMs, Math.min(flushMs * 2 ** this.#failures, RETRY_MS_MAX));
    this.#timer = setTimeout(() => void this.flush(), waitMs);
  }

  async #write(): Promise<void> {
    if (this.#changed.size === 0 && !this.#rewriteDue) return;
    const topics = [...this.#changed];
    this.#changed.clear();
    try {
      const grown = this.#fileBytes > Math.max(REWRITE_BYTES_MIN, 2 * this.#liveBytes);
      await (this.#rewriteDue || grown ? this.#rewrite() : this.#append(topics));
      this.#rewriteDue = false;
      if (this.#failures > 0) this.#options.onFault(null);
      this.#failures = 0;
    } catch (error) {
      this.#rewriteDue = true;
      this.#failures += 1;
      this.#options.onFault(`retained messages are not written: ${(error as Error).message}`);
      this.#schedule();
    }
  }

  async #append(topics: readonly string[]): Promise<void> {
    this.#file ??= await this.#files.open(this.#path, 'kept');
    for (const chunk of chunked(topics.map((topic) => this.#record(topic)))) {
      await this.#file.append(chunk);
      this.#fileBytes += chunk.length;
    }
    await this.#file.sync();
  }

  async #rewrite(): Promise<void> {
    const beside = `${this.#path}.new`;
    await this.#file?.close().catch(() => undefined);
    this.#file = null;
    const file = await this.#files.open(beside, 'emptied');
    let bytes = 0;
    try {
      for (const chunk of chunked(this.#allRecords())) {
        await file.append(chunk);
        bytes += chunk.length;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await this.#files.rename(beside, this.#path);
    await this.#files.syncDirectory(this.#options.directory);
    this.#fileBytes = bytes;
  }

  *#allRecords(): Generator<Buffer> {
    yield encodeHeader();
    for (const topic of this.#packets.keys()) {
      if (!topic.startsWith('$')) yield this.#record(topic);
    }
  }

  #record(topic: string): Buffer {
    const packet = this.#packets.get(topic);
    if (packet === undefined) return encodeRecord({ kind: 'removed', topic });
    const payload = Buffer.from(packet.payload);
    return encodeRecord({ kind: 'message', message: { topic, payload, qos: packet.qos } });
  }
}

/** What a retained message counts for. */
export const retainedBytes = (topic: string, payload: Buffer | string): number =>
  MESSAGE_BYTES + topic.length + payload.length;

const sizeOf = ({ topic, payload }: RetainedPacket): number => retainedBytes(topic, payload);

function* chunked(records: Iterable<Buffer>): Generator<Buffer> {
  let chunk: Buffer[] = [];
  let bytes = 0;
  for (const record of records) {
    chunk.push(record);
    bytes += record.length;
    if (bytes < CHUNK_BYTES) continue;
    yield Buffer.concat(chunk);
    chunk = [];
    bytes = 0;
  }
  if (chunk.length > 0) yield Buffer.concat(chunk);
}
