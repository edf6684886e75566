import { Controller, Inject, type OnApplicationBootstrap } from '@nestjs/common';
import type { Reading } from '@wattbus/energy-model';
import { topics, type Params, type PeakAnalysis } from '@wattbus/mqtt-contract';
import { OnTopic, SERVICE, type Message, type ServiceContext } from '@wattbus/nest-mqtt';
import { ControlLoop } from './control-loop.js';
import { demandIn } from './domain/demand.js';
import { limitedMeter } from './domain/settings.js';

/** Readings and demand of the limited meter → control. */
@Controller()
export class ReadingsHandler implements OnApplicationBootstrap {
  readonly #service: ServiceContext;
  readonly #loop: ControlLoop;
  #meter: string | null;
  #newestAt: string | null = null;

  constructor(@Inject(SERVICE) service: ServiceContext, @Inject(ControlLoop) loop: ControlLoop) {
    this.#service = service;
    this.#loop = loop;
    this.#meter = limitedMeter(service.config);
  }

  onApplicationBootstrap(): void {
    if (!this.#loop.isActive) return;
    const { bus } = this.#service;
    const params: Params = this.#meter === null ? {} : { meter: this.#meter };
    bus.subscribe(topics.meterReading, params);
    bus.subscribe(topics.peakAnalysis, params);
  }

  @OnTopic(topics.meterReading, { manual: true })
  reading({ payload: { meter, role, medium, at } }: Message<Reading>): void {
    if (role === 'grid' && medium === 'electricity') this.#meter ??= meter;
    if (meter !== this.#meter) return;
    this.#newestAt = at;
    this.#loop.feed({ kind: 'reading' });
  }

  @OnTopic(topics.peakAnalysis, { manual: true })
  peak({ payload, retained }: Message<PeakAnalysis>): void {
    if (retained || payload.meter !== this.#meter) return;
    const demand = demandIn(payload, this.#newestAt);
    if (demand) this.#loop.feed({ kind: 'demand', demand });
  }
}
