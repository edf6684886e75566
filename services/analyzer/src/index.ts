import type { ServiceDefinition } from '@wattbus/nest-mqtt';
import { AnalyzerModule } from './analyzer.module.js';

export const analyzer: ServiceDefinition = { role: 'analyzer', module: AnalyzerModule };
export { insight, insights, type InsightName } from './domain/insights/index.js';
export * from './domain/messages.js';
export {
  nextMeterState,
  nextMeterStateOfQuarter,
  priceMeterState,
  type MeterState,
  type MeterStep,
} from './domain/meter-state.js';
export { ownersOf, partitionOf } from './domain/rendezvous.js';
export { meterResults, type MeterResult } from './domain/results.js';
export { summarise, type SiteState } from './domain/site-summary.js';
export { flatSite, loadSite } from './load-site.js';
