import { Module } from '@nestjs/common';
import { SERVICE, type ServiceContext } from '@wattbus/nest-mqtt';
import { loadSite, SITE } from './load-site.js';
import { MeterKeeper } from './meter-keeper.js';
import { MetersHandler } from './meters.handler.js';
import { PricesHandler } from './prices.handler.js';
import { Replicas } from './replicas.js';
import { ReplicasHandler } from './replicas.handler.js';
import { SiteFeedsHandler } from './site-feeds.handler.js';
import { SiteHandler } from './site.handler.js';

@Module({
  controllers: [ReplicasHandler, MetersHandler, PricesHandler, SiteFeedsHandler, SiteHandler],
  providers: [
    Replicas,
    MeterKeeper,
    {
      provide: SITE,
      useFactory: ({ config }: ServiceContext) => loadSite(config),
      inject: [SERVICE],
    },
  ],
})
export class AnalyzerModule {}
