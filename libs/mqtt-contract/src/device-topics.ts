import { z } from 'zod';
import { people, topic } from './topic.js';

/** What a device with a meter publishes by itself. */
const meterTopic = (path: string, about: string, sample: string) =>
  topic({
    path,
    absolute: true,
    about,
    encoding: 'text',
    payload: z.string(),
    qos: 1,
    retain: false,
    publishedBy: ['device'],
    subscribedBy: ['meter-ingest', ...people],
    sample,
  });

/** Topics of other programs, as their makers define them; they do not lie under the root. */
export const deviceTopics = {
  tasmotaCommand: topic({
    path: 'cmnd/{device}/{command}',
    absolute: true,
    about: 'Tasmota: a command to a device (`POWER`, `PulseTime1`).',
    encoding: 'text',
    payload: z.string(),
    qos: 1,
    retain: false,
    publishedBy: ['controller', 'operator', 'admin'],
    subscribedBy: ['device', 'meter-simulator'],
    sample: 'OFF',
  }),
  tasmotaResult: topic({
    path: 'stat/{device}/{result}',
    absolute: true,
    about: 'Tasmota: what a device answers (`POWER`, `RESULT`).',
    encoding: 'text',
    payload: z.string(),
    qos: 1,
    retain: false,
    publishedBy: ['device', 'meter-simulator'],
    subscribedBy: ['controller', ...people],
    sample: 'OFF',
  }),
  tasmotaTelemetry: topic({
    path: 'tele/{device}/{telemetry}',
    absolute: true,
    about: 'Tasmota: what a device tells unasked (`LWT`, `STATE`, `SENSOR`).',
    encoding: 'text',
    payload: z.string(),
    qos: 1,
    retain: true,
    publishedBy: ['device', 'meter-simulator'],
    subscribedBy: ['controller', 'meter-ingest', ...people],
    sample: 'Online',
  }),
  shellyMeter: meterTopic(
    'shellies/{device}/emeter/{channel}/{value}',
    'Shelly EM and 3EM (first generation): one value of a circuit (`power`, `total`).',
    '345.6',
  ),
  shellyStatus: meterTopic(
    '{device}/status/{component}',
    'Shelly Gen2 and later: the status of a component (`em:0`, `emdata:0`).',
    '{"id":0,"total_act_power":345.6}',
  ),
  shellyEvent: meterTopic(
    '{device}/events/rpc',
    'Shelly Gen2 and later: what has changed, as an RPC notification.',
    '{"method":"NotifyStatus","params":{"em:0":{"total_act_power":345.6}}}',
  ),
  esphomeSensor: meterTopic(
    '{device}/sensor/{sensor}/state',
    'ESPHome: the state of a sensor, a number.',
    '345.6',
  ),
  zigbee2mqttDevice: meterTopic(
    'zigbee2mqtt/{device}',
    'Zigbee2MQTT: what a device measures.',
    '{"power":345.6,"energy":12.34}',
  ),
  homewizardDevice: meterTopic(
    'homewizard/{device}',
    'The answer of a HomeWizard meter’s local API, where a bridge publishes it.',
    '{"active_power_w":345,"total_power_import_kwh":1234.5}',
  ),
} as const;
