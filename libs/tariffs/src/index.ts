export * from './calendar.js';
export * from './component.js';
export * from './money.js';
export * from './tariff.js';
