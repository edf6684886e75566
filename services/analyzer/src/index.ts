import type { ServiceDefinition } from '@wattbus/nest-mqtt';
import { AnalyzerModule } from './analyzer.module.js';

export const analyzer: ServiceDefinition = { role: 'analyzer', module: AnalyzerModule };
