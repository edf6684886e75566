import { Controller, Inject } from '@nestjs/common';
import type { Reading } from '@wattbus/energy-model';
import {
  ResultStamp,
  topics,
  type AnalyzerSnapshot,
  type JournalPosition,
  type RecentDays,
  type ReplayPage,
} from '@wattbus/mqtt-contract';
import { OnTopic, type Message } from '@wattbus/nest-mqtt';
import { meterResults } from './domain/results.js';
import { MeterKeeper } from './meter-keeper.js';

/** Readings, pages and snapshots of the meters that this replica owns → their analysis. */
@Controller()
export class MetersHandler {
  readonly #keeper: MeterKeeper;

  constructor(@Inject(MeterKeeper) keeper: MeterKeeper) {
    this.#keeper = keeper;
  }

  @OnTopic(topics.meterJournal)
  position({ params, payload }: Message<JournalPosition>): void {
    this.#keeper.position(params['meter']!, payload);
  }

  @OnTopic(topics.meterReading, { manual: true })
  reading({ payload }: Message<Reading>): void {
    this.#keeper.feed({ kind: 'reading', reading: payload });
  }

  @OnTopic(topics.replayPage, { own: 'consumer' })
  page({ params, payload }: Message<ReplayPage>): void {
    this.#keeper.feed({ kind: 'page', meter: params['meter']!, page: payload });
  }

  @OnTopic(topics.recentDays, { manual: true })
  days({ payload }: Message<RecentDays>): void {
    this.#keeper.heardDays(payload);
  }

  @OnTopic(topics.analyzerSnapshot, { manual: true })
  snapshot({ payload }: Message<AnalyzerSnapshot>): void {
    this.#keeper.snapshot(payload);
  }

  /** What this and other replicas say: all that this one says comes back, so it is read in passing. */
  @OnTopic(meterResults.map(({ topic }) => topic), { manual: true, as: ResultStamp })
  result({ topic, payload }: Message<ResultStamp>): void {
    this.#keeper.heard(topic, payload);
  }
}
