import Database from 'libsql';

/**
 * Writes a copy of a store's file to a path where nothing is yet. It is one consistent state, that
 * of the last commit, and whoever writes to the store goes on. Throws where either cannot be done.
 */
export function copySqliteStore(from: string, to: string): void {
  const store = new Database(from);
  try {
    store.exec('PRAGMA busy_timeout = 10000');
    store.prepare('VACUUM INTO ?').run([to]);
  } finally {
    store.close();
  }
}
