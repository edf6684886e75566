import type { Fault, Telegram } from '@wattbus/energy-model';
import {
  describeSettings,
  type ConversationOutput,
  type Detected,
  type SerialSettings,
} from '@wattbus/meter-protocols';
import type { MeterInput } from './meter-input.js';

export interface Heard {
  readonly results: readonly (Telegram | Fault)[];
  readonly found: Detected | null;
}

export interface TurnsStep {
  /** What each meter said, in the order of the inputs. */
  readonly heard: readonly Heard[];
  readonly effects: ConversationOutput['effects'];
  readonly wakeAtMs: number;
}

interface Turn {
  readonly input: MeterInput;
  /** When it wants to ask again. */
  dueAtMs: number;
  results: (Telegram | Fault)[];
  found: Detected | null;
}

/**
 * The meters of one pair of wires. One alone is simply read; of several, each is asked to the end
 * before the next one that is due has its turn, so that one which does not answer holds the others
 * up for its time-outs but never silences them.
 */
export class BusTurns {
  readonly #turns: readonly Turn[];
  /** Whose turn it is; the one before while nobody asks. */
  #current = 0;
  #asking = false;
  #settings: SerialSettings;
  #effects: ConversationOutput['effects'][number][] = [];

  constructor(inputs: readonly MeterInput[]) {
    this.#turns = inputs.map((input) => ({ input, dueAtMs: -Infinity, results: [], found: null }));
    this.#settings = inputs[0]!.settings;
  }

  step({ nowMs, bytes }: { nowMs: number; bytes: Uint8Array }): TurnsStep {
    this.#effects = [];
    for (const turn of this.#turns) Object.assign(turn, { results: [], found: null });
    const isAlone = this.#turns.length === 1;
    // A late answer belongs to whoever asked last.
    if (isAlone || this.#asking || bytes.length > 0) this.#ask(this.#current, nowMs, bytes);
    if (!isAlone) this.#passOn(nowMs);
    return {
      heard: this.#turns.map(({ results, found }) => ({ results, found })),
      effects: this.#effects,
      wakeAtMs: this.#asking || isAlone ? this.#turns[this.#current]!.dueAtMs : this.#nextDueAtMs(),
    };
  }

  #nextDueAtMs(): number {
    return Math.min(...this.#turns.map(({ dueAtMs }) => dueAtMs));
  }

  /** Gives the turn to those that are due, once each, until one has asked something. */
  #passOn(nowMs: number): void {
    const count = this.#turns.length;
    const first = this.#current;
    for (let step = 1; step <= count && !this.#asking; step += 1) {
      const next = (first + step) % count;
      if (this.#turns[next]!.dueAtMs <= nowMs) this.#ask(next, nowMs, nothing);
    }
  }

  #ask(index: number, nowMs: number, bytes: Uint8Array): void {
    const turn = this.#turns[index]!;
    const { settings } = turn.input;
    if (describeSettings(settings) !== describeSettings(this.#settings) && this.#turns.length > 1) {
      this.#settings = settings;
      this.#effects.push({ settings });
    }
    const { results, effects, wakeAtMs, found, resting } = turn.input.step({ nowMs, bytes });
    turn.results.push(...results);
    turn.found ??= found;
    turn.dueAtMs = wakeAtMs;
    this.#effects.push(...effects);
    this.#current = index;
    this.#asking = !resting;
  }
}

const nothing = new Uint8Array(0);
