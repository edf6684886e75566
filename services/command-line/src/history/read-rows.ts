import { endOfCell } from '@wattbus/service-config';
import { parse } from 'csv-parse';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';

/** A row of a CSV file, and the line that it stands on. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
  /** As written, for the place of a fault in it. */
  readonly raw: string;
}

const HEADER_BYTES_MAX = 65_536;

/** The first line of a file. */
export async function firstLineOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES_MAX), 0);
    return buffer.toString('utf8', 0, bytesRead).split('\n')[0]!;
  } finally {
    await file.close();
  }
}

/** Rows of a CSV file one after another; throws where it is none. */
export async function* csvRows(path: string, delimiter: string): AsyncGenerator<CsvRow> {
  const parser = parse({
    bom: true,
    delimiter,
    info: true,
    raw: true,
    skip_empty_lines: true,
    trim: true,
  });
  const source = createReadStream(path).on('error', (error) => parser.destroy(error));
  const records: AsyncIterable<ParsedRow> = source.pipe(parser);
  try {
    for await (const { record, info, raw } of records) {
      yield { line: info.lines, cells: record, raw };
    }
  } finally {
    source.destroy();
  }
}

interface ParsedRow {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
  readonly raw: string;
}

/** Where in its row a cell begins, from 1. */
export function columnOfCell(raw: string, cell: number, delimiter: string): number {
  let from = 0;
  for (let i = 0; i < cell; i += 1) from = endOfCell(raw, from, delimiter) + 1;
  return from + 1;
}
