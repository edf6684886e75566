import { quantities, type QuantityName } from '@wattbus/energy-model';
import type { ReadingTable } from './reading-table.js';
import type { Row, SqliteFile } from './sqlite-file.js';

export const ROLL_UP_MS = 300_000;

export const floorTo = (atMs: number, widthMs: number): number =>
  Math.floor(atMs / widthMs) * widthMs;

const isGauge = (name: QuantityName): boolean => quantities[name].kind === 'gauge';

/**
 * Makes the roll-up of one meter's five minutes from `startMs` anew from its readings; quantities
 * that were not stated in it have no row.
 */
export function rollUp(file: SqliteFile, table: ReadingTable, startMs: number): void {
  const names = table.quantities;
  if (names.length === 0) return;
  const where = `at_ms >= ${startMs} AND at_ms < ${startMs + ROLL_UP_MS}`;
  const wanted = names.flatMap((name) =>
    isGauge(name)
      ? ['count', 'sum', 'min', 'max'].map((aggregate) => `${aggregate}("${name}")`)
      : [
          `(SELECT "${name}" FROM ${table.name} WHERE ${where} AND "${name}" IS NOT NULL ` +
            'ORDER BY at_ms DESC LIMIT 1)',
        ],
  );
  const select = `SELECT ${wanted.join()} FROM ${table.name} WHERE ${where}`;
  const [row] = file.prepare(select).raw().all() as [Row];
  const insert = file.prepare(
    'INSERT OR REPLACE INTO roll_up (series, at_ms, readings, sum, min, max, last) ' +
      'VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const series = seriesIds(file, table);
  let next = 0;
  for (const name of names) {
    const values = row.slice(next, (next += isGauge(name) ? 4 : 1));
    const stated = isGauge(name) ? values[0] !== 0 : values[0] !== null;
    if (!stated) continue;
    const aggregates = isGauge(name) ? [...values, null] : [null, null, null, null, values[0]!];
    insert.run([series.get(name)!, startMs, ...aggregates]);
  }
}

function seriesIds(file: SqliteFile, table: ReadingTable): ReadonlyMap<string, number> {
  const select = file.prepare('SELECT quantity, id FROM series WHERE meter = ?').raw();
  const known = () => new Map(select.all([table.meterId]) as [string, number][]);
  const ids = known();
  const missing = table.quantities.filter((name) => !ids.has(name));
  if (missing.length === 0) return ids;
  const insert = file.prepare('INSERT INTO series (meter, quantity) VALUES (?, ?)');
  for (const name of missing) insert.run([table.meterId, name]);
  return known();
}
