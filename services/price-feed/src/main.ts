import { runService } from '@wattbus/nest-mqtt';
import { priceFeed } from './index.js';

await runService(priceFeed);
