export * from './history.js';
export { openInfluxStore, type InfluxStoreOptions } from './influx/influx-store.js';
export * from './points.js';
export { copySqliteStore } from './sqlite/copy-sqlite-store.js';
export { openSqliteStore, type SqliteStoreOptions } from './sqlite/sqlite-store.js';
export * from './store.js';
