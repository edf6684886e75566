import { runService } from '@wattbus/nest-mqtt';
import { controller } from './index.js';

await runService(controller);
