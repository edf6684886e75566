import { Inject, type OnModuleInit } from '@nestjs/common';
import { topics, type MeterEvent } from '@wattbus/mqtt-contract';
import { SERVICE, type ServiceContext } from '@wattbus/nest-mqtt';
import { KeptEvents } from './kept-events.js';

/** Events that wait for the broker; a meter is replaced once in years. */
const WAITING_MAX = 64;

/**
 * Events of meters until the broker has acknowledged them, so that one that waits for an absent
 * broker outlives a stop. One may be said twice; it is kept once by its meter, kind and time.
 */
export class EventBook implements OnModuleInit {
  readonly #service: ServiceContext;
  readonly #kept: KeptEvents;
  #waiting: readonly MeterEvent[] = [];

  constructor(@Inject(SERVICE) service: ServiceContext) {
    this.#service = service;
    this.#kept = new KeptEvents(service.config.dataDir);
  }

  /** Before any reader starts, which is on bootstrap. */
  onModuleInit(): void {
    this.#waiting = this.#kept.read().slice(-WAITING_MAX);
    this.#service.bus.onConnect(() => this.#publish(this.#waiting));
  }

  /** In order, and before what is said of the meter after it. */
  say(events: readonly MeterEvent[]): void {
    if (events.length === 0) return;
    this.#keep([...this.#waiting, ...events].slice(-WAITING_MAX));
    this.#publish(events);
  }

  #publish(events: readonly MeterEvent[]): void {
    for (const event of events) {
      this.#service.bus.publish(topics.meterEvent, { meter: event.meter }, event, {
        onAcknowledged: () => this.#keep(this.#waiting.filter((one) => one !== event)),
      });
    }
  }

  /** What the disk refuses is said all the same, if not over a stop. */
  #keep(events: readonly MeterEvent[]): void {
    this.#waiting = events;
    try {
      this.#kept.write(events);
    } catch (error) {
      const { counters, log } = this.#service;
      counters.add('eventsNotKept');
      log.limited('error', 'events', (error as Error).message);
    }
  }
}
