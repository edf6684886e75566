import Database from 'libsql';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

export type SqliteFile = Database.Database;
export type Row = readonly (number | string | null)[];

/** The version of the schema below; kept in the file as `user_version`. */
const SCHEMA_VERSION = 1;

/**
 * Readings lie in one table a meter (`reading_1` …) with the time as its row id and a column for
 * each quantity that the meter has ever stated: rows are appended to dense pages, and carry no
 * bytes for what the meter does not measure. `origin` says once what would repeat in each row.
 *
 * `roll_up` has each closed five minutes of each quantity, so that a year is read in
 * milliseconds. It is derived: every commit makes it agree with the readings.
 */
const SCHEMA = `
CREATE TABLE meter (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE origin (
  id INTEGER PRIMARY KEY, meter INTEGER NOT NULL REFERENCES meter, epoch TEXT NOT NULL,
  medium TEXT NOT NULL, role TEXT NOT NULL, UNIQUE (meter, epoch, medium, role)
) STRICT;
CREATE TABLE series (
  id INTEGER PRIMARY KEY, meter INTEGER NOT NULL REFERENCES meter, quantity TEXT NOT NULL,
  UNIQUE (meter, quantity)
) STRICT;
CREATE TABLE roll_up (
  series INTEGER NOT NULL, at_ms INTEGER NOT NULL,
  readings INTEGER, sum REAL, min REAL, max REAL, last INTEGER, PRIMARY KEY (series, at_ms)
) STRICT, WITHOUT ROWID;
CREATE TABLE result (
  measurement TEXT NOT NULL, series TEXT NOT NULL, at_ms INTEGER NOT NULL, fields TEXT NOT NULL,
  PRIMARY KEY (measurement, series, at_ms)
) STRICT, WITHOUT ROWID;
CREATE TABLE cursor (
  meter TEXT NOT NULL PRIMARY KEY, epoch TEXT NOT NULL, seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

/** Opens or makes the file; throws with a reason that a person can act on. */
export function openFile(path: string): SqliteFile {
  try {
    mkdirSync(dirname(path), { recursive: true });
    const file = new Database(path);
    file.exec('PRAGMA busy_timeout = 1000');
    file.exec('PRAGMA journal_mode = WAL');
    // A power cut may undo the last commits, but then their cursors too: they are replayed.
    file.exec('PRAGMA synchronous = NORMAL');
    migrate(file);
    return file;
  } catch (error) {
    throw new Error(`cannot open the store ${path}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** A second connection to the file: sees what is committed, never half of a batch. */
export function openReader(path: string): SqliteFile {
  const file = new Database(path);
  file.exec('PRAGMA busy_timeout = 1000');
  file.exec('PRAGMA query_only = ON');
  return file;
}

function migrate(file: SqliteFile): void {
  const [row] = file.prepare('PRAGMA user_version').raw().all() as [[number]];
  const version = row[0];
  if (version > SCHEMA_VERSION) {
    throw new Error(`its version ${version} is newer than this program's ${SCHEMA_VERSION}`);
  }
  if (version === SCHEMA_VERSION) return;
  file.exec(`BEGIN IMMEDIATE; ${SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
}

export const isSqliteError = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && error.name === 'SqliteError';
