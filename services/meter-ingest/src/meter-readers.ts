import {
  Inject,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { SERVICE, type ServiceContext } from '@wattbus/nest-mqtt';
import type { MeterConfig } from '@wattbus/service-config';
import {
  believe,
  nothingBelieved,
  RECALLED_READINGS,
  type BelievedRegisters,
} from './domain/believed-registers.js';
import { EventBook } from './event-book.js';
import { HttpSource } from './http-source.js';
import { KnownLines } from './known-lines.js';
import { LineReader } from './line-reader.js';
import type { ReaderParts } from './meter-desk.js';
import { MqttSource } from './mqtt-source.js';
import { ReadingJournal } from './reading-journal.js';

interface MeterSource {
  start(): void;
  stop(): void;
}

/** All configured meters, each on its own way; one that fails concerns none of the others. */
export class MeterReaders implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #service: ServiceContext;
  readonly #readings: ReadingJournal;
  readonly #events: EventBook;
  readonly #devices: MqttSource[] = [];
  #sources: readonly MeterSource[] = [];

  constructor(
    @Inject(SERVICE) service: ServiceContext,
    @Inject(ReadingJournal) readings: ReadingJournal,
    @Inject(EventBook) events: EventBook,
  ) {
    this.#service = service;
    this.#readings = readings;
    this.#events = events;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { config, condition } = this.#service;
    if (config.meters.length === 0) {
      condition.set('meters', 'no meter is configured; add one under "meters" in wattbus.yaml');
    }
    const last = await this.#readings.lastReadings(RECALLED_READINGS);
    const parts: ReaderParts = {
      service: this.#service,
      readings: this.#readings,
      events: this.#events,
      captured: new Map(last.map(({ meter, at }) => [meter, at])),
      meterIds: new Map(
        last.flatMap(({ meter, meterId }) => (meterId === undefined ? [] : [[meter, meterId]])),
      ),
      registers: last.reduce(
        (registers, reading) =>
          registers.set(
            reading.meter,
            believe(registers.get(reading.meter) ?? nothingBelieved, reading).known,
          ),
        new Map<string, BelievedRegisters>(),
      ),
      pulses: new Map(
        last.flatMap(({ meter, pulses }) => (pulses === undefined ? [] : [[meter, pulses]])),
      ),
      lines: new KnownLines(config.dataDir),
    };
    this.#sources = [...linesOf(config.meters, parts), ...this.#others(config.meters, parts)];
    for (const source of this.#sources) source.start();
  }

  beforeApplicationShutdown(): void {
    for (const source of this.#sources) source.stop();
  }

  /** The devices that speak MQTT themselves. */
  get devices(): readonly MqttSource[] {
    return this.#devices;
  }

  #others(meters: readonly MeterConfig[], parts: ReaderParts): readonly MeterSource[] {
    return meters.flatMap((meter): MeterSource[] => {
      if (meter.http) return [new HttpSource(meter, meter.http, parts)];
      if (!meter.mqtt) return [];
      const source = new MqttSource(meter, meter.mqtt, parts);
      this.#devices.push(source);
      return [source];
    });
  }
}

/** Meters of the same port share its line. */
function linesOf(meters: readonly MeterConfig[], parts: ReaderParts): readonly LineReader[] {
  const onPort = new Map<string, MeterConfig[]>();
  for (const meter of meters) {
    if (meter.port === undefined) continue;
    onPort.set(meter.port, [...(onPort.get(meter.port) ?? []), meter]);
  }
  return [...onPort].map(([port, shared]) => new LineReader(port, shared, parts));
}
