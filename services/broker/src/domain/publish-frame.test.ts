import { Buffer } from 'node:buffer';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import mqttPacket from 'mqtt-packet';
import { PublishFrame } from './publish-frame.js';

const frames = fc.record({
  topic: fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/[+#\0]/.test(text)),
  payloadBytes: fc.oneof(fc.nat(200), fc.integer({ min: 4_000, max: 20_000 })),
  qos: fc.constantFrom(0 as const, 1 as const, 2 as const),
  retain: fc.boolean(),
  packetId: fc.integer({ min: 1, max: 65_535 }),
});

test('encodes what the MQTT parser reads back, for every QoS and size', () => {
  fc.assert(
    fc.property(frames, ({ topic, payloadBytes, qos, retain, packetId }) => {
      const payload = Buffer.alloc(payloadBytes, 'wattbus');
      const frame = new PublishFrame({ topic, payload, retain }, qos);
      const first = Buffer.concat(frame.pieces(packetId));
      frame.pieces(packetId === 1 ? 2 : 1);
      expect(first.length).toBe(frame.bytes);
      const parsed: unknown[] = [];
      const parser = mqttPacket.parser();
      parser.on('packet', (packet) => parsed.push(packet));
      parser.parse(first);
      expect(parsed).toMatchObject([{ cmd: 'publish', topic, payload, qos, retain, dup: false }]);
      if (qos > 0) expect(parsed).toMatchObject([{ messageId: packetId }]);
    }),
  );
});
