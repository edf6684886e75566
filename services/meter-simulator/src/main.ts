import { runService } from '@wattbus/nest-mqtt';
import { meterSimulator } from './meter-simulator.module.js';

await runService(meterSimulator);
