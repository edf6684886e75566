import { runService } from '@wattbus/nest-mqtt';
import { analyzer } from './index.js';

await runService(analyzer);
