import type { ServiceDefinition } from '@wattbus/nest-mqtt';
import { MeterIngestModule } from './meter-ingest.module.js';

export { detectLine, type DetectLineSettings, type LineDetection } from './detect-line.js';

export const meterIngest: ServiceDefinition = { role: 'meter-ingest', module: MeterIngestModule };
