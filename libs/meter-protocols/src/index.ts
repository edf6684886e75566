export * from './meter-protocol.js';
export * from './protocols.js';
