import { Buffer } from 'node:buffer';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  decodeLog,
  encodeHeader,
  encodeRecord,
  type RetainedMessage,
  type RetainedRecord,
} from './retained-record.js';

const message = fc.record<RetainedMessage>({
  topic: fc.constantFrom('a', 'energy/meter/main/state', 'ä/é', '전력'),
  payload: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  qos: fc.constantFrom(0, 1, 2),
});
const record: fc.Arbitrary<RetainedRecord> = fc.oneof(
  message.map((one): RetainedRecord => ({ kind: 'message', message: one })),
  message.map(({ topic }): RetainedRecord => ({ kind: 'removed', topic })),
);

const fileOf = (records: readonly RetainedRecord[]): Buffer =>
  Buffer.concat([encodeHeader(), ...records.map(encodeRecord)]);

function lastValues(records: readonly RetainedRecord[]): Map<string, RetainedMessage> {
  const values = new Map<string, RetainedMessage>();
  for (const one of records) {
    if (one.kind === 'removed') values.delete(one.topic);
    else values.set(one.message.topic, one.message);
  }
  return values;
}

describe('decodeLog', () => {
  test('gives the last value of each topic', () => {
    fc.assert(
      fc.property(fc.array(record), (records) => {
        expect(decodeLog(fileOf(records))).toEqual({
          kind: 'log',
          messages: lastValues(records),
          damagedRecords: 0,
          tornBytes: 0,
        });
      }),
    );
  });

  test('keeps every whole record of a file cut at any byte', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 5 }), (records) => {
        const file = fileOf(records);
        const ends = records.map((_, i) => fileOf(records.slice(0, i + 1)).length);
        for (let bytes = encodeHeader().length; bytes < file.length; bytes += 1) {
          const whole = ends.filter((end) => end <= bytes).length;
          expect(decodeLog(file.subarray(0, bytes))).toMatchObject({
            messages: lastValues(records.slice(0, whole)),
            damagedRecords: 0,
          });
        }
      }),
      { numRuns: 30 },
    );
  });

  test('loses only the record of which a bit was flipped, wherever that is', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 5 }), fc.nat(), (records, bit) => {
        const hit = bit % records.length;
        const file = fileOf(records);
        const start = fileOf(records.slice(0, hit)).length;
        const end = fileOf(records.slice(0, hit + 1)).length;
        const at = start + (bit % (end - start));
        file[at]! ^= 1 << (bit % 8);
        const log = decodeLog(file);
        if (log.kind !== 'log') throw new Error(log.kind);
        expect(log.messages).toEqual(lastValues(records.filter((_, i) => i !== hit)));
        expect(log.damagedRecords + Math.sign(log.tornBytes)).toBe(1);
      }),
      { numRuns: 500 },
    );
  });

  test('a length that was damaged to end at the end of the file takes no later record along', () => {
    const retained = (payload: Buffer): RetainedRecord => ({
      kind: 'message',
      message: { topic: 'a', payload, qos: 0 },
    });
    const records = [
      retained(Buffer.alloc(1)),
      { kind: 'removed', topic: 'ä/é' } as const,
      retained(Buffer.alloc(4)),
    ];
    const file = fileOf(records);
    file[encodeHeader().length + 3]! ^= 1 << 5;
    expect(decodeLog(file)).toEqual({
      kind: 'log',
      messages: lastValues(records.slice(1)),
      damagedRecords: 1,
      tornBytes: 0,
    });
  });

  test('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, withHeader) => {
        const file = Buffer.concat([withHeader ? encodeHeader() : Buffer.alloc(0), bytes]);
        expect(['log', 'foreign', 'newer']).toContain(decodeLog(file).kind);
      }),
    );
  });

  test('says why it does not read the file of a newer version', () => {
    const file = encodeHeader();
    file.writeUInt16BE(2, 4);
    expect(decodeLog(file)).toEqual({ kind: 'newer', version: 2 });
    file.writeUInt16BE(0, 4);
    expect(decodeLog(file)).toEqual({
      kind: 'foreign',
      reason: 'its version is 0, this program knows 1',
    });
  });
});
