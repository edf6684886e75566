export * from './chain.js';
export * from './chaos/run.js';
export * from './fault-proxy.js';
export * from './house-meter.js';
export { startRig } from './chaos/rig.js';
export { measureTakeover } from './chaos/takeover.js';
