import { Buffer } from 'node:buffer';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FrameGuard } from './frame-guard.js';
import { remainingLength } from './publish-frame.js';

const packet = (bytes: number): Buffer =>
  Buffer.concat([Buffer.from([0x30]), remainingLength(bytes), Buffer.alloc(bytes, 0xff)]);

describe('FrameGuard', () => {
  test('lets packets up to the limit through, however they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(300), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 700 }),
        (sizes, chunkBytes) => {
          const stream = Buffer.concat(sizes.map(packet));
          const guard = new FrameGuard(300);
          for (let at = 0; at < stream.length; at += chunkBytes) {
            expect(guard.scan(stream.subarray(at, at + chunkBytes))).toBeNull();
          }
          expect(guard.atBoundary).toBe(true);
        },
      ),
    );
  });

  test('finds the oversized packet by its header, before a byte of its body', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300), { maxLength: 20 }), (sizes) => {
        const guard = new FrameGuard(300);
        expect(guard.scan(Buffer.concat(sizes.map(packet)))).toBeNull();
        expect(guard.scan(packet(301).subarray(0, 2))).toBeNull();
        expect(guard.atBoundary).toBe(false);
        expect(guard.scan(packet(301).subarray(2, 3))).toEqual({
          fault: 'oversize',
          bytes: 301,
          bytesMax: 300,
        });
      }),
    );
  });

  test('refuses a remaining length of more than four bytes', () => {
    const fault = new FrameGuard(300).scan(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80]));
    expect(fault).toMatchObject({ fault: 'malformed' });
  });
});
