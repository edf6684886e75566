import { Controller, Inject } from '@nestjs/common';
import {
  topics,
  type CarbonFeed,
  type PvForecastFeed,
  type SiteAway,
  type TemperatureFeed,
} from '@wattbus/mqtt-contract';
import type { AnalysisSite } from '@wattbus/load-analysis';
import { OnTopic, SERVICE, type Message, type ServiceContext } from '@wattbus/nest-mqtt';
import {
  awayOf,
  intensitiesOf,
  noFeeds,
  productionOf,
  temperaturesOf,
  withFeeds,
  type SiteFeeds,
} from './domain/site-feeds.js';
import { SITE } from './load-site.js';
import { MeterKeeper } from './meter-keeper.js';

/** What of the grid, the sky and absences comes from outside → what the meters are analysed with. */
@Controller()
export class SiteFeedsHandler {
  readonly #service: ServiceContext;
  readonly #keeper: MeterKeeper;
  readonly #site: AnalysisSite;
  #feeds: SiteFeeds = noFeeds;

  constructor(
    @Inject(SERVICE) service: ServiceContext,
    @Inject(MeterKeeper) keeper: MeterKeeper,
    @Inject(SITE) site: AnalysisSite,
  ) {
    this.#site = site;
    this.#service = service;
    this.#keeper = keeper;
  }

  @OnTopic(topics.carbonFeed)
  carbon({ payload }: Message<CarbonFeed>): void {
    this.#changed({ ...this.#feeds, intensities: intensitiesOf(payload) });
  }

  @OnTopic(topics.temperatureFeed)
  temperature({ payload }: Message<TemperatureFeed>): void {
    this.#changed({ ...this.#feeds, temperatures: temperaturesOf(payload) });
  }

  @OnTopic(topics.pvForecastFeed)
  production({ payload }: Message<PvForecastFeed>): void {
    this.#changed({ ...this.#feeds, production: productionOf(payload) });
  }

  @OnTopic(topics.siteAway)
  away({ payload }: Message<SiteAway>): void {
    this.#changed({ ...this.#feeds, away: awayOf(payload) });
  }

  #changed(feeds: SiteFeeds): void {
    this.#feeds = feeds;
    const { config } = this.#service;
    this.#keeper.siteIs(withFeeds(this.#site, feeds, config.site.carbonGPerKWh));
  }
}
