export * from './chunks.js';
export * from './obis.js';
export * from './quantities.js';
export * from './random.js';
export * from './reading.js';
export * from './telegram.js';
