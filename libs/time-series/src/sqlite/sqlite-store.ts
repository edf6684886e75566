import { setImmediate } from 'node:timers/promises';
import { checkPoint, type Point } from '../points.js';
import {
  BATCH_POINTS_MAX,
  type Batch,
  type Cursor,
  type EraseQuery,
  type Found,
  type HistoryColumns,
  type HistoryQuery,
  type PointQuery,
  type PutAside,
  type RejectedPoint,
  type StoredPoint,
  type TimeSeriesStore,
  type Unavailable,
  type WriteOutcome,
} from '../store.js';
import { edgeMs, ReadingTable } from './reading-table.js';
import { floorTo, ROLL_UP_MS, rollUp } from './roll-up.js';
import { isSqliteError, openFile, openReader, type SqliteFile } from './sqlite-file.js';
import { selectHistory } from './sqlite-history.js';
import { eraseResults, insertResult, selectCursors, selectPoints } from './sqlite-points.js';

export interface SqliteStoreOptions {
  readonly path: string;
  /** Readings older than this before the newest are deleted, five minutes stay; 0 keeps all. */
  readonly retentionDays: number;
}

/** Open tables in memory; a store of more meters reads their columns again. */
const TABLES_MAX = 1_000;
/** Points written between two turns of the event loop, about 2 ms. */
const TURN_POINTS = 200;
/** Old readings deleted in one commit: more than one batch adds, little enough not to be felt. */
const DELETED_READINGS_MAX = 2_000;
const DAY_MS = 86_400_000;

const closed: Unavailable = { outcome: 'retry', reason: 'the store is closed' };

/** Opens or makes the file; throws where it cannot be, or is newer than this program. */
export function openSqliteStore(options: SqliteStoreOptions): TimeSeriesStore {
  return new SqliteStore(options);
}

class SqliteStore implements TimeSeriesStore {
  readonly name: string;
  readonly #file: SqliteFile;
  readonly #reader: SqliteFile;
  readonly #retentionMs: number;
  readonly #tables = new Map<string, ReadingTable>();
  #writing: Promise<WriteOutcome> | undefined;
  #closed = false;

  constructor({ path, retentionDays }: SqliteStoreOptions) {
    this.name = `SQLite ${path}`;
    this.#file = openFile(path);
    this.#reader = openReader(path);
    this.#retentionMs = retentionDays * DAY_MS;
  }

