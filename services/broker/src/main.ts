import { runService } from '@wattbus/nest-mqtt';
import { broker } from './index.js';

await runService(broker);
