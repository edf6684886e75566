import { Buffer } from 'node:buffer';
import { isFault, type Fault, type Measured, type Telegram } from '@wattbus/energy-model';
import { measurementsOf } from '../src/measurements.js';
import { mqttMeterKindNamed } from '../src/mqtt-meters/mqtt-meters.js';
import { MqttMeterReader, type MqttMeterOptions } from '../src/mqtt-meters/mqtt-reader.js';

export const readerOf = (kind: string, options: Partial<MqttMeterOptions> = {}): MqttMeterReader =>
  new MqttMeterReader(mqttMeterKindNamed(kind)!, { device: 'meter', ...options });

export function read(
  reader: MqttMeterReader,
  topic: string,
  content: unknown,
): Telegram | Fault | null {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return reader.read({ topic, payload: Buffer.from(text) });
}

/** What the messages say, one after the other. */
export function measuredBy(
  reader: MqttMeterReader,
  messages: readonly (readonly [topic: string, content: unknown])[],
): Measured {
  const measured: Measured = {};
  for (const [topic, content] of messages) {
    const result = read(reader, topic, content);
    if (result === null) continue;
    if (isFault(result)) throw new Error(result.detail);
    for (const measurement of measurementsOf(result)) Object.assign(measured, measurement.measured);
  }
  return measured;
}
