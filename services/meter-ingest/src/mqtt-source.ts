import { mqttMeterKindNamed, MqttMeterReader } from '@wattbus/meter-protocols';
import type { MeterConfig } from '@wattbus/service-config';
import { MeterDesk, type ReaderParts } from './meter-desk.js';

export type MqttConfig = NonNullable<MeterConfig['mqtt']>;

/** A device that publishes its readings by itself: MQTT messages → telegrams. */
export class MqttSource {
  readonly device: string;
  readonly kind: string;
  readonly #reader: MqttMeterReader;
  readonly #desk: MeterDesk;

  constructor(
    meter: MeterConfig,
    { kind, device, channel, fields }: MqttConfig,
    parts: ReaderParts,
  ) {
    this.device = device;
    this.kind = kind;
    this.#reader = new MqttMeterReader(mqttMeterKindNamed(kind)!, {
      device,
      channel,
      ...(fields === undefined ? {} : { fields }),
    });
    const port = `mqtt:${kind}/${device}`;
    this.#desk = new MeterDesk(meter, parts, { port, protocol: () => kind, doing: () => '' });
  }

  start(): void {
    this.#desk.opened();
    this.#desk.start();
  }

  stop(): void {
    this.#desk.stop();
  }

  heard(topic: string, payload: string): void {
    const result = this.#reader.read({ topic, payload: Buffer.from(payload) });
    if (result) this.#desk.take([result]);
  }
}
