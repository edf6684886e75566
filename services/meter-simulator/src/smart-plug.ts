import { Inject } from '@nestjs/common';
import { topics } from '@wattbus/mqtt-contract';
import { SERVICE, type ServiceContext } from '@wattbus/nest-mqtt';

/** A Tasmota plug with the house's water boiler on it: answers POWER, announces itself. */
export class SmartPlug {
  readonly #service: ServiceContext;
  readonly #device: string;
  #on = true;

  constructor(@Inject(SERVICE) service: ServiceContext) {
    this.#service = service;
    this.#device = service.config.simulator.deviceTopic;
    service.bus.onConnect(() => {
      service.bus.publish(
        topics.tasmotaTelemetry,
        { device: this.#device, telemetry: 'LWT' },
        'Online',
      );
      this.#report();
    });
  }

  get on(): boolean {
    return this.#on;
  }

  /** `ON`, `OFF`, `TOGGLE`; anything else, as an empty payload, only asks. */
  take(device: string, command: string, payload: string): void {
    if (device !== this.#device || command !== 'POWER') return;
    const wanted = { ON: true, OFF: false, TOGGLE: !this.#on }[payload.toUpperCase()];
    if (wanted !== undefined) this.#on = wanted;
    this.#report();
  }

  #report(): void {
    const state = this.#on ? 'ON' : 'OFF';
    const { bus } = this.#service;
    const device = this.#device;
    bus.publish(
      topics.tasmotaResult,
      { device, result: 'RESULT' },
      JSON.stringify({ POWER: state }),
    );
    bus.publish(topics.tasmotaResult, { device, result: 'POWER' }, state);
  }
}
