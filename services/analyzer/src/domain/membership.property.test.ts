import { expect, test } from '@jest/globals';
import { seededRandom } from '@wattbus/energy-model';
import fc from 'fast-check';
import {
  BEAT_MS,
  DEBOUNCE_MS,
  nextMembership,
  SILENCE_MS_MAX,
  startMembership,
  type Membership,
  type MembershipInput,
} from './membership.js';
import { ownersOf } from './rendezvous.js';

const TICK_MS = 50;
const names = ['a', 'b', 'c', 'd'] as const;
/** A message may be under way for so long while the network is bad. */
const LATE_MS_MAX = 4_000;
const BAD_MS = 20_000;
/** When all that was late is through, and the dead have been silent for long enough. */
const SETTLED_MS = BAD_MS + LATE_MS_MAX + SILENCE_MS_MAX + BEAT_MS + DEBOUNCE_MS + 4 * TICK_MS;

interface UnderWay {
  readonly atMs: number;
  readonly to: string;
  readonly input: MembershipInput;
}

/**
 * Replicas whose messages, to themselves as well, come late, doubled or not at all until `BAD_MS`.
 */
class Network {
  readonly #chance: () => number;
  readonly #states = new Map<string, Membership>();
  readonly #boots = new Map<string, number>();
  readonly #frozenToMs = new Map<string, number>();
  #underWay: UnderWay[] = [];
  #nowMs = 0;

  constructor(seed: number) {
    this.#chance = seededRandom(seed);
  }

  get living(): readonly string[] {
    return [...this.#states.keys()].sort();
  }

  get views(): readonly (readonly string[])[] {
    return [...this.#states.values()].map(({ live }) => live);
  }

  run(toMs: number): this {
    for (; this.#nowMs < toMs; this.#nowMs += TICK_MS) {
      if (this.#nowMs < BAD_MS) for (const name of names) this.#disturb(name);
      else if (this.#nowMs === BAD_MS) this.#frozenToMs.clear();
      this.#deliver();
      for (const name of this.#states.keys()) this.#step(name, { kind: 'tick' });
    }
    return this;
  }

  /** Every few seconds something happens to each. */
  #disturb(name: string): void {
    if (!this.#states.has(name)) {
      if (this.#chance() < 0.02) this.#start(name);
      return;
    }
    const chance = this.#chance();
    if (chance < 0.005) this.#end(name);
    else if (chance < 0.015) this.#frozenToMs.set(name, this.#nowMs + this.#chance() * 8_000);
  }

  #start(name: string): void {
    this.#boots.set(name, (this.#boots.get(name) ?? 0) + 1);
    this.#states.set(name, startMembership(name, this.#nowMs));
    this.#step(name, { kind: 'reconnected' });
  }

  /** The broker says the last will, to whom it reaches. */
  #end(name: string): void {
    this.#states.delete(name);
    this.#frozenToMs.delete(name);
    this.#send({ kind: 'gone', instance: name });
  }

  #isFrozen = (name: string): boolean => (this.#frozenToMs.get(name) ?? 0) > this.#nowMs;

  #step(name: string, input: MembershipInput): void {
    const state = this.#states.get(name);
    if (!state || this.#isFrozen(name)) return;
    const { state: next, outputs } = nextMembership(state, input, this.#nowMs);
    this.#states.set(name, next);
    for (const { kind } of outputs) {
      if (kind !== 'beat') continue;
      this.#send({ kind, instance: name, boot: String(this.#boots.get(name)) });
    }
  }

  #send(input: MembershipInput): void {
    const isBad = this.#nowMs < BAD_MS;
    for (const to of names) {
      if (isBad && this.#chance() < 0.3) continue;
      const copies = isBad && this.#chance() < 0.2 ? 2 : 1;
      for (let i = 0; i < copies; i += 1) {
        const lateMs = isBad ? this.#chance() ** 3 * LATE_MS_MAX : TICK_MS;
        this.#underWay.push({ atMs: this.#nowMs + lateMs, to, input });
      }
    }
  }

  /** A frozen replica gets what came meanwhile when it thaws; one that is dead gets nothing. */
  #deliver(): void {
    const isDue = ({ atMs, to }: UnderWay): boolean => atMs <= this.#nowMs && !this.#isFrozen(to);
    const due = this.#underWay.filter(isDue);
    this.#underWay = this.#underWay.filter((one) => !isDue(one));
    for (const { to, input } of due) this.#step(to, input);
  }
}

test('after late, doubled and lost messages, deaths and freezes all replicas agree', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (seed) => {
      const network = new Network(seed).run(SETTLED_MS);
      const { living } = network;
      for (let ms = SETTLED_MS; ms < SETTLED_MS + 2 * SILENCE_MS_MAX; ms += 500) {
        expect(network.run(ms).views).toEqual(living.map(() => living));
      }
      const owners = new Set(ownersOf(living));
      expect([...owners].every((owner) => living.includes(owner))).toBe(living.length > 0);
    }),
    { numRuns: 60 },
  );
});
