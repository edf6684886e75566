import { HISTORY_ROWS_MAX } from '@wattbus/mqtt-contract';
import { escape, type InfluxDB } from 'influx';
import { columnNames, toColumns } from '../history.js';
import { measurements, type FieldValue } from '../points.js';
import {
  BATCH_POINTS_MAX,
  POINTS_PAGE_MAX,
  type Cursor,
  type EraseQuery,
  type HistoryColumns,
  type HistoryQuery,
  type PointQuery,
  type StoredPoint,
} from '../store.js';
import { CURSOR_MEASUREMENT } from './influx-session.js';

interface Series {
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly (FieldValue | null)[])[];
}

interface Reply {
  readonly results: readonly { readonly series?: readonly Series[]; readonly error?: string }[];
}

/**
 * The cursors that were saved, and for meters whose cursor is gone one made from the readings: a
 * batch may have been cut between two shards, so it starts a batch before the newest reading.
 * Readings replayed twice are stored once.
 */
export async function selectCursors(influx: InfluxDB, policy: string): Promise<Cursor[]> {
  const cursors = new Map<string, Cursor>();
  const rebuilt = 'SELECT last(seq) AS seq, epoch FROM reading GROUP BY meter';
  for (const { meter, epoch, seq } of await cursorRows(influx, rebuilt)) {
    const from = Math.max(0, seq - BATCH_POINTS_MAX);
    if (from > 0) cursors.set(meter, { meter, epoch, seq: from });
  }
  const saved = `SELECT seq, epoch FROM "${policy}".${CURSOR_MEASUREMENT} GROUP BY meter`;
  for (const cursor of await cursorRows(influx, saved)) cursors.set(cursor.meter, cursor);
  return [...cursors.values()];
}

async function cursorRows(influx: InfluxDB, query: string): Promise<Cursor[]> {
  return (await select(influx, query)).map(({ tags, columns, values }) => ({
    meter: tags!['meter']!,
    epoch: String(values[0]![columns.indexOf('epoch')]),
    seq: Number(values[0]![columns.indexOf('seq')]),
  }));
}

export async function selectHistory(
  influx: InfluxDB,
  { meter, quantity, fromMs, toMs, resolutionS }: HistoryQuery,
): Promise<HistoryColumns> {
  const names = columnNames(quantity);
  const wanted =
    resolutionS === 0
      ? `"${quantity}"`
      : names.map((name) => `${name}("${quantity}") AS "${name}"`).join(', ');
  const grouping = resolutionS === 0 ? '' : `GROUP BY time(${resolutionS}s) fill(none)`;
  const series = await select(
    influx,
    `SELECT ${wanted} FROM reading WHERE meter = $meter AND ${range(fromMs, toMs)} ` +
      `${grouping} ORDER BY time LIMIT ${HISTORY_ROWS_MAX + 1}`,
    { meter },
  );
  const rows = (series[0]?.values ?? []).map(([atMs, ...values]) => ({
    atMs: Number(atMs),
    values: resolutionS === 0 ? names.map(() => Number(values[0])) : values.map(Number),
  }));
  return toColumns(quantity, rows);
}

export async function selectPoints(
  influx: InfluxDB,
  { measurement, tags, fromMs, toMs, limit }: PointQuery,
): Promise<StoredPoint[]> {
  const conditions = Object.keys(tags).map((tag) => `"${tag}" = $${tag} AND `);
  const series = await select(
    influx,
    `SELECT * FROM "${measurement}" WHERE ${conditions.join('')}${range(fromMs, toMs)} ` +
      `ORDER BY time LIMIT ${Math.min(limit, POINTS_PAGE_MAX)}`,
    tags,
  );
  const { columns, values } = series[0] ?? { columns: [], values: [] };
  const tagNames: readonly string[] = measurements[measurement].tags;
  return values.map((row) => {
    const point = { tags: {} as Record<string, string>, fields: {} as Record<string, FieldValue> };
    for (const [i, name] of columns.entries()) {
      const value = row[i];
      if (name === 'time' || value === null || value === undefined) continue;
      if (tagNames.includes(name)) point.tags[name] = String(value);
      else point.fields[name] = value;
    }
    return { measurement, ...point, atMs: Number(row[columns.indexOf('time')]) };
  });
}

/** `DELETE` takes no placeholders, so the values are written into it. */
export async function eraseResults(
  influx: InfluxDB,
  { measurements: kinds, tags, fromMs, toMs }: EraseQuery,
): Promise<null> {
  const conditions = Object.entries(tags).map(
    ([tag, value]) => `"${tag}" = ${escape.stringLit(value)} AND `,
  );
  for (const kind of kinds) {
    const erase = `DELETE FROM "${kind}" WHERE ${conditions.join('')}${range(fromMs, toMs)}`;
    const reply: Reply = await influx.queryRaw(erase, { method: 'POST' });
    if (reply.results[0]?.error !== undefined) throw new Error(reply.results[0].error);
  }
  return null;
}

const range = (fromMs: number, toMs: number): string => `time >= ${fromMs}ms AND time < ${toMs}ms`;

async function select(
  influx: InfluxDB,
  query: string,
  placeholders: Readonly<Record<string, string>> = {},
): Promise<readonly Series[]> {
  const reply: Reply = await influx.queryRaw(query, { precision: 'ms', placeholders });
  const result = reply.results[0];
  if (result?.error !== undefined) throw new Error(result.error);
  return result?.series ?? [];
}
