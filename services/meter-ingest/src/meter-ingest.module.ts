import { Module } from '@nestjs/common';
import { DeviceTopicsHandler } from './device-topics.handler.js';
import { EventBook } from './event-book.js';
import { MeterReaders } from './meter-readers.js';
import { ReadingJournal } from './reading-journal.js';
import { ReplayHandler } from './replay.handler.js';

@Module({
  controllers: [ReplayHandler, DeviceTopicsHandler],
  providers: [EventBook, ReadingJournal, MeterReaders],
})
export class MeterIngestModule {}
