import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Buffer } from 'node:buffer';
import { isFault, type Fault, type Telegram } from '@wattbus/energy-model';
import { conformanceSamples } from '../test/conformance-samples.js';
import type { MeterDecoder } from './meter-protocol.js';
import { protocolNamed, protocols } from './protocols.js';

/** A broken length field may swallow what follows; after so many frames a decoder is back. */
const recoveryFrames = 8;

test('every protocol has sample frames', () => {
  const sampled = new Set(conformanceSamples.map(({ protocol }) => protocol));
  expect(protocols.map(({ name }) => name).filter((name) => !sampled.has(name))).toEqual([]);
});

const cases = conformanceSamples.flatMap(({ frames, ...rest }) =>
  frames.map((frame, index) => ({ ...rest, frame, index })),
);

describe.each(cases)('$protocol, checked: $checked, frame $index', (sample) => {
  const { protocol, options, checked, frame, groupwise = false } = sample;
  const decoder = (): MeterDecoder => protocolNamed(protocol)!.decoder(options);
  const expected = decoder().push(frame);
  const recovery = Buffer.concat(Array.from({ length: recoveryFrames }, () => frame));

  /** Nothing but the true telegram may come where a checksum watches, and it must come again. */
  function expectRecovery(broken: Uint8Array): void {
    const subject = decoder();
    const results = [...subject.push(broken), ...subject.push(recovery)];
    expect(results.at(-1)).toEqual(expected[0]);
    if (checked) for (const telegram of telegramsOf(results)) expectNothingWrong(telegram);
    expectFaultsInside(results, broken.length + recovery.length);
  }

  function expectNothingWrong(telegram: Telegram): void {
    if (!groupwise) expect(telegram).toEqual(expected[0]);
    else
      expect((expected[0] as Telegram).registers).toEqual(
        expect.arrayContaining([...telegram.registers]),
      );
  }

  test('a whole frame gives one telegram', () => {
    expect(expected).toHaveLength(1);
    expect(expected[0]).toMatchObject({ protocol, checked, warnings: [] });
  });

  test('byte by byte it gives the same', () => {
    const subject = decoder();
    const results = [...frame].map((byte) => subject.push(Uint8Array.of(byte)));
    expect(results.flat()).toEqual(expected);
  });

  test('in chunks of any size it gives the same', () => {
    const twice = Buffer.concat([frame, frame]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }), (sizes) => {
        const subject = decoder();
        const results: (Telegram | Fault)[] = [];
        for (let at = 0, turn = 0; at < twice.length; turn += 1) {
          const size = sizes[turn % sizes.length]!;
          results.push(...subject.push(Uint8Array.from(twice.subarray(at, at + size))));
          at += size;
        }
        expect(results).toEqual([...expected, ...expected]);
      }),
    );
  });

  test('it keeps no reference to the bytes it was given', () => {
    const subject = decoder();
    const half = Uint8Array.from(frame.subarray(0, frame.length >> 1));
    const results = [...subject.push(half)];
    half.fill(0xff);
    results.push(...subject.push(frame.subarray(frame.length >> 1)));
    expect(results).toEqual(expected);
  });

  test('it is found after garbage', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), expectRecovery));
  });

  test('it is found after one that was cut short', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: frame.length - 1 }), (length) =>
        expectRecovery(frame.subarray(0, length)),
      ),
    );
  });

  test('a changed bit never makes another telegram where a checksum watches', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: frame.length * 8 - 1 }), (bit) => {
        const broken = Uint8Array.from(frame);
        broken[bit >> 3]! ^= 1 << (bit & 7);
        expectRecovery(broken);
      }),
      { numRuns: 200 },
    );
  });

  test('nor do lost or repeated bytes', () => {
    const place = fc.integer({ min: 0, max: frame.length - 1 });
    fc.assert(
      fc.property(place, place, (first, second) => {
        expectRecovery(Buffer.concat([frame.subarray(0, first), frame.subarray(second)]));
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ['letters', Buffer.alloc(10_000_000, 'A')],
    ['zeros', Buffer.alloc(10_000_000)],
    [
      'its own beginning and letters',
      Buffer.concat([frame.subarray(0, frame.length >> 1), Buffer.alloc(1e7, 'A')]),
    ],
    ['its own beginnings', Buffer.alloc(2_000_000, frame.subarray(0, 9))],
  ])('megabytes of %s are survived with few faults', (_name, flood) => {
    const subject = decoder();
    const faults = subject.push(flood);
    expect(faults.length).toBeLessThan(flood.length / 1000);
    expect(faults.every(isFault)).toBe(true);
    expect(subject.push(Buffer.concat([Buffer.from('\r\n'), recovery])).at(-1)).toEqual(
      expected[0],
    );
  });
});

const telegramsOf = (results: readonly (Telegram | Fault)[]): readonly Telegram[] =>
  results.filter((result): result is Telegram => !isFault(result));

function expectFaultsInside(results: readonly (Telegram | Fault)[], length: number): void {
  for (const { offset, detail } of results.filter(isFault)) {
    expect(offset).toBeGreaterThanOrEqual(0);
    expect(offset).toBeLessThan(length);
    expect(detail).not.toBe('');
  }
}
