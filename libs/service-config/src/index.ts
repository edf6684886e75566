export * from './addresses.js';
export * from './config-schema.js';
export * from './documents.js';
export * from './json-schema.js';
export * from './load-config.js';
export * from './secret.js';
export * from './tariff-files.js';
export * from './tariff-plan.js';
export { type TariffChoice } from './tariff-schema.js';
