import type { ServiceDefinition } from '@wattbus/nest-mqtt';
import { AnalyzerModule } from './analyzer.module.js';

export const analyzer: ServiceDefinition = { role: 'analyzer', module: AnalyzerModule };
export * from './domain/messages.js';
export {
  nextMeterState,
  nextMeterStateOfQuarter,
  type MeterState,
  type MeterStep,
} from './domain/meter-state.js';
export { ownersOf, partitionOf } from './domain/rendezvous.js';
export { loadSite } from './load-site.js';
