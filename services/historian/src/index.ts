import type { ServiceDefinition } from '@wattbus/nest-mqtt';
import { HistorianModule } from './historian.module.js';

export const historian: ServiceDefinition = { role: 'historian', module: HistorianModule };
export type { Insights } from './domain/insight-points.js';
export { Recorder, type Proposal } from './domain/recorder.js';
export { openStore } from './store.js';
