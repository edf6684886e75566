import { HISTORY_ROWS_MAX } from '@wattbus/mqtt-contract';
import { setImmediate } from 'node:timers/promises';
import { columnNames, toColumns, type HistoryRow } from '../history.js';
import type { HistoryColumns, HistoryQuery } from '../store.js';
import { columnsOf, edgeMs, meterIdOf, tableName } from './reading-table.js';
import { floorTo, ROLL_UP_MS } from './roll-up.js';
import type { Row, SqliteFile } from './sqlite-file.js';

/** SQLite answers on the event loop, so a long range is read in pieces of about 1 ms. */
const SLICE_ROWS = 2_000;
/** A range with more rows than this between its ends is cut. */
const SCAN_ROWS_MAX = 2_000_000;

/** Where rows of history come from: the readings themselves, or the closed five minutes. */
interface Source {
  readonly from: string;
  /** `values` of a row: readings, sum, min, max of a gauge, or the last of a register. */
  readonly values: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export async function selectHistory(
  file: SqliteFile,
  query: HistoryQuery,
): Promise<HistoryColumns> {
  const rows = new Rows(query);
  let scanned = 0;
  for (const source of sourcesOf(file, query)) {
    let fromMs = source.fromMs;
    while (fromMs < source.toMs) {
      if (rows.full || scanned >= SCAN_ROWS_MAX) return { ...rows.columns(), cut: true };
      const toMs = sliceEndMs(file, source, fromMs);
      const slice = { ...source, fromMs, toMs };
      for (const row of selectSlice(file, slice, query.resolutionS)) rows.add(row);
      scanned += SLICE_ROWS;
      fromMs = toMs;
      await setImmediate();
    }
  }
  return rows.columns();
}

function sourcesOf(file: SqliteFile, query: HistoryQuery): Source[] {
  const { meter, quantity, fromMs, toMs, resolutionS } = query;
  const meterId = meterIdOf(file, meter);
  if (meterId === undefined) return [];
  const table = tableName(meterId);
  if (!columnsOf(file, table).includes(quantity)) return [];

  const gauge = columnNames(quantity).length > 1;
  const readings = (from: number, to: number): Source => ({
    from: `${table} WHERE "${quantity}" IS NOT NULL`,
    values: gauge
      ? `count("${quantity}"), sum("${quantity}"), min("${quantity}"), max("${quantity}")`
      : `max(at_ms), "${quantity}"`,
    fromMs: Math.max(from, edgeMs(file, table, 'min') ?? to),
    toMs: Math.min(to, (edgeMs(file, table, 'max') ?? 0) + 1),
  });
  const widthMs = resolutionS * 1000;
  const rolledFromMs = Math.ceil(fromMs / ROLL_UP_MS) * ROLL_UP_MS;
  // The five minutes of the newest reading are still open.
  const openMs = floorTo(edgeMs(file, table, 'max') ?? 0, ROLL_UP_MS);
  const rolledToMs = Math.min(floorTo(toMs, ROLL_UP_MS), openMs);
  if (widthMs === 0 || widthMs % ROLL_UP_MS !== 0 || rolledToMs <= rolledFromMs) {
    return [readings(fromMs, toMs)];
  }
  const select = file.prepare('SELECT id FROM series WHERE meter = ? AND quantity = ?').raw();
  const seriesId = (select.all([meterId, quantity]) as Row[])[0]?.[0] ?? 0;
  const rolled: Source = {
    from: `roll_up WHERE series = ${seriesId}`,
    values: gauge ? 'sum(readings), sum(sum), min(min), max(max)' : 'max(at_ms), last',
    fromMs: rolledFromMs,
    toMs: rolledToMs,
  };
  return [readings(fromMs, rolledFromMs), rolled, readings(rolledToMs, toMs)];
}

function sliceEndMs(file: SqliteFile, { from, toMs }: Source, fromMs: number): number {
  const select =
    `SELECT at_ms FROM ${from} AND at_ms >= ${fromMs} AND at_ms < ${toMs} ` +
    `ORDER BY at_ms LIMIT 1 OFFSET ${SLICE_ROWS}`;
  const rows = file.prepare(select).raw().all() as Row[];
  return rows[0] === undefined ? toMs : Number(rows[0][0]);
}

function selectSlice(file: SqliteFile, slice: Source, resolutionS: number): Row[] {
  const widthMs = Math.max(1, resolutionS * 1000);
  const select =
    `SELECT at_ms / ${widthMs} * ${widthMs} AS start, ${slice.values} FROM ${slice.from} ` +
    `AND at_ms >= ${slice.fromMs} AND at_ms < ${slice.toMs} GROUP BY start ORDER BY start`;
  return file.prepare(select).raw().all() as Row[];
}

/** Rows in order of time; a row that was cut by the end of a slice is put together again. */
class Rows {
  readonly #query: HistoryQuery;
  readonly #gauge: boolean;
  readonly #rows: { atMs: number; values: number[] }[] = [];

  constructor(query: HistoryQuery) {
    this.#query = query;
    this.#gauge = columnNames(query.quantity).length > 1;
  }

  get full(): boolean {
    return this.#rows.length > HISTORY_ROWS_MAX;
  }

  add(row: Row): void {
    const [atMs, ...values] = row.map(Number) as [number, ...number[]];
    const last = this.#rows.at(-1);
    if (last?.atMs !== atMs) this.#rows.push({ atMs, values });
    else last.values = this.#gauge ? merge(last.values, values) : values;
  }

  columns(): HistoryColumns {
    const rows: HistoryRow[] = this.#rows.map(({ atMs, values }) => {
      if (!this.#gauge) return { atMs, values: values.slice(1) };
      const [readings, sum, min, max] = values as [number, number, number, number];
      return { atMs, values: [sum / readings, min, max] };
    });
    return toColumns(this.#query.quantity, rows);
  }
}

const merge = (a: readonly number[], b: readonly number[]): number[] => [
  a[0]! + b[0]!,
  a[1]! + b[1]!,
  Math.min(a[2]!, b[2]!),
  Math.max(a[3]!, b[3]!),
];
