import { Module } from '@nestjs/common';
import { SERVICE, type ServiceContext } from '@wattbus/nest-mqtt';
import { AnalysisHandler } from './analysis.handler.js';
import { HistoryHandler } from './history.handler.js';
import { MissedDays } from './missed-days.js';
import { ReadingsHandler } from './readings.handler.js';
import { StoreWriter } from './store-writer.js';
import { openStore, STORE } from './store.js';
import { StoredCursors } from './stored-cursors.js';

@Module({
  controllers: [ReadingsHandler, AnalysisHandler, HistoryHandler],
  providers: [
    {
      provide: STORE,
      useFactory: ({ config }: ServiceContext) => openStore(config),
      inject: [SERVICE],
    },
    StoreWriter,
    MissedDays,
    StoredCursors,
  ],
})
export class HistorianModule {}
