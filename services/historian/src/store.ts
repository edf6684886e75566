import { secretOf, type WattbusConfig } from '@wattbus/service-config';
import { openInfluxStore, openSqliteStore, type TimeSeriesStore } from '@wattbus/time-series';
import { join } from 'node:path';

export const STORE = Symbol('STORE');

/** No call of the store waits longer; a query of a long range on a small machine needs some. */
const STORE_TIMEOUT_MS = 20_000;

/** The store as configured. Throws where an SQLite file cannot be opened; InfluxDB may be away. */
export function openStore({ store, dataDir }: WattbusConfig): TimeSeriesStore {
  if (store.kind === 'sqlite') {
    const path = store.sqliteFile ?? join(dataDir, 'history.db');
    return openSqliteStore({ path, retentionDays: store.retentionDays });
  }
  const { url, database, username } = store.influxdb;
  const password = secretOf(store.influxdb);
  return openInfluxStore({
    url,
    database,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    timeoutMs: STORE_TIMEOUT_MS,
    retentionDays: store.retentionDays,
  });
}
