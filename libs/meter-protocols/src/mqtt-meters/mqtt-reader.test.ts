import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Buffer } from 'node:buffer';
import type { Fault, Telegram } from '@wattbus/energy-model';
import { mqttMeterKindNamed, mqttMeterKinds } from './mqtt-meters.js';
import {
  MqttMeterReader,
  mqttFieldFaults,
  payloadBytesMax,
  type MqttMeterOptions,
} from './mqtt-reader.js';

const readerOf = (kind: string, options: Partial<MqttMeterOptions> = {}): MqttMeterReader =>
  new MqttMeterReader(mqttMeterKindNamed(kind)!, { device: 'meter', ...options });

function read(reader: MqttMeterReader, topic: string, content: unknown): Telegram | Fault | null {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return reader.read({ topic, payload: Buffer.from(text) });
}

describe('messages', () => {
  test('of other devices are passed over', () => {
    const reader = readerOf('tasmota');
    expect(read(reader, 'tele/other/SENSOR', { ENERGY: { Power: 1 } })).toBeNull();
    expect(read(reader, 'tele/meter/STATE', { ENERGY: { Power: 1 } })).toBeNull();
    expect(read(reader, 'tele/meter/SENSOR', { Time: 'x' })).toBeNull();
  });

  test('that are no JSON or too long are faults', () => {
    const reader = readerOf('tasmota');
    expect(read(reader, 'tele/meter/SENSOR', '{"ENERGY":')).toMatchObject({ fault: 'malformed' });
    const long = JSON.stringify('x'.repeat(payloadBytesMax));
    expect(read(reader, 'tele/meter/SENSOR', long)).toMatchObject({ fault: 'oversize' });
  });

  test('of any content never throw', () => {
    for (const kind of mqttMeterKinds) {
      const reader = new MqttMeterReader(kind, { device: 'meter' });
      const topic = reader.filters[0]!.replaceAll('+', 'em:0');
      fc.assert(
        fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
          read(reader, topic, text);
        }),
      );
    }
  });

  test('with unknown fields are refused before they come', () => {
    expect(mqttFieldFaults({ a: 'power', b: 'powerW' })).toEqual([
      'a: no quantity is called power',
    ]);
    expect(() => readerOf('tasmota', { fields: { a: 'power' } })).toThrow('no quantity is called');
  });
});
