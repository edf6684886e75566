import { refused, type Cell, type Read, type Row, type TableFault } from '@wattbus/tariffs';
import { CsvError, parse } from 'csv-parse/sync';
import { readFileSync } from 'node:fs';

/** Reads a CSV file; the fault has line and column where it is none. */
export function readTable(path: string): Read<{ readonly rows: readonly Row[] }> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return refused([{ line: 1, column: 1, message: (error as Error).message }]);
  }
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
    const rows = records.map(({ record, info, raw }) => ({
      line: info.lines,
      cells: cellsOf(record, raw, delimiter),
    }));
    return { ok: true, rows };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return refused([faultOf(error, delimiter)]);
  }
}

export const describeTableFaults = (path: string, faults: readonly TableFault[]): string =>
  faults.map(({ line, column, message }) => `${path}:${line}:${column}: ${message}`).join('\n');

interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
  readonly raw: string;
}

/** Semicolons and tabs do not occur in numbers and times, so one in the first line decides. */
export const delimiterIn = (firstLine: string): string =>
  [';', '\t'].find((one) => firstLine.includes(one)) ?? ',';

function cellsOf(record: readonly string[], raw: string, delimiter: string): Cell[] {
  let from = 0;
  return record.map((text) => {
    const cell = { text, column: from + 1 };
    from = endOfCell(raw, from, delimiter) + 1;
    return cell;
  });
}

/** Where the cell that begins at a place of its row ends. */
export function endOfCell(raw: string, from: number, delimiter: string): number {
  let quoted = false;
  for (let i = from; i < raw.length; i += 1) {
    if (raw[i] === '"') quoted = !quoted;
    else if (raw[i] === delimiter && !quoted) return i;
  }
  return raw.length;
}

function faultOf(error: CsvError, delimiter: string): TableFault {
  const { lines = 1 } = error as unknown as { lines?: number };
  if (error.code !== 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH') {
    return { line: lines, column: 1, message: error.message };
  }
  const hint =
    delimiter === ','
      ? '; numbers with a decimal comma need quotes, or semicolons between the columns'
      : '';
  const message = `another number of columns than in the first line${hint}`;
  return { line: lines, column: 1, message };
}
