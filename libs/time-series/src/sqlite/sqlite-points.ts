import { measurements, type FieldValue, type Point } from '../points.js';
import {
  POINTS_PAGE_MAX,
  type Cursor,
  type EraseQuery,
  type PointQuery,
  type StoredPoint,
} from '../store.js';
import { meterIdOf, NO_EPOCH, tableName } from './reading-table.js';
import type { Row, SqliteFile } from './sqlite-file.js';

/** Points of analysis are few: their fields are kept as JSON under their tags and time. */
export function insertResult(file: SqliteFile, { measurement, tags, fields, atMs }: Point): void {
  file
    .prepare('INSERT OR REPLACE INTO result VALUES (?, ?, ?, ?)')
    .run([measurement, seriesKey(measurement, tags), atMs, JSON.stringify(fields)]);
}

/** The tags in the order of the schema, so that equal tags make one key. */
const seriesKey = (measurement: Point['measurement'], tags: Point['tags']): string =>
  JSON.stringify(
    Object.fromEntries(
      measurements[measurement].tags
        .filter((tag) => tags[tag] !== undefined)
        .map((tag) => [tag, tags[tag]]),
    ),
  );

export function selectPoints(file: SqliteFile, query: PointQuery): StoredPoint[] {
  return query.measurement === 'reading' ? selectReadings(file, query) : selectResults(file, query);
}

function selectResults(
  file: SqliteFile,
  { measurement, tags, fromMs, toMs, limit }: PointQuery,
): StoredPoint[] {
  const select =
    'SELECT series, at_ms, fields FROM result ' +
    `WHERE measurement = ? AND at_ms >= ${fromMs} AND at_ms < ${toMs} ${conditionsOf(tags)}` +
    `ORDER BY at_ms LIMIT ${Math.min(limit, POINTS_PAGE_MAX)}`;
  const rows = file
    .prepare(select)
    .raw()
    .all([measurement, ...Object.values(tags)]) as Row[];
  return rows.map(([series, atMs, fields]) => ({
    measurement,
    tags: JSON.parse(String(series)) as Record<string, string>,
    fields: JSON.parse(String(fields)) as Record<string, FieldValue>,
    atMs: Number(atMs),
  }));
}

export function eraseResults(
  file: SqliteFile,
  { measurements: kinds, tags, fromMs, toMs }: EraseQuery,
): void {
  const erase = file.prepare(
    'DELETE FROM result WHERE measurement = ? ' +
      `AND at_ms >= ${fromMs} AND at_ms < ${toMs} ${conditionsOf(tags)}`,
  );
  for (const kind of kinds) erase.run([kind, ...Object.values(tags)]);
}

const conditionsOf = (tags: Readonly<Record<string, string>>): string =>
  Object.keys(tags)
    .map((name) => `AND json_extract(series, '$.${name}') = ? `)
    .join('');

function selectReadings(
  file: SqliteFile,
  { tags: { meter, ...tags }, fromMs, toMs, limit }: PointQuery,
): StoredPoint[] {
  if (meter === undefined) throw new Error('a query for readings names the meter');
  const meterId = meterIdOf(file, meter);
  if (meterId === undefined) return [];
  const conditions = Object.keys(tags).map((name) => `AND origin.${name} = ? `);
  const statement = file.prepare(
    'SELECT medium, role, epoch, at_ms + delay_ms AS receivedMs, reading.* ' +
      `FROM ${tableName(meterId)} AS reading JOIN origin ON origin.id = reading.origin ` +
      `WHERE at_ms >= ${fromMs} AND at_ms < ${toMs} ${conditions.join('')}` +
      `ORDER BY at_ms LIMIT ${Math.min(limit, POINTS_PAGE_MAX)}`,
  );
  const columns = statement.columns().map((column) => column.name);
  const rows = statement.raw().all(Object.values(tags)) as Row[];
  return rows.map((row) => toReading(meter, columns, row));
}

function toReading(meter: string, columns: readonly string[], row: Row): StoredPoint {
  const all = new Map(columns.map((name, i) => [name, row[i] ?? null]));
  const fields: Record<string, FieldValue> = {};
  for (const [name, value] of all) {
    if (value !== null && !notFields.has(name)) fields[name] = value;
  }
  if (fields['epoch'] === NO_EPOCH) {
    delete fields['epoch'];
    delete fields['seq'];
  }
  return {
    measurement: 'reading',
    tags: { meter, medium: String(all.get('medium')), role: String(all.get('role')) },
    fields,
    atMs: Number(all.get('at_ms')),
  };
}

const notFields: ReadonlySet<string> = new Set(['medium', 'role', 'at_ms', 'origin', 'delay_ms']);

/** Cursors lie in the transaction of their readings; a lost one is the newest reading's. */
export function selectCursors(file: SqliteFile): Cursor[] {
  const cursors = new Map<string, Cursor>();
  for (const [id, meter] of file.prepare('SELECT id, name FROM meter').raw().all() as Row[]) {
    const select =
      `SELECT epoch, seq FROM ${tableName(Number(id))} AS reading ` +
      `JOIN origin ON origin.id = reading.origin WHERE epoch <> '${NO_EPOCH}' ` +
      'ORDER BY at_ms DESC LIMIT 1';
    for (const [epoch, seq] of file.prepare(select).raw().all() as Row[]) {
      cursors.set(String(meter), toCursor(meter, epoch, seq));
    }
  }
  for (const [meter, epoch, seq] of file.prepare('SELECT * FROM cursor').raw().all() as Row[]) {
    cursors.set(String(meter), toCursor(meter, epoch, seq));
  }
  return [...cursors.values()];
}

const toCursor = (meter: unknown, epoch: unknown, seq: unknown): Cursor => ({
  meter: String(meter),
  epoch: String(epoch),
  seq: Number(seq),
});
