import { Controller, Inject } from '@nestjs/common';
import { topics, type ReplayRequest } from '@wattbus/mqtt-contract';
import { OnTopic, SERVICE, type Message, type ServiceContext } from '@wattbus/nest-mqtt';
import { ReadingJournal } from './reading-journal.js';

/** Pages that are being read; a request beyond that is dropped, and asked again by its consumer. */
const PAGES_AT_ONCE_MAX = 64;

/** Answers consumers that ask for readings which they lack. */
@Controller()
export class ReplayHandler {
  #reading = 0;

  constructor(
    @Inject(SERVICE) private readonly service: ServiceContext,
    @Inject(ReadingJournal) private readonly readings: ReadingJournal,
  ) {}

  @OnTopic(topics.replayRequest)
  async answer({ params, payload }: Message<ReplayRequest>): Promise<void> {
    const { bus, counters } = this.service;
    const meter = params['meter']!;
    // Another ingest may keep this meter's journal.
    if (!this.readings.journal.positions().has(meter)) return;
    if (this.#reading >= PAGES_AT_ONCE_MAX) return counters.add('replayRequestsDropped');
    this.#reading += 1;
    try {
      const { consumer, epoch, fromSeq, limit } = payload;
      const page = await this.readings.journal.page({ meter, epoch, fromSeq, limit });
      if (!page.ok) return counters.add('replayPagesFailed');
      const { first, last } = page;
      counters.add('replayPages');
      bus.publish(
        topics.replayPage,
        { meter, consumer },
        { v: 1, epoch: page.epoch, fromSeq, first, last, readings: [...page.readings] },
      );
    } finally {
      this.#reading -= 1;
    }
  }
}
