import { Controller, Inject } from '@nestjs/common';
import { topics, type DeviceCommand, type DeviceState } from '@wattbus/mqtt-contract';
import { OnTopic, SERVICE, type Message, type ServiceContext } from '@wattbus/nest-mqtt';
import { ControlLoop } from './control-loop.js';
import { wasShed } from './domain/messages.js';
import { onlineIn, powerIn } from './domain/tasmota.js';

/** What devices report, what people command, what the process before this one left → control. */
@Controller()
export class DevicesHandler {
  readonly #service: ServiceContext;
  readonly #loop: ControlLoop;

  constructor(@Inject(SERVICE) service: ServiceContext, @Inject(ControlLoop) loop: ControlLoop) {
    this.#service = service;
    this.#loop = loop;
  }

  @OnTopic(topics.tasmotaResult)
  result({ params, payload, retained }: Message<string>): void {
    // A kept answer is of the past; the device is asked for the present.
    if (!retained) this.#report(params['device']!, params['result']!, payload);
  }

  @OnTopic(topics.tasmotaTelemetry)
  telemetry({ params, payload, retained }: Message<string>): void {
    const { device: topic, telemetry } = params as { device: string; telemetry: string };
    const device = this.#loop.deviceAt(topic);
    const online = onlineIn(telemetry, payload);
    if (device && online !== null) {
      this.#loop.feed({ kind: 'availability', device: device.name, online });
    }
    if (!retained) this.#report(topic, telemetry, payload);
  }

  /** A person's command; this process's own come back here too. */
  @OnTopic(topics.controlCommand)
  command({ params, payload, retained }: Message<DeviceCommand>): void {
    if (payload.id.startsWith(this.#loop.commandPrefix)) return;
    const leftMs = Date.parse(payload.expiresAt) - Date.now();
    if (retained || leftMs <= 0) {
      this.#service.counters.add('commandsExpired');
      return;
    }
    const { on, reason } = payload;
    const untilMs = performance.now() + leftMs;
    this.#loop.feed({ kind: 'override', device: params['device']!, on, untilMs, reason });
  }

  @OnTopic(topics.controlState)
  left({ params, payload, retained }: Message<DeviceState>): void {
    if (retained && this.#loop.isListening && wasShed(payload)) {
      this.#loop.feed({ kind: 'remembered-shed', device: params['device']! });
    }
  }

  #report(topic: string, name: string, payload: string): void {
    const device = this.#loop.deviceAt(topic);
    const on = powerIn(name, payload);
    if (device && on !== null) this.#loop.feed({ kind: 'report', device: device.name, on });
  }
}
