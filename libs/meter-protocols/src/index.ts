export * from './meter-protocol.js';
