export * from './broker.js';
export * from './config.js';
export * from './influxdb.js';
export * from './person.js';
export * from './reading-draft.js';
export * from './wait.js';
