export * from './commands.js';
export * from './control.js';
export * from './control-state.js';
export * from './demand-limit.js';
export * from './device.js';
export * from './fail-safe.js';
export * from './feasible.js';
