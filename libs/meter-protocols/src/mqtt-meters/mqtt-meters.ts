import { esphome } from './esphome.js';
import { homewizard } from './homewizard.js';
import type { MqttMeterKind } from './mqtt-meter.js';
import { shelly3em, shellyEm, shellyGen2 } from './shelly.js';
import { tasmota } from './tasmota.js';
import { zigbee2mqtt } from './zigbee2mqtt.js';

/** Every family of devices that speak MQTT themselves. */
export const mqttMeterKinds: readonly MqttMeterKind[] = [
  tasmota,
  shelly3em,
  shellyEm,
  shellyGen2,
  esphome,
  zigbee2mqtt,
  homewizard,
];

export const mqttMeterKindNamed = (name: string): MqttMeterKind | undefined =>
  mqttMeterKinds.find((kind) => kind.name === name);
