export * from './dsmr/encode.js';
export * from './dsmr/encode-encrypted.js';
export type { P1Variant } from './dsmr/encode-rows.js';
export * from './measurements.js';
export * from './meter-protocol.js';
export * from './protocols.js';
export { readLinePattern } from './text-line/pattern.js';
