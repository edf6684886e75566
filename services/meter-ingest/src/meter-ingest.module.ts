import { Module } from '@nestjs/common';
import { MeterReaders } from './meter-readers.js';
import { ReadingJournal } from './reading-journal.js';
import { ReplayHandler } from './replay.handler.js';

@Module({ controllers: [ReplayHandler], providers: [ReadingJournal, MeterReaders] })
export class MeterIngestModule {}
