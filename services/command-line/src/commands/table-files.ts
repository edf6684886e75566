import type { Cell, Row, TableFault } from '@wattbus/tariffs';
import { CsvError, parse } from 'csv-parse/sync';
import { readFileSync } from 'node:fs';
import { delimiterIn, endOfCell } from '../history/read-rows.js';
import { UserFault } from './tariff-files.js';

/** Reads a CSV file; throws a UserFault with `file:line:column: …` where it is none. */
export function readTable(path: string): Row[] {
  const text = readFileSync(path, 'utf8');
  const delimiter = delimiterIn(text.split('\n', 1)[0]!);
  try {
    const records = parse(text, {
      bom: true,
      delimiter,
      info: true,
      raw: true,
      relax_column_count: false,
      skip_empty_lines: true,
    }) as unknown as Parsed[];
    return records.map(({ record, info, raw }) => ({
      line: info.lines,
      cells: cellsOf(record, raw, delimiter),
    }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new UserFault(`${path}:${faultOf(error, delimiter)}`);
  }
}

export const describeTableFaults = (path: string, faults: readonly TableFault[]): string =>
  faults.map(({ line, column, message }) => `${path}:${line}:${column}: ${message}`).join('\n');

interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
  readonly raw: string;
}

function cellsOf(record: readonly string[], raw: string, delimiter: string): Cell[] {
  let from = 0;
  return record.map((text) => {
    const cell = { text, column: from + 1 };
    from = endOfCell(raw, from, delimiter) + 1;
    return cell;
  });
}

function faultOf(error: CsvError, delimiter: string): string {
  const { lines = 1 } = error as unknown as { lines?: number };
  if (error.code !== 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH') return `${lines}:1: ${error.message}`;
  const hint =
    delimiter === ','
      ? '; numbers with a decimal comma need quotes, or semicolons between the columns'
      : '';
  return `${lines}:1: another number of columns than in the first line${hint}`;
}
