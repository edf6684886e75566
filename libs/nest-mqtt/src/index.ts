export * from './bus.js';
export * from './contract-server.js';
export * from './counters.js';
export * from './health.js';
export * from './log.js';
export * from './loopback.js';
export * from './metrics.js';
export * from './service.js';
