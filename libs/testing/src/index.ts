export * from './broker.js';
export * from './config.js';
export * from './each-fault.js';
export * from './influxdb.js';
export * from './memory-disk.js';
export * from './person.js';
export * from './reading-draft.js';
export * from './wait.js';
