export * from './chain.js';
export * from './chaos/run.js';
export * from './fault-proxy.js';
export * from './house-meter.js';
