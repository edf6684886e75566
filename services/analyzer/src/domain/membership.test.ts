import { describe, expect, test } from '@jest/globals';
import {
  nextMembership,
  startMembership,
  type Membership,
  type MembershipInput,
  type MembershipOutput,
} from './membership.js';

/** A replica `a` whose clock is moved by hand. */
class Replica {
  state: Membership = startMembership('a', 0);
  readonly said: MembershipOutput[] = [];
  nowMs = 0;
  /** Whether its own beats come back over the bus. */
  hearsItself = true;

  at(nowMs: number, input: MembershipInput = { kind: 'tick' }): this {
    this.nowMs = nowMs;
    const { state, outputs } = nextMembership(this.state, input, nowMs);
    this.state = state;
    this.said.push(...outputs);
    if (this.hearsItself && outputs.some(({ kind }) => kind === 'beat')) this.beat(nowMs, 'a');
    return this;
  }

  /** Ticks every 50 ms up to an instant. */
  until(endMs: number): this {
    for (let ms = this.nowMs + 50; ms <= endMs; ms += 50) this.at(ms);
    return this;
  }

  beat(nowMs: number, instance: string, boot = '1'): this {
    return this.at(nowMs, { kind: 'beat', instance, boot });
  }

  get beats(): number {
    return this.said.filter(({ kind }) => kind === 'beat').length;
  }
}

test('a replica alone owns all after the debounce', () => {
  const replica = new Replica().at(0).until(200);
  expect(replica.state.live).toEqual([]);
  expect(replica.until(250).state.live).toEqual(['a']);
});

test('a beat is said every second', () => {
  expect(new Replica().at(0).until(3000).beats).toBe(4);
});

test('a newcomer is answered at once, and only once', () => {
  const replica = new Replica().at(0).until(500);
  const before = replica.beats;
  replica.beat(510, 'b').beat(520, 'b');
  expect(replica.beats).toBe(before + 1);
  replica.beat(530, 'b', '2');
  expect(replica.beats).toBe(before + 2);
});

describe('another replica', () => {
  test('is alive 250 ms after its first beat', () => {
    const replica = new Replica().at(0).until(500).beat(510, 'b').at(759);
    expect(replica.state.live).toEqual(['a']);
    expect(replica.at(760).state.live).toEqual(['a', 'b']);
  });

  test('is dead when it was not heard for 3.5 s', () => {
    const replica = new Replica().at(0).beat(10, 'b').until(3700);
    expect(replica.state.live).toEqual(['a', 'b']);
    expect(replica.until(3800).state.live).toEqual(['a']);
  });

  test('is not dead while what it says itself does not come back either', () => {
    const replica = new Replica().at(0).beat(10, 'b').until(300);
    replica.hearsItself = false;
    expect(replica.until(20_000).state.live).toEqual(['a', 'b']);
    for (let i = 0; i < 3; i += 1) replica.beat(20_000, 'a');
    expect(replica.until(20_300).state.live).toEqual(['a']);
  });

  test('that is heard behind late beats of its own lives on', () => {
    const replica = new Replica().at(0).beat(10, 'b').until(300);
    replica.hearsItself = false;
    // Everything comes five seconds late, in the order in which it was said.
    replica.until(5_000);
    for (let ms = 5_300; ms <= 20_300; ms += 1_000) replica.until(ms).beat(ms, 'a').beat(ms, 'b');
    expect(replica.said).not.toContainEqual({ kind: 'live', replicas: ['a'] });
  });

  test('is dead 250 ms after its last will', () => {
    const replica = new Replica().at(0).beat(10, 'b').until(1000);
    replica.at(1000, { kind: 'gone', instance: 'b' }).at(1249);
    expect(replica.state.live).toEqual(['a', 'b']);
    expect(replica.at(1250).state.live).toEqual(['a']);
  });

  test('that comes back within the debounce changes nothing', () => {
    const replica = new Replica().at(0).beat(10, 'b').until(1000);
    const said = replica.said.length;
    replica.at(1000, { kind: 'gone', instance: 'b' }).beat(1100, 'b', '2').at(1300);
    expect(replica.said.slice(said)).toEqual([{ kind: 'beat' }]);
    expect(replica.state.live).toEqual(['a', 'b']);
  });
});

test('silence while the bus was away, or while this process was frozen, kills nobody', () => {
  const away = new Replica().at(0).beat(10, 'b').until(1000);
  away.at(30_000, { kind: 'reconnected' }).until(33_000);
  expect(away.state.live).toEqual(['a', 'b']);
  expect(away.until(34_000).state.live).toEqual(['a']);
  const frozen = new Replica().at(0).beat(10, 'b').until(1000).at(9000);
  expect(frozen.until(12_000).state.live).toEqual(['a', 'b']);
  expect(frozen.until(13_000).state.live).toEqual(['a']);
});

test('its own beat tells a replica nothing', () => {
  expect(new Replica().beat(10, 'a').until(500).state.live).toEqual(['a']);
});
