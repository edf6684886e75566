import {
  Inject,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { SERVICE, type ServiceContext } from '@wattbus/nest-mqtt';
import { KnownLines } from './known-lines.js';
import { MeterReader } from './meter-reader.js';
import { ReadingJournal } from './reading-journal.js';

/** All configured meters, each on its own port; one that fails concerns none of the others. */
export class MeterReaders implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #service: ServiceContext;
  readonly #readings: ReadingJournal;
  #readers: readonly MeterReader[] = [];

  constructor(
    @Inject(SERVICE) service: ServiceContext,
    @Inject(ReadingJournal) readings: ReadingJournal,
  ) {
    this.#service = service;
    this.#readings = readings;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { config, condition } = this.#service;
    if (config.meters.length === 0) {
      condition.set('meters', 'no meter is configured; add one under "meters" in wattbus.yaml');
    }
    const captured = await this.#readings.lastTimes();
    const service = this.#service;
    const parts = {
      service,
      readings: this.#readings,
      captured,
      lines: new KnownLines(config.dataDir),
    };
    this.#readers = config.meters.map((meter) => new MeterReader(meter, parts));
    for (const reader of this.#readers) reader.start();
  }

  beforeApplicationShutdown(): void {
    for (const reader of this.#readers) reader.stop();
  }
}
