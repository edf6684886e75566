import { Controller, Inject, type OnApplicationBootstrap } from '@nestjs/common';
import { topics, type Topic } from '@wattbus/mqtt-contract';
import { OnTopic, SERVICE, type Message, type ServiceContext } from '@wattbus/nest-mqtt';
import { deviceTopicsOf } from './domain/device-topics-of.js';
import { MeterReaders } from './meter-readers.js';

type Heard = Message<string>;

/** What devices with MQTT of their own publish → the meters that they are. */
@Controller()
export class DeviceTopicsHandler implements OnApplicationBootstrap {
  readonly #service: ServiceContext;
  readonly #readers: MeterReaders;

  constructor(
    @Inject(SERVICE) service: ServiceContext,
    @Inject(MeterReaders) readers: MeterReaders,
  ) {
    this.#service = service;
    this.#readers = readers;
  }

  onApplicationBootstrap(): void {
    for (const { mqtt } of this.#service.config.meters) {
      if (!mqtt) continue;
      for (const topic of deviceTopicsOf(mqtt.kind)) {
        this.#service.bus.subscribe(topic, { device: mqtt.device });
      }
    }
  }

  @OnTopic(topics.tasmotaTelemetry, { manual: true })
  tasmota(message: Heard): void {
    this.#pass(topics.tasmotaTelemetry, message);
  }

  @OnTopic(topics.shellyMeter, { manual: true })
  shelly(message: Heard): void {
    this.#pass(topics.shellyMeter, message);
  }

  @OnTopic(topics.shellyStatus, { manual: true })
  shellyStatus(message: Heard): void {
    this.#pass(topics.shellyStatus, message);
  }

  @OnTopic(topics.shellyEvent, { manual: true })
  shellyEvent(message: Heard): void {
    this.#pass(topics.shellyEvent, message);
  }

  @OnTopic(topics.esphomeSensor, { manual: true })
  esphome(message: Heard): void {
    this.#pass(topics.esphomeSensor, message);
  }

  @OnTopic(topics.zigbee2mqttDevice, { manual: true })
  zigbee2mqtt(message: Heard): void {
    this.#pass(topics.zigbee2mqttDevice, message);
  }

  @OnTopic(topics.homewizardDevice, { manual: true })
  homewizard(message: Heard): void {
    this.#pass(topics.homewizardDevice, message);
  }

  /** What the broker had kept is of an unknown time; the next message is not far. */
  #pass(topic: Topic<string>, { params, payload, retained }: Heard): void {
    if (retained) return;
    const name = topic.topic(this.#service.config.mqtt.root, params);
    for (const source of this.#readers.devices) {
      if (source.device === params['device']) source.heard(name, payload);
    }
  }
}
