import { Controller, Inject } from '@nestjs/common';
import {
  slotsOfPrices,
  topics,
  type MarketPrices,
  type PriceDirection,
} from '@wattbus/mqtt-contract';
import { OnTopic, type Message } from '@wattbus/nest-mqtt';
import { MeterKeeper } from './meter-keeper.js';

/** Prices of the market → what the energy of the meters of this replica costs. */
@Controller()
export class PricesHandler {
  readonly #keeper: MeterKeeper;

  constructor(@Inject(MeterKeeper) keeper: MeterKeeper) {
    this.#keeper = keeper;
  }

  @OnTopic(topics.marketPrices)
  prices({ params, payload }: Message<MarketPrices>): void {
    this.#keeper.prices(params['direction'] as PriceDirection, slotsOfPrices(payload));
  }
}
