import { runService } from '@wattbus/nest-mqtt';
import { historian } from './index.js';

await runService(historian);
