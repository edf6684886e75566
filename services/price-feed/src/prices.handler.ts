import { Controller, Inject } from '@nestjs/common';
import { slotsOfPrices, topics, type MarketPrices } from '@wattbus/mqtt-contract';
import { OnTopic, type Message } from '@wattbus/nest-mqtt';
import { PriceFeed } from './price-feed.js';

/** Prices that are on the bus, whoever said them → what the feed knows and watches. */
@Controller()
export class PricesHandler {
  readonly #feed: PriceFeed;

  constructor(@Inject(PriceFeed) feed: PriceFeed) {
    this.#feed = feed;
  }

  @OnTopic(topics.marketPrices)
  prices({ params, payload }: Message<MarketPrices>): void {
    if (params['direction'] === 'import') this.#feed.heard(slotsOfPrices(payload));
  }
}
