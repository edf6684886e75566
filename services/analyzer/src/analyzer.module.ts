import { Module } from '@nestjs/common';
import { MeterKeeper } from './meter-keeper.js';
import { MetersHandler } from './meters.handler.js';
import { Replicas } from './replicas.js';
import { ReplicasHandler } from './replicas.handler.js';
import { SiteFeedsHandler } from './site-feeds.handler.js';
import { SiteHandler } from './site.handler.js';

@Module({
  controllers: [ReplicasHandler, MetersHandler, SiteFeedsHandler, SiteHandler],
  providers: [Replicas, MeterKeeper],
})
export class AnalyzerModule {}