  async write(batch: Batch, putAside?: PutAside): Promise<WriteOutcome> {
    if (this.#writing) throw new Error('one write at a time');
    if (batch.points.length > BATCH_POINTS_MAX) {
      throw new Error(`batch of ${batch.points.length} points`);
    }
    if (this.#closed) return closed;
    this.#writing = this.#transaction(batch, putAside);
    try {
      return await this.#writing;
    } finally {
      this.#writing = undefined;
    }
  }

  async #transaction(batch: Batch, putAside?: PutAside): Promise<WriteOutcome> {
    try {
      this.#file.exec('BEGIN IMMEDIATE');
      const rejected = await this.#insert(batch);
      if (rejected.length > 0 && putAside) {
        const aside = await putAside(rejected).catch((error: Error) => error);
        if (aside) return this.#undo(`cannot put points aside: ${aside.message}`);
      }
      this.#file.exec('COMMIT');
      return { outcome: 'committed', rejected };
    } catch (error) {
      const undone = this.#undo((error as Error).message);
      if (!isSqliteError(error)) throw error;
      return { ...undone, reason: `${error.code}: ${error.message}` };
    }
  }

  #undo(reason: string): Unavailable {
    // SQLite itself has undone the transaction after some errors, a full disk among them.
    if (this.#file.inTransaction) this.#file.exec('ROLLBACK');
    // What they know of columns and origins may have been undone.
    this.#tables.clear();
    return { outcome: 'retry', reason };
  }

  async #insert({ points, cursors }: Batch): Promise<RejectedPoint[]> {
    const rejected: RejectedPoint[] = [];
    const touched = new Map<ReadingTable, Set<number>>();
    for (const [i, point] of points.entries()) {
      if (i % TURN_POINTS === TURN_POINTS - 1) await setImmediate();
      const checked = checkPoint(point);
      if (!checked.ok) rejected.push({ point, reason: checked.reason });
      else if (point.measurement === 'reading') this.#insertReading(checked.point, touched);
      else insertResult(this.#file, checked.point);
    }
    for (const [table, starts] of touched) this.#keepUp(table, starts);
    const cursor = this.#file.prepare('INSERT OR REPLACE INTO cursor VALUES (?, ?, ?)');
    for (const { meter, epoch, seq } of cursors) cursor.run([meter, epoch, seq]);
    return rejected;
  }

  #insertReading(point: Point, touched: Map<ReadingTable, Set<number>>): void {
    const table = this.#table(point);
    let starts = touched.get(table);
    if (!starts) {
      starts = new Set();
      // The five minutes that were open may close with this batch.
      const newestMs = edgeMs(this.#file, table.name, 'max');
      if (newestMs !== null) starts.add(floorTo(newestMs, ROLL_UP_MS));
      touched.set(table, starts);
    }
    starts.add(floorTo(point.atMs, ROLL_UP_MS));
    table.insert(point);
  }

  #table({ tags, fields }: Point): ReadingTable {
    const meter = tags['meter'] ?? '';
    let table = this.#tables.get(meter);
    if (!table) {
      table = ReadingTable.of(this.#file, meter, fields);
      if (this.#tables.size >= TABLES_MAX) this.#tables.clear();
      this.#tables.set(meter, table);
    }
    return table;
  }

  /** Rolls up what the batch closed or changed, and deletes some of what is too old. */
  #keepUp(table: ReadingTable, starts: ReadonlySet<number>): void {
    const newestMs = edgeMs(this.#file, table.name, 'max')!;
    const openMs = floorTo(newestMs, ROLL_UP_MS);
    const keepsAll = this.#retentionMs === 0;
    // Whole five minutes, so that a roll-up is never made anew from half of its readings.
    const keptMs = keepsAll ? -Infinity : floorTo(newestMs - this.#retentionMs, ROLL_UP_MS);
    for (const startMs of starts) {
      if (startMs >= keptMs && startMs < openMs) rollUp(this.#file, table, startMs);
    }
    if (keepsAll) return;
    this.#file.exec(
      `DELETE FROM ${table.name} WHERE at_ms IN (SELECT at_ms FROM ${table.name} ` +
        `WHERE at_ms < ${keptMs} ORDER BY at_ms LIMIT ${DELETED_READINGS_MAX})`,
    );
  }

  readCursors(): Promise<Found<readonly Cursor[]>> {
    return this.#found(() => selectCursors(this.#reader));
  }

  history(query: HistoryQuery): Promise<Found<HistoryColumns>> {
    return this.#found(() => selectHistory(this.#reader, query));
  }

  points(query: PointQuery): Promise<Found<readonly StoredPoint[]>> {
    return this.#found(() => selectPoints(this.#reader, query));
  }

  erase(query: EraseQuery): Promise<Found<null>> {
    if (this.#writing) throw new Error('one write at a time');
    return this.#found(() => {
      eraseResults(this.#file, query);
      return null;
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
    this.#reader.close();
    // Everything into the one file, so that it can be copied as it lies.
    this.#file.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    this.#file.close();
  }

  async #found<Value>(select: () => Value | Promise<Value>): Promise<Found<Value>> {
    if (this.#closed) return closed;
    try {
      return { outcome: 'found', value: await select() };
    } catch (error) {
      // A long answer was under way when the store was closed.
      if (this.#closed) return closed;
      if (!isSqliteError(error)) throw error;
      return { outcome: 'retry', reason: `${error.code}: ${error.message}` };
    }
  }
}
