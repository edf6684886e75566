import { runService } from '@wattbus/nest-mqtt';
import { definition } from './index.js';

await runService(definition);
