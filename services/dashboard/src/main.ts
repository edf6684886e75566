import { runService } from '@wattbus/nest-mqtt';
import { dashboard } from './index.js';

await runService(dashboard);
