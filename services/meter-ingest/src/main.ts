import { runService } from '@wattbus/nest-mqtt';
import { meterIngest } from './index.js';

await runService(meterIngest);
