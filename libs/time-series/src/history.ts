import { quantities, type QuantityName } from '@wattbus/energy-model';
import { HISTORY_ROWS_MAX } from '@wattbus/mqtt-contract';
import type { HistoryColumns } from './store.js';

/** A row of history before it becomes columns: `values` are those of `columnNames`. */
export interface HistoryRow {
  readonly atMs: number;
  readonly values: readonly number[];
}

const gaugeColumns = ['mean', 'min', 'max'] as const;
const risingColumns = ['last'] as const;

export type ColumnName = (typeof gaugeColumns)[number] | (typeof risingColumns)[number];

/** Which columns a quantity has: a mean of a register would be no reading of it. */
export const columnNames = (quantity: QuantityName): readonly ColumnName[] =>
  quantities[quantity].kind === 'gauge' ? gaugeColumns : risingColumns;

/** Rows in order of time, at most one more than the limit, as columns. */
export function toColumns(quantity: QuantityName, rows: readonly HistoryRow[]): HistoryColumns {
  const kept = rows.slice(0, HISTORY_ROWS_MAX);
  const columns = columnNames(quantity).map((name, i) => [name, kept.map((r) => r.values[i]!)]);
  return {
    atMs: kept.map((row) => row.atMs),
    ...Object.fromEntries(columns),
    cut: rows.length > kept.length,
  };
}
