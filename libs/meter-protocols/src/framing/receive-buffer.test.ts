import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ReceiveBuffer } from './receive-buffer.js';

test('holds what was appended, in order, with its place in the stream', () => {
  const buffer = new ReceiveBuffer(16);
  buffer.append(Uint8Array.of(1, 2, 3));
  buffer.append(Uint8Array.of(4));
  buffer.discard(2);
  expect([...buffer.view()]).toEqual([3, 4]);
  expect(buffer.offset).toBe(2);
});

test('takes no more than its limit and says how much it took', () => {
  const buffer = new ReceiveBuffer(4);
  expect(buffer.append(Uint8Array.of(1, 2, 3, 4, 5, 6))).toBe(4);
  expect(buffer.append(Uint8Array.of(9))).toBe(0);
  buffer.discard(1);
  expect(buffer.append(Uint8Array.of(1, 2, 3, 4, 5, 6), 4)).toBe(1);
  expect([...buffer.view()]).toEqual([2, 3, 4, 5]);
});

test('refuses to discard what it does not hold', () => {
  expect(() => new ReceiveBuffer(4).discard(1)).toThrow(RangeError);
});

test('equals a plain array under any sequence of appends and discards', () => {
  const step = fc.oneof(
    fc.record({ append: fc.uint8Array({ maxLength: 3000 }) }),
    fc.record({ discard: fc.double({ min: 0, max: 1, noNaN: true }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const buffer = new ReceiveBuffer(4096);
      let model: number[] = [];
      for (const action of steps) {
        if ('append' in action) {
          const taken = buffer.append(action.append);
          expect(taken).toBe(Math.min(action.append.length, 4096 - model.length));
          model.push(...action.append.subarray(0, taken));
        } else {
          const count = Math.floor(action.discard * model.length);
          buffer.discard(count);
          model = model.slice(count);
        }
        expect([...buffer.view()]).toEqual(model);
      }
    }),
  );
});
