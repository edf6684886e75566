export * from './chain.js';
export * from './house-meter.js';
