import type { ServiceDefinition } from '@wattbus/nest-mqtt';
import { PriceFeedModule } from './price-feed.module.js';

export const priceFeed: ServiceDefinition = { role: 'price-feed', module: PriceFeedModule };
