import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pulseReader, pulsesIn } from './pulse-decoder.js';
import { lookAtPulseLine, type LookedAt, type PulseLine } from './pulse-line.js';
import { s0LengthMsMin } from './pulse-options.js';

/** Times are multiples of an eighth of a millisecond, which sums state exactly. */
const eighths = (fromMs: number, belowMs: number): fc.Arbitrary<number> =>
  fc.integer({ min: fromMs * 8, max: belowMs * 8 - 1 }).map((eighth) => eighth / 8);

/** The line's phases in turn, beginning at rest. */
type Phases = readonly number[];

const isActiveAt = (phases: Phases, atMs: number): boolean => {
  let endMs = 0;
  const phase = phases.findIndex((ms) => (endMs += ms) > atMs);
  return phase % 2 === 1;
};

function lookAt(phases: Phases, gapsMs: readonly number[]): readonly LookedAt[] {
  const endMs = phases.reduce((sum, ms) => sum + ms, 0);
  const looks: LookedAt[] = [];
  let line: PulseLine | null = null;
  for (let nowMs = 0, turn = 0; nowMs < endMs; nowMs += gapsMs[turn++ % gapsMs.length]!) {
    const look = { nowMs, isActive: isActiveAt(phases, nowMs) };
    looks.push(lookAtPulseLine(line, look, s0LengthMsMin));
    line = looks.at(-1)!.line;
  }
  return looks;
}

const pulsesOf = (looks: readonly LookedAt[]): number =>
  looks.reduce((sum, { pulses }) => sum + pulses, 0);

const gaps = (belowMs: number) => fc.array(eighths(0.5, belowMs), { minLength: 1, maxLength: 40 });
/** Half of them as short as a pulse may be, where a look too late or too early would tell. */
const length = fc.oneof(fc.constant(s0LengthMsMin), eighths(s0LengthMsMin, 200));

describe('a line that is looked at', () => {
  test('counts each pulse once, whatever the jitter under half the shortest one', () => {
    const pulses = fc.array(fc.tuple(length, length), { maxLength: 40 });
    fc.assert(
      fc.property(pulses, gaps(s0LengthMsMin / 2), (pairs, gapsMs) => {
        const looks = lookAt([...pairs.flat(), s0LengthMsMin], gapsMs);
        expect(pulsesOf(looks)).toBe(pairs.length);
        expect(looks.some(({ tooShort, unseenMs }) => tooShort || unseenMs > 0)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  const lookMsMax = 10;
  /** Back and forth, under 10 ms in all; an even number, to end as it began. */
  const bounces = fc
    .array(fc.tuple(eighths(0.125, 1.5), eighths(0.125, 1.5)), { maxLength: 3 })
    .map((pairs) => pairs.flat());

  test('counts a pulse once that bounces for less than the shortest one and two looks', () => {
    const pulse = fc.tuple(length, bounces, length, bounces);
    fc.assert(
      fc.property(fc.array(pulse, { maxLength: 30 }), gaps(lookMsMax), (pulses, gapsMs) => {
        const phases = pulses.flatMap(([rest, on, hold, off]) => [rest, ...on, hold, ...off]);
        expect(pulsesOf(lookAt([...phases, s0LengthMsMin], gapsMs))).toBe(pulses.length);
      }),
      { numRuns: 500 },
    );
  });

  test('counts no spike, and says so with the next one', () => {
    const spikes = fc.array(fc.tuple(length, eighths(0.125, 10)), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(spikes, gaps(lookMsMax), (pairs, gapsMs) => {
        const looks = lookAt([...pairs.flat(), 40, 40, 40], gapsMs);
        expect(pulsesOf(looks)).toBe(1);
        const told = looks.filter(({ tooShort }) => tooShort).length;
        expect(told).toBeLessThanOrEqual(pairs.length);
      }),
    );
    const looks = lookAt([40, 5, 40, 5, 40], [2]);
    expect(looks.filter(({ tooShort }) => tooShort)).toHaveLength(1);
  });

  test('that stays active counts once, and once more after a pause', () => {
    fc.assert(
      fc.property(gaps(s0LengthMsMin / 2), eighths(1_000, 20_000), (gapsMs, stuckMs) => {
        expect(pulsesOf(lookAt([30, stuckMs], gapsMs))).toBe(1);
        expect(pulsesOf(lookAt([30, stuckMs, 30, 30, 30], gapsMs))).toBe(2);
      }),
      { numRuns: 50 },
    );
  });

  test('counts what is active as soon as it has lasted long enough', () => {
    const looks = lookAt([40, 200], [10]);
    expect(looks.findIndex(({ pulses }) => pulses === 1)).toBe(6);
  });

  test('that is active at the first look may have been counted before', () => {
    expect(pulsesOf(lookAt([0, 100, 50, 50, 50], [10]))).toBe(1);
  });

  test('knows nothing of it after a second without a look', () => {
    const [first] = lookAt([1], [1]);
    const late = lookAtPulseLine(first!.line, { nowMs: 1_001, isActive: true }, 30);
    expect(late).toMatchObject({ pulses: 0, unseenMs: 0 });
    const next = lookAtPulseLine(late.line, { nowMs: 1_051, isActive: true }, 30);
    expect(next).toMatchObject({ pulses: 0, unseenMs: 50 });
  });
});

test('a control line is read look by look, and what could not be counted is told', () => {
  const read = pulseReader({ input: 'cts' });
  const look = (nowMs: number, state: 0 | 1) => read({ nowMs, bytes: Uint8Array.of(state) });
  expect(read({ nowMs: 0, bytes: new Uint8Array(0) })).toEqual([]);
  const states = [0, 0, 1, 1, 1, 0, 0, 0, 0] as const;
  expect(pulsesIn(states.flatMap((state, i) => look(i * 10, state)))).toBe(1);
  expect(look(120, 0)).toMatchObject([{ fault: 'truncated', offset: 9 }]);
  expect(
    [look(130, 1), look(135, 0), look(145, 0), look(155, 0), look(165, 1)].flat(),
  ).toMatchObject([{ fault: 'noise' }]);
});

test('a slow contact has longer pulses and may bounce for longer', () => {
  const read = pulseReader({ input: 'dcd', lengthMsMin: 100 });
  const states = [...'0000000000111011101111111111000000000000'].map(Number);
  const results = states.flatMap((state, i) =>
    read({ nowMs: i * 10, bytes: Uint8Array.of(state) }),
  );
  expect(results).toHaveLength(1);
  expect(pulsesIn(results)).toBe(1);
});
