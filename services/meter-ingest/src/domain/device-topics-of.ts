import { mqttMeterKindNamed } from '@wattbus/meter-protocols';
import { topics, type Topic } from '@wattbus/mqtt-contract';

/** The contract's rows of what devices with a meter publish. */
export const deviceTopics: readonly Topic<string>[] = [
  topics.tasmotaTelemetry,
  topics.shellyMeter,
  topics.shellyStatus,
  topics.shellyEvent,
  topics.esphomeSensor,
  topics.zigbee2mqttDevice,
  topics.homewizardDevice,
];

/** The rows under which a kind of device publishes: the kind's own table says where. */
export const deviceTopicsOf = (kind: string): readonly Topic<string>[] =>
  mqttMeterKindNamed(kind)!.topics.flatMap(({ filter }) => {
    const example = filter.replace('{device}', 'device').replaceAll('+', 'level');
    return deviceTopics.filter((topic) => topic.match('', example) !== null);
  });
