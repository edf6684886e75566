import {
  measurements,
  type FieldType,
  type Measurement,
  type MeasurementName,
  type PointQuery,
  type StoredPoint,
  type TimeSeriesStore,
} from '@wattbus/time-series';
import { stringify } from 'csv-stringify';
import { fileWriter, parquetWriteRows } from 'hyparquet-writer';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { storedPoints } from './stored-points.js';

type Query = Omit<PointQuery, 'limit'>;
type Row = Record<string, unknown>;

/** `at`, tags, then all fields that the measurement may have, so that files fit together. */
const columnsOf = (name: MeasurementName): string[] => {
  const { tags, fields }: Measurement = measurements[name];
  return ['at', ...tags, ...Object.keys(fields)];
};

/** Writes one row a point with times in ISO 8601; `-` is standard output. Returns the rows. */
export async function exportCsv(
  store: TimeSeriesStore,
  query: Query,
  path: string,
): Promise<number> {
  let count = 0;
  async function* rows(): AsyncGenerator<Row> {
    for await (const { atMs, tags, fields } of storedPoints(store, query)) {
      count += 1;
      yield { at: new Date(atMs).toISOString(), ...tags, ...fields };
    }
  }
  const csv = stringify({
    header: true,
    columns: columnsOf(query.measurement),
    cast: { boolean: String },
  });
  if (path === '-') {
    await pipeline(Readable.from(rows()), csv, process.stdout, { end: false });
    return count;
  }
  await whole(path, (partial) => pipeline(Readable.from(rows()), csv, createWriteStream(partial)));
  return count;
}

const parquetTypes = {
  integer: 'INT64',
  float: 'DOUBLE',
  string: 'STRING',
  boolean: 'BOOLEAN',
} as const satisfies Record<FieldType, string>;

/** Writes one row a point; whole numbers are 64 bits, what is unknown is null. */
export async function exportParquet(
  store: TimeSeriesStore,
  query: Query,
  path: string,
): Promise<number> {
  const { tags, fields }: Measurement = measurements[query.measurement];
  let count = 0;
  async function* rows(): AsyncGenerator<Row> {
    for await (const point of storedPoints(store, query)) {
      count += 1;
      yield parquetRow(point, fields);
    }
  }
  const columns = [
    { name: 'at', type: 'TIMESTAMP' as const, nullable: false },
    ...tags.map((name) => ({ name, type: 'STRING' as const })),
    ...Object.entries(fields).map(([name, type]) => ({ name, type: parquetTypes[type] })),
  ];
  await whole(path, async (partial) => {
    await parquetWriteRows({ writer: fileWriter(partial), rows: rows(), columns });
  });
  return count;
}

function parquetRow({ atMs, tags, fields }: StoredPoint, types: Measurement['fields']): Row {
  const row: Row = { at: new Date(atMs), ...tags };
  for (const [name, value] of Object.entries(fields)) {
    row[name] = types[name] === 'integer' ? BigInt(value as number) : value;
  }
  return row;
}

/** A file is there whole or not at all. */
async function whole(path: string, write: (partial: string) => Promise<void>): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await write(partial);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
