import { quantities, type QuantityName } from '@wattbus/energy-model';
import type Database from 'libsql';
import type { Point } from '../points.js';
import type { Row, SqliteFile } from './sqlite-file.js';

/** A meter states few different sets of quantities; more than this starts the cache afresh. */
const SHAPES_MAX = 32;

/** Columns of a reading that are no quantities. */
const ownColumns = ['at_ms', 'origin', 'seq', 'delay_ms'] as const;

/** Stands in the columns of readings that no journal holds. */
export const NO_EPOCH = '';
const NO_SEQ = 0;

/** The table of one meter's readings. To be forgotten when its transaction is undone. */
export class ReadingTable {
  readonly meterId: number;
  readonly name: string;
  readonly #file: SqliteFile;
  readonly #columns: Set<string>;
  readonly #origins = new Map<string, number>();
  readonly #inserts = new Map<string, Database.Statement<unknown[]>>();

  private constructor(file: SqliteFile, meterId: number) {
    this.#file = file;
    this.meterId = meterId;
    this.name = tableName(meterId);
    this.#columns = new Set(columnsOf(file, this.name));
  }

  /**
   * Made where the meter is new, with the columns of its first reading at once: each change of a
   * table costs as much as there are tables.
   */
  static of(file: SqliteFile, meter: string, first: Point['fields']): ReadingTable {
    const known = meterIdOf(file, meter);
    if (known !== undefined) return new ReadingTable(file, known);
    file.prepare('INSERT INTO meter (name) VALUES (?)').run(meter);
    const meterId = meterIdOf(file, meter)!;
    const measured = measuredNames(first).map(columnOf);
    file.exec(
      `CREATE TABLE ${tableName(meterId)} (at_ms INTEGER PRIMARY KEY, ` +
        `${['origin INTEGER NOT NULL', 'seq INTEGER NOT NULL', 'delay_ms INTEGER', ...measured].join()}) STRICT`,
    );
    return new ReadingTable(file, meterId);
  }

  get quantities(): QuantityName[] {
    return [...this.#columns].filter((name): name is QuantityName => name in quantities);
  }

  insert({ atMs, tags, fields }: Point): void {
    const { seq = NO_SEQ, epoch = NO_EPOCH, receivedMs } = fields;
    const names = measuredNames(fields);
    const delayMs = typeof receivedMs === 'number' ? receivedMs - atMs : null;
    const origin = this.#origin(String(epoch), tags['medium'] ?? '', tags['role'] ?? '');
    this.#insert(names).run([atMs, origin, seq, delayMs, ...names.map((name) => fields[name])]);
  }

  #insert(names: readonly string[]): Database.Statement<unknown[]> {
    const shape = names.join();
    const known = this.#inserts.get(shape);
    if (known) return known;
    for (const name of names) this.#ensureColumn(name);
    const columns = [...ownColumns, ...names.map((name) => `"${name}"`)];
    const statement = this.#file.prepare(
      `INSERT OR REPLACE INTO ${this.name} (${columns.join()}) ` +
        `VALUES (${columns.map(() => '?').join()})`,
    );
    if (this.#inserts.size >= SHAPES_MAX) this.#inserts.clear();
    this.#inserts.set(shape, statement);
    return statement;
  }

  #ensureColumn(name: string): void {
    if (this.#columns.has(name)) return;
    this.#file.exec(`ALTER TABLE ${this.name} ADD COLUMN ${columnOf(name)}`);
    this.#columns.add(name);
  }

  #origin(epoch: string, medium: string, role: string): number {
    const key = `${epoch} ${medium} ${role}`;
    const known = this.#origins.get(key);
    if (known !== undefined) return known;
    const values = [this.meterId, epoch, medium, role];
    this.#file
      .prepare('INSERT OR IGNORE INTO origin (meter, epoch, medium, role) VALUES (?, ?, ?, ?)')
      .run(values);
    const select =
      'SELECT id FROM origin WHERE meter = ? AND epoch = ? AND medium = ? AND role = ?';
    const [row] = this.#file.prepare(select).raw().all(values) as [[number]];
    this.#origins.set(key, row[0]);
    return row[0];
  }
}

const measuredNames = (fields: Point['fields']): string[] =>
  Object.keys(fields).filter((name) => name in quantities);

const columnOf = (name: string): string =>
  `"${name}" ${quantities[name as QuantityName].integer ? 'INTEGER' : 'REAL'}`;

export const tableName = (meterId: number): string => `reading_${meterId}`;

export function meterIdOf(file: SqliteFile, meter: string): number | undefined {
  const rows = file.prepare('SELECT id FROM meter WHERE name = ?').raw().all([meter]) as Row[];
  return rows[0] === undefined ? undefined : Number(rows[0][0]);
}

export function columnsOf(file: SqliteFile, table: string): string[] {
  const rows = file.prepare(`SELECT name FROM pragma_table_info('${table}')`).raw().all();
  return (rows as Row[]).map((row) => String(row[0]));
}

/** Time of the meter's newest (or oldest) reading, or null where it has none. */
export function edgeMs(file: SqliteFile, table: string, edge: 'min' | 'max'): number | null {
  const [row] = file.prepare(`SELECT ${edge}(at_ms) FROM ${table}`).raw().all() as [Row];
  return row[0] as number | null;
}
