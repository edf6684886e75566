import { Module } from '@nestjs/common';
import { PriceFeed } from './price-feed.js';
import { PricesHandler } from './prices.handler.js';

@Module({ controllers: [PricesHandler], providers: [PriceFeed] })
export class PriceFeedModule {}
